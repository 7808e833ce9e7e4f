import { type ClaimDirectory, claimDirectories } from '#api/generated/definitions.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import { type Filling, populator } from './populator.ts';

/** Fills volumes with a directory of another claim, which lies in the namespace of the object that names it. */
export const directoryPopulator = populator<ClaimDirectory>({
  kind: claimDirectories,
  fillingOf: ({ metadata, spec }): Result<Filling> => {
    if (spec === undefined) return fail(`ClaimDirectory ${JSON.stringify(metadata.name)} has no spec: name a claim in spec.claimName`);
    const { claimName, path = '/', extractPath = '/' } = spec;
    return ok({
      order: { kind: 'directory', from: path, into: extractPath },
      copyOf: { namespace: metadata.namespace ?? '', name: claimName },
    });
  },
});
