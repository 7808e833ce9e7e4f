/** A registry before the first slash (distribution reference `splitDockerDomain`): what has a dot, a port or an upper-case letter, or is localhost. */
const DOMAIN =
  /^(?=[^/]*[.:A-Z]|localhost\/)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::\d+)?\//;
/** A path, a tag and a digest (distribution reference grammar). */
const REST =
  /^(?<path>[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*)(?::(?<tag>\w[\w.-]{0,127}))?(?<digest>@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/;
/** Most characters of a path (distribution reference `RepositoryNameTotalLengthMax`), which for a single word has this in front. */
const MAX_CHARS = 255;
const LIBRARY = 'library/';
/** What would be taken for an image's id. */
const ID = /^[a-f0-9]{64}$/;

/** True for the name of an image that stands for other images later: without a tag or digest, or `latest`. What is no name at all stands for nothing. */
export function isFloatingReference(image: string): boolean {
  if (ID.test(image)) return false;
  const rest = image.replace(DOMAIN, '');
  const { path = '', tag, digest } = REST.exec(rest)?.groups ?? { tag: 'none' };
  const isWord = rest === image && !path.includes('/');
  const isTooLong = path.length + (isWord ? LIBRARY.length : 0) > MAX_CHARS;
  return !isTooLong && digest === undefined && (tag ?? 'latest') === 'latest';
}
