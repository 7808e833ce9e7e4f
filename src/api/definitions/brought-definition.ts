import type { ObjectMeta } from '../meta/object.ts';

/** The digest of a definition as Stowage brought it: another one says that it is of another version of Stowage. */
export const DEFINITION_DIGEST = 'stowage.dev/definition-digest';
/** `"false"` on a definition: Stowage leaves it alone. */
export const DEFINITION_AUTO_UPDATE = 'stowage.dev/autoupdate';

/** True where Stowage made the definition and may change it: not where somebody else did, or said that it is theirs now. */
export function isBroughtByStowage({ annotations = {} }: Pick<ObjectMeta, 'annotations'>): boolean {
  return annotations[DEFINITION_DIGEST] !== undefined && annotations[DEFINITION_AUTO_UPDATE] !== 'false';
}
