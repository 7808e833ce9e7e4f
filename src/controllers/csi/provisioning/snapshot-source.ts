import { whyModesUnrestorable } from '#api/capabilities/restore-modes.ts';
import { type VolumeSnapshot, type VolumeSnapshotContent, volumeSnapshotContents, volumeSnapshots } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { requestedBytesOf, volumeModeOf } from '#api/storage/claim.ts';
import { dataSourceOf, describeSource } from '#api/storage/data-source.ts';
import { ALLOW_MODE_CHANGE, RESTORING_PROTECTION, restoreSourceKeyOf, snapshotHandleOf } from '#api/storage/snapshot.ts';
import { hasCode } from '#kit/errors.ts';
import { formatBytes } from '#kit/quantity.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import type { VolumeContentSource } from '#protocols/csi/generated/messages.ts';

/** The snapshot that a volume is to be made from, and its content. */
export interface SnapshotSource {
  readonly kind: 'snapshot';
  readonly snapshot: VolumeSnapshot | undefined;
  readonly content: VolumeSnapshotContent | undefined;
}

/** Reads what `claim` is to be filled from where that is a snapshot. Its kinds may not be served here at all: then there is none. */
export async function readSnapshotSource(
  { client }: Pick<Ctx, 'client'>,
  claim: PersistentVolumeClaim,
): Promise<SnapshotSource | undefined> {
  const key = restoreSourceKeyOf(claim);
  if (key === undefined) return undefined;
  const snapshot = await orAbsent(client.get(volumeSnapshots, key));
  const name = snapshot?.status?.boundVolumeSnapshotContentName;
  const content = name === undefined ? undefined : await orAbsent(client.get(volumeSnapshotContents, { namespace: '', name }));
  return { kind: 'snapshot', snapshot, content };
}

async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}

/** Why `claim` can't be made from its snapshot, whatever its size (external-provisioner's controller.go getSnapshotSource); undefined where it can. Pure. */
export function whyNotRestorable(claim: PersistentVolumeClaim, storageClass: StorageClass, source: SnapshotSource): string | undefined {
  return aboutSnapshot(
    claim,
    snapshotProblem(source) ?? contentProblem(claim, storageClass, source) ?? whyModesUnrestorable(claim, storageClass.provisioner),
  );
}

/** Why `claim` is too small for what its snapshot holds; undefined where it is not. Pure. */
export function whySmallerThanSnapshot(claim: PersistentVolumeClaim, { content }: SnapshotSource): string | undefined {
  return content === undefined ? undefined : aboutSnapshot(claim, sizeProblem(claim, content));
}

function aboutSnapshot(claim: PersistentVolumeClaim, problem: string | undefined): string | undefined {
  const source = dataSourceOf(claim);
  return source === undefined || problem === undefined ? undefined : `${describeSource(source)}: ${problem}`;
}

/** How the driver is told of the snapshot; undefined where it can't be told. */
export function contentOfSnapshot(source: SnapshotSource): VolumeContentSource | undefined {
  const snapshotId = source.content === undefined || !isOwn(source) ? undefined : snapshotHandleOf(source.content);
  return snapshotId === undefined ? undefined : { snapshot: { snapshotId } };
}

function snapshotProblem({ snapshot, content }: SnapshotSource): string | undefined {
  if (snapshot === undefined) return 'it does not exist: create it first';
  // why: once a volume is begun from it, it stays until the last one is made
  if (isDeleting(snapshot) && !hasFinalizer(snapshot, RESTORING_PROTECTION)) return 'it is being deleted: name another';
  if (snapshot.status?.boundVolumeSnapshotContentName === undefined) return 'it has no content yet: it is waited for';
  return content === undefined ? 'its content is gone' : undefined;
}

function contentProblem(claim: PersistentVolumeClaim, { provisioner }: StorageClass, source: SnapshotSource): string | undefined {
  const { snapshot, content } = source;
  if (content === undefined) return undefined;
  if (!isOwn(source)) return 'its content is bound to another snapshot';
  const { driver } = content.spec;
  if (driver !== provisioner)
    return `it is of the driver ${JSON.stringify(driver)}, and the class of ${JSON.stringify(provisioner)}: use a class of the same driver`;
  if (snapshot?.status?.readyToUse !== true || snapshotHandleOf(content) === undefined) return 'it is not ready yet: it is waited for';
  return modeProblem(claim, content);
}

function sizeProblem(claim: PersistentVolumeClaim, { status }: VolumeSnapshotContent): string | undefined {
  const [wanted, least] = [requestedBytesOf(claim), BigInt(status?.restoreSize ?? 0)];
  if (wanted >= least) return undefined;
  return `it needs ${formatBytes(least)} and the claim asks for ${formatBytes(wanted)}: ask for ${formatBytes(least)} or more`;
}

function modeProblem(claim: PersistentVolumeClaim, { metadata, spec: { sourceVolumeMode } }: VolumeSnapshotContent): string | undefined {
  const mode = volumeModeOf(claim.spec);
  if (sourceVolumeMode === undefined || sourceVolumeMode === mode || metadata.annotations?.[ALLOW_MODE_CHANGE] === 'true') return undefined;
  return `its volumeMode is ${sourceVolumeMode} and that of the claim ${mode}: ask for the same, or have an administrator annotate the content ${metadata.name} with ${ALLOW_MODE_CHANGE}=true`;
}

function isOwn({ snapshot, content }: SnapshotSource): boolean {
  const { uid, name, namespace } = content?.spec.volumeSnapshotRef ?? {};
  const own = snapshot?.metadata;
  return uid === own?.uid && name === own?.name && namespace === own?.namespace;
}
