import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { type Words, words, wordsText } from '#api/explanation.ts';
import { type Draft, formatKey, keyOf, type ObjectKey } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes, pods } from '#api/resources.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { wantsGrowth } from '#api/storage/growth.ts';
import { reclaimPolicyOf } from '#api/storage/volume.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';

/** A growth can't be given up as things are; nothing was changed. */
export class RecoveryRefused extends PlatformError {
  readonly words: Words;

  constructor(why: Words) {
    super({ code: 'FailedPrecondition', reason: 'RecoveryRefused', message: wordsText(why, 'en') });
    this.words = why;
  }
}

/** What giving up needs; `tell` is told each step that was done. */
export interface RecoveryTools {
  readonly client: Client;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly tell: (step: Words) => void;
}

/** What the volume remembers while its claim is made anew, so that a recovery that was interrupted is finished by asking again. */
interface Remembered {
  /** The claim that goes. */
  readonly uid: string;
  readonly policy: string;
  /** The claim that comes. */
  readonly claim: Draft<PersistentVolumeClaim>;
}

/** On a volume: {@link Remembered}, as JSON. */
const REMEMBERED = 'recovery.stowage.dev/claim';
const POLL_MS = 200;

/**
 * Takes a claim whose growth failed back to the size that it has, by the documents' six steps, without touching the data: the volume is kept (Retain),
 * the claim deleted, the volume reserved for the claim of that name, the claim made again, and the reclaim policy put back. May be interrupted and repeated.
 * @throws RecoveryRefused while pods use the claim, or where no growth is under way; ApiError
 */
export async function giveUpGrowth(tools: RecoveryTools, key: ObjectKey): Promise<void> {
  const claim = await getIfAny(tools, key);
  const volume = claim === undefined ? await findInterrupted(tools, key) : await volumeOf(tools, claim);
  const remembered = rememberedOf(volume) ?? (await remember(tools, volume, claim));
  if (claim?.metadata.uid === remembered.uid) await removeClaim(tools, claim);
  await reserve(tools, volume.metadata.name, { key, uid: remembered.uid });
  await makeClaim(tools, key, remembered.claim);
  const body = { metadata: { annotations: { [REMEMBERED]: null } }, spec: { persistentVolumeReclaimPolicy: remembered.policy } };
  await patchVolume(tools, volume.metadata.name, body);
  tools.tell(words('policyPutBack', { volume: volume.metadata.name, policy: remembered.policy }));
}

/** The first write: from here on the volume stays whatever happens to the claim, and knows how to get it back. */
async function remember(tools: RecoveryTools, volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): Promise<Remembered> {
  if (claim === undefined || !wantsGrowth(claim)) throw new RecoveryRefused(words('noGrowthToGiveUp'));
  const users = (await tools.client.list(pods, { namespace: claim.metadata.namespace ?? '' })).items.filter((pod) =>
    claimKeysOfPod(pod).includes(formatKey(keyOf(claim))),
  );
  if (users.length > 0) throw new RecoveryRefused(words('podsUseClaim', { pods: users.map(({ metadata }) => metadata.name).join(', ') }));
  const remembered: Remembered = { uid: claim.metadata.uid, policy: reclaimPolicyOf(volume), claim: draftOf(claim) };
  const annotations = { [REMEMBERED]: JSON.stringify(remembered) };
  await patchVolume(tools, volume.metadata.name, { metadata: { annotations }, spec: { persistentVolumeReclaimPolicy: 'Retain' } });
  tools.tell(words('volumeKept', { volume: volume.metadata.name }));
  return remembered;
}

/** The same claim with the size that its volume's user has, for this volume. */
function draftOf({ metadata, spec, status }: PersistentVolumeClaim): Draft<PersistentVolumeClaim> {
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([name]) => !/(^|\.)kubernetes\.io\//.test(name));
  const storage = status?.capacity?.['storage'] ?? '0';
  return {
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace ?? '',
      annotations: Object.fromEntries(annotations),
      ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
      ...(metadata.ownerReferences === undefined ? {} : { ownerReferences: metadata.ownerReferences }),
    },
    // why without the sources: the data is on the volume already
    spec: { ...spec, dataSource: undefined, dataSourceRef: undefined, resources: { ...spec.resources, requests: { storage } } },
  };
}

async function removeClaim(tools: RecoveryTools, claim: PersistentVolumeClaim): Promise<void> {
  await tools.client.delete(persistentVolumeClaims, keyOf(claim), { uid: claim.metadata.uid });
  await until(tools, async () => (await getIfAny(tools, keyOf(claim)))?.metadata.uid !== claim.metadata.uid);
  tools.tell(words('claimDeleted', { claim: formatKey(keyOf(claim)) }));
}

/** Nobody else gets the volume in between: it is free for a claim of that name only. */
async function reserve(tools: RecoveryTools, name: string, old: { readonly key: ObjectKey; readonly uid: string }): Promise<void> {
  const volume = await tools.client.get(persistentVolumes, { namespace: '', name });
  if (volume.spec.claimRef?.uid !== old.uid) return;
  await patchVolume(tools, name, { spec: { claimRef: { uid: null, resourceVersion: null } } });
  tools.tell(words('volumeReservedAgain', { volume: name }));
}

async function makeClaim(tools: RecoveryTools, key: ObjectKey, draft: Draft<PersistentVolumeClaim>): Promise<void> {
  try {
    await tools.client.create(persistentVolumeClaims, draft);
  } catch (thrown) {
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  }
  await until(tools, async () => (await getIfAny(tools, key))?.status?.phase === 'Bound');
  tools.tell(words('claimMadeAgain', { claim: formatKey(key), size: draft.spec.resources?.requests?.['storage'] ?? '' }));
}

async function until({ clock, signal }: RecoveryTools, isDone: () => Promise<boolean>): Promise<void> {
  while (!(await isDone())) await sleep(clock, POLL_MS, signal);
}

async function volumeOf({ client }: RecoveryTools, claim: PersistentVolumeClaim): Promise<PersistentVolume> {
  if (volumeNameOf(claim) === '') throw new RecoveryRefused(words('noVolumeToKeep'));
  return client.get(persistentVolumes, { namespace: '', name: volumeNameOf(claim) });
}

async function findInterrupted({ client }: RecoveryTools, key: ObjectKey): Promise<PersistentVolume> {
  const isOfClaim = (volume: PersistentVolume): boolean => {
    const metadata = rememberedOf(volume)?.claim.metadata;
    return metadata?.name === key.name && metadata.namespace === key.namespace;
  };
  const found = (await client.list(persistentVolumes)).items.find(isOfClaim);
  if (found === undefined) throw new RecoveryRefused(words('claimAndVolumeGone', { claim: formatKey(key) }));
  return found;
}

function rememberedOf({ metadata }: PersistentVolume): Remembered | undefined {
  const text = metadata.annotations?.[REMEMBERED];
  // why trusted: only this file writes the annotation
  return text === undefined ? undefined : trusted<Remembered>(JSON.parse(text));
}

async function getIfAny({ client }: RecoveryTools, key: ObjectKey): Promise<PersistentVolumeClaim | undefined> {
  try {
    return await client.get(persistentVolumeClaims, key);
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}

async function patchVolume({ client }: RecoveryTools, name: string, body: object): Promise<void> {
  await client.patch(persistentVolumes, { key: { namespace: '', name }, patch: { type: 'merge', body } });
}
