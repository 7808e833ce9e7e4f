import type { PersistentVolumeClaim } from '../generated/kubernetes.ts';
import { formatKey, type KubeObject, type ObjectKey, parseKey } from '../meta/object.ts';

/** Names of volume populators: what lib-volume-populator puts behind a populator's prefix, behind ours. */
const PREFIX = 'populators.stowage.dev/';

/** Where volumes are while they are filled. Whoever may write here may see what is filled in. */
export const POPULATOR_NAMESPACE = 'stowage-populators';
/** Keeps a claim while its volume is filled, so that what is made for it can be taken back. */
export const POPULATE_FINALIZER = `${PREFIX}populate-target-protection`;
/** On a volume: the namespace of its claim and the name of what it was filled from. */
export const POPULATED_FROM = `${PREFIX}populated-from`;
/** On what is made for a claim: that claim, as `namespace/name`. */
export const POPULATED_CLAIM = `${PREFIX}claim`;
/** Beside {@link POPULATED_CLAIM}: its UID. A claim that is made anew under the same name is another. */
export const POPULATED_UID = `${PREFIX}claim-uid`;
/** Beside {@link POPULATED_CLAIM}: the claim that is copied from, as `namespace/name`. */
export const COPIED_CLAIM = `${PREFIX}copied-claim`;
/** On the claim that is filled: how many fillings have failed. */
export const FAILED_FILLINGS = `${PREFIX}failed-fillings`;
/** On a populator's pod: the version of the source that it was made from. */
export const SOURCE_VERSION = `${PREFIX}source-version`;
/** On a VolumePopulator, with the kind of a populator of ours: objects of the registered kind have its fields, and are filled in as it does. */
export const FILLED_AS = `${PREFIX}filled-as`;
/** The condition of a claim whose volume is being filled; its message says how far. */
export const POPULATING = 'Populating';

/** The claim whose volume is filled, and which is handed over (`prime` in lib-volume-populator). */
export function primeKeyOf(uid: string): ObjectKey {
  return { namespace: POPULATOR_NAMESPACE, name: `prime-${uid}` };
}

/** The pod that fills it. */
export function fillPodKeyOf(uid: string): ObjectKey {
  return { namespace: POPULATOR_NAMESPACE, name: `populate-${uid}` };
}

/** The copy of the claim that is filled from, so that it can be read as it was whatever uses it. */
export function copyKeyOf(uid: string): ObjectKey {
  return { namespace: POPULATOR_NAMESPACE, name: `source-${uid}` };
}

/** The grant that lets the copy be made. */
export function grantNameOf(uid: string): string {
  return `populate-${uid}`;
}

/** The claim for which `object` was made; undefined where it was made for none. */
export function populatedClaimOf({ metadata }: KubeObject): { readonly key: ObjectKey; readonly uid: string } | undefined {
  const [text, uid] = [metadata.annotations?.[POPULATED_CLAIM], metadata.annotations?.[POPULATED_UID]];
  return text === undefined || uid === undefined ? undefined : { key: parseKey(text), uid };
}

/** What says of an object that it was made for `claim`. */
export function madeFor({ metadata }: PersistentVolumeClaim): Readonly<Record<string, string>> {
  return {
    [POPULATED_CLAIM]: formatKey({ namespace: metadata.namespace ?? '', name: metadata.name }),
    [POPULATED_UID]: metadata.uid,
  };
}
