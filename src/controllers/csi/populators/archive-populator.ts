import { type Archive, archives } from '#api/generated/definitions.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import { type Filling, type Populator, populator } from './populator.ts';

/** Fills volumes with the files of an archive that is fetched over HTTP or HTTPS; `allowedHosts` may be of this machine. */
export function archivePopulator(allowedHosts: readonly string[]): Populator {
  return populator<Archive>({
    kind: archives,
    fillingOf: ({ metadata, spec }): Result<Filling> => {
      if (spec === undefined) return fail(`Archive ${JSON.stringify(metadata.name)} has no spec: say in spec.sourceURL where it is`);
      const { sourceURL: url, sha256, extractPath = '/', archivePath, caBundle } = spec;
      return ok({ order: { kind: 'archive', url, allowedHosts, sha256, caBundle, into: extractPath, part: archivePath } });
    },
  });
}
