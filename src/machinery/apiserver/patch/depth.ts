import { isDeeperThan, MAX_DEPTH } from '#api/schema/excess.ts';
import { PatchMalformed } from './errors.ts';

/** Every way to apply a patch recurses over it. @throws PatchMalformed where it nests deeper than any object may */
export function requireBoundedDepth(patch: unknown): void {
  if (isDeeperThan(patch, MAX_DEPTH)) throw new PatchMalformed(`the patch is nested deeper than ${MAX_DEPTH} levels`);
}
