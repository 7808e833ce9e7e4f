import { createHash } from 'node:crypto';
import type {
  CSIDriver,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  SecretReference,
  Volume,
  VolumeError,
} from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { csiDrivers, persistentVolumeClaims, persistentVolumes, secrets, volumeAttachments } from '#api/resources.ts';
import { attachmentSeed, needsAttachment } from '#api/storage/attachment.ts';
import { isTranslated, translateVolume } from '#api/storage/in-tree/translate-volume.ts';
import { ERROR_CODES } from '#kit/error-codes.ts';
import { hasCode } from '#kit/errors.ts';
import { md5 } from '#kit/md5.ts';
import type { Client } from '#machinery/client/client.ts';
import { csiCapabilityOf } from '#protocols/csi/volume-capability.ts';
import type { CsiVolume } from './csi-volumes.ts';
import { driverTokens } from './driver-tokens.ts';
import type { PodTokens } from './pod-tokens.ts';
import { AttachmentLimitExceeded, VolumeNotReady } from './volume-error.ts';

/** The claim of a pod's volume and the volume that it is bound to, as the CSI driver knows it where one has taken over its source. */
export interface BoundClaim {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
  readonly isReadOnly: boolean;
}

/** Reads what stands behind a claim volume. @throws VolumeNotReady where the claim is missing, unbound or bound to something else */
export async function readBoundClaim(client: Client, pod: Pod, source: Volume): Promise<BoundClaim> {
  const claim = await readClaim(client, pod, source);
  const { name } = claim.metadata;
  const volumeName = claim.spec.volumeName ?? '';
  if (claim.status?.phase !== 'Bound' || volumeName === '') {
    throw new VolumeNotReady(`persistentvolumeclaim ${JSON.stringify(name)} is not bound yet (${claim.status?.phase ?? 'Pending'})`);
  }
  const volume = await getIfAny(client, persistentVolumes, { namespace: '', name: volumeName });
  if (volume === undefined)
    throw new VolumeNotReady(`persistentvolume ${JSON.stringify(volumeName)} of claim ${JSON.stringify(name)} not found`);
  if (volume.spec.claimRef?.uid !== claim.metadata.uid) {
    throw new VolumeNotReady(`persistentvolume ${JSON.stringify(volumeName)} is bound to another claim than ${JSON.stringify(name)}`);
  }
  return { claim, volume: translateVolume(volume, md5), isReadOnly: source.persistentVolumeClaim?.readOnly === true };
}

async function readClaim(client: Client, pod: Pod, source: Volume): Promise<PersistentVolumeClaim> {
  const namespace = pod.metadata.namespace ?? '';
  const name = source.persistentVolumeClaim?.claimName ?? `${pod.metadata.name}-${source.name}`;
  const claim = await getIfAny(client, persistentVolumeClaims, { namespace, name });
  if (claim === undefined) throw new VolumeNotReady(`persistentvolumeclaim ${JSON.stringify(name)} not found`);
  const isOwned = claim.metadata.ownerReferences?.some((owner) => owner.uid === pod.metadata.uid) === true;
  if (source.ephemeral === undefined || isOwned) return claim;
  throw new VolumeNotReady(
    `PVC ${JSON.stringify(name)} was not created for the pod (the pod is not its owner); delete or rename the claim`,
  );
}

/** Everything that a CSI driver is told about the volume. @throws VolumeNotReady while it is not attached or a secret is missing; AttachmentLimitExceeded */
export async function describeCsiVolume(
  client: Client,
  bound: Pick<BoundClaim, 'volume' | 'isReadOnly'>,
  use: { readonly pod: Pod; readonly capabilities: ReadonlySet<string>; readonly tokens: PodTokens | undefined },
): Promise<CsiVolume | undefined> {
  const csi = bound.volume.spec.csi;
  if (csi === undefined) return undefined;
  const driver = await getIfAny(client, csiDrivers, { namespace: '', name: csi.driver });
  const podInfo = driver?.spec.podInfoOnMount === true ? podInfoOf(use.pod) : {};
  const tokens = await driverTokens(use.tokens, use.pod, driver);
  const readContext = (): ReturnType<typeof readPublishContext> => readPublishContext(client, { ...use, volume: bound.volume, driver });
  return {
    driver: csi.driver,
    volumeHandle: csi.volumeHandle,
    capability: csiCapabilityOf(bound.volume.spec, { hasSingleNodeMultiWriter: use.capabilities.has('SINGLE_NODE_MULTI_WRITER') }),
    isReadOnly: bound.isReadOnly || csi.readOnly === true,
    isMigrated: isTranslated(bound.volume),
    isForOnePod: bound.volume.spec.accessModes?.includes('ReadWriteOncePod') === true,
    takesFsGroup: takesFsGroup(bound, driver?.spec.fsGroupPolicy ?? 'ReadWriteOnceWithFSType'),
    volumeContext: { ...csi.volumeAttributes },
    podContext: { ...podInfo, ...tokens.context },
    isAttached: needsAttachment(driver),
    ...(needsAttachment(driver)
      ? { publishContext: await readContext(), verifyAttached: async () => void (await readContext()) }
      : { publishContext: {} }),
    stageSecrets: await readDriverSecret(client, csi.nodeStageSecretRef),
    publishSecrets: { ...(await readDriverSecret(client, csi.nodePublishSecretRef)), ...tokens.secrets },
  };
}

/** Whether files of the volume are given to the pod's fsGroup, by the driver's fsGroupPolicy (storage/v1 CSIDriverSpec). Pure. */
export function takesFsGroup({ volume, isReadOnly }: Pick<BoundClaim, 'volume' | 'isReadOnly'>, policy: string): boolean {
  const { volumeMode, csi, accessModes = [] } = volume.spec;
  if (volumeMode === 'Block' || isReadOnly || csi?.readOnly === true || policy === 'None') return false;
  if (policy === 'File') return true;
  const isOnOneNode = accessModes.length > 0 && accessModes.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod');
  return isOnOneNode && (csi?.fsType ?? '') !== '';
}

/** What a driver with podInfoOnMount is told of the pod. Pure. */
export function podInfoOf(pod: Pod): Record<string, string> {
  return {
    'csi.storage.k8s.io/pod.name': pod.metadata.name,
    'csi.storage.k8s.io/pod.namespace': pod.metadata.namespace ?? '',
    'csi.storage.k8s.io/pod.uid': pod.metadata.uid,
    'csi.storage.k8s.io/serviceAccount.name': pod.spec.serviceAccountName ?? '',
  };
}

/** The name that attach/detach controllers give (kubernetes csi_attacher.go getAttachmentName). Pure. */
function attachmentName(volume: PersistentVolume, node: string): string {
  return `csi-${createHash('sha256').update(attachmentSeed(volume, node)).digest('hex')}`;
}

async function readPublishContext(
  client: Client,
  { volume, pod, driver }: { readonly volume: PersistentVolume; readonly pod: Pod; readonly driver: CSIDriver | undefined },
): Promise<Readonly<Record<string, string>>> {
  const node = pod.spec.nodeName ?? '';
  const name = attachmentName(volume, node);
  const attachment = await getIfAny(client, volumeAttachments, { namespace: '', name });
  // why: it is detached at any moment, whatever it still says (kubelet csi_util.go, verifyAttachmentStatus)
  if (attachment?.metadata.deletionTimestamp !== undefined)
    throw new VolumeNotReady(`volume ${volume.metadata.name} is being detached from node ${node}; it is mounted once it is attached anew`);
  if (attachment?.status?.attached === true) return attachment.status.attachmentMetadata ?? {};
  throw whyUnattached(attachment?.status?.attachError, { driver, what: volume.metadata.name, node });
}

function whyUnattached(
  { message, errorCode }: VolumeError = {},
  { driver, what, node }: { readonly driver: CSIDriver | undefined; readonly what: string; readonly node: string },
): AttachmentLimitExceeded | VolumeNotReady {
  // why only of such drivers: the others' counts stay as they are, and the pod would be placed here again
  if (driver?.spec.nodeAllocatableUpdatePeriodSeconds !== undefined && errorCode === ERROR_CODES.ResourceExhausted.grpc)
    return new AttachmentLimitExceeded(driver.metadata.name, `volume ${what}: ${message ?? ''}`);
  return new VolumeNotReady(`volume ${what} is not attached to node ${node} yet${message === undefined ? '' : `: ${message}`}`);
}

/** A secret that a volume names for its driver; nothing where it names none. @throws VolumeNotReady where it is missing */
export async function readDriverSecret(client: Client, ref: SecretReference | undefined): Promise<Record<string, string>> {
  if (ref === undefined) return {};
  const secret = await getIfAny(client, secrets, { namespace: ref.namespace ?? '', name: ref.name ?? '' });
  if (secret === undefined)
    throw new VolumeNotReady(`secret ${JSON.stringify(`${ref.namespace}/${ref.name}`)} of the volume's driver not found`);
  return Object.fromEntries(
    Object.entries(secret.data ?? {}).map(([key, base64]) => [key, Buffer.from(base64, 'base64').toString('utf8')]),
  );
}

/** The object, or undefined where there is none. */
export async function getIfAny<K extends KubeObject>(
  client: Pick<Client, 'get'>,
  resource: Resource<K>,
  key: { readonly namespace: string; readonly name: string },
): Promise<K | undefined> {
  try {
    return await client.get(resource, key);
  } catch (error) {
    if (hasCode(error, 'NotFound')) return undefined;
    throw error;
  }
}
