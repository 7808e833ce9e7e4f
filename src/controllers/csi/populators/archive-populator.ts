import { archives } from '#api/generated/definitions.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import type { Filling, Populator } from './populator.ts';

/** Fills volumes with the files of an archive that is fetched over HTTP or HTTPS; `allowedHosts` may be of this machine. */
export function archivePopulator(allowedHosts: readonly string[]): Populator {
  return {
    kind: archives,
    fillingOf: (source): Result<Filling> => {
      const field = fieldsOf(source);
      const url = field('sourceURL');
      // why looked at again: kinds of others that have these fields have schemas of their own
      if (url === undefined || !/^https?:\/\/[^/]/.test(url))
        return fail(
          `${source.kind} ${JSON.stringify(source.metadata.name)}: spec.sourceURL is ${JSON.stringify(url ?? '')}: write https://HOST/PATH`,
        );
      const [sha256, caBundle, part, into = '/'] = [field('sha256'), field('caBundle'), field('archivePath'), field('extractPath')];
      return ok({ order: { kind: 'archive', url, allowedHosts, sha256, caBundle, into, part } });
    },
  };
}

/** Reads the texts of a spec. */
function fieldsOf(source: KubeObject): (name: string) => string | undefined {
  const spec = Object.entries(source).find(([name]) => name === 'spec')?.[1];
  return (name) => {
    const value = isRecord(spec) ? spec[name] : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
}
