/** Parts of a name of an image (distribution/reference). */
export interface ImageReference {
  /** With the registry and, on docker.io, `library/`: what registries are asked for. */
  readonly full: string;
  readonly registry: string;
}

const DEFAULT_REGISTRY = 'docker.io';
/** A first part with a dot, a port, or the name localhost is a registry; everything else belongs to the path. */
const REFERENCE =
  /^(?:(?<registry>localhost(?::\d+)?|[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?|[a-z0-9-]+:\d+)\/)?(?<path>[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** Reads the name of an image as people write it; undefined where it is none. Pure. */
export function parseReference(text: string): ImageReference | undefined {
  const { registry = DEFAULT_REGISTRY, path, tag = 'latest', digest } = REFERENCE.exec(text)?.groups ?? {};
  if (path === undefined) return undefined;
  const repository = registry === DEFAULT_REGISTRY && !path.includes('/') ? `library/${path}` : path;
  return { full: `${registry}/${repository}${digest === undefined ? `:${tag}` : `@${digest}`}`, registry };
}
