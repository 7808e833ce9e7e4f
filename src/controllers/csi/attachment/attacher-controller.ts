import type { CSINode, PersistentVolume, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { addingFinalizer, hasFinalizer, isDeleting, removingFinalizer } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import { csiNodes, persistentVolumes, volumeAttachments } from '#api/resources.ts';
import { attacherFinalizer } from '#api/storage/attachment.ts';
import { formatTime } from '#kit/clock.ts';
import { ERROR_CODES } from '#kit/error-codes.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { isApiError, isConflict } from '#machinery/client/api-error.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import { Attempts } from '../driver-work/attempts.ts';
import type { ConnectedDrivers, DriverControllerDeps } from '../driver-work/drivers.ts';
import { ATTACHMENT_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { retryWhenBack } from '../driver-work/retry-when-back.ts';
import { migrated } from '../../migrated-volume.ts';
import { DriverAttacher } from './driver-attacher.ts';

interface Parts {
  readonly attachments: Informer<VolumeAttachment>;
  readonly volumes: Informer<PersistentVolume>;
  readonly csiNodes: Informer<CSINode>;
  readonly drivers: ConnectedDrivers;
  readonly attacher: DriverAttacher;
  readonly attempts: Attempts;
}

/** Volumes that one driver attaches at a time (external-attacher's `--worker-threads`). */
const CONCURRENCY = 10;
/** external-attacher's `--timeout`. */
const DEFAULT_TIMEOUT_MS = 15_000;

/** Does at connected drivers what VolumeAttachments say: what external-attacher does beside each driver. */
export function createAttacherController(deps: DriverControllerDeps): Controller<VolumeAttachment> {
  const { informers, drivers, clock, timeoutMs = DEFAULT_TIMEOUT_MS } = deps;
  const parts: Parts = {
    attachments: informers.for(volumeAttachments, ATTACHMENT_INDEXES),
    volumes: informers.for(persistentVolumes, VOLUME_INDEXES),
    csiNodes: informers.for(csiNodes),
    drivers,
    attacher: new DriverAttacher({ timeoutMs }),
    attempts: new Attempts(clock),
  };
  return {
    name: 'attacher',
    resource: volumeAttachments,
    informer: parts.attachments,
    triggers: [
      trigger(parts.csiNodes, ({ metadata }) =>
        parts.attachments.byIndex('node', metadata.name).map((attachment) => attachment.metadata.name),
      ),
    ],
    reads: [parts.volumes],
    wakeUps: retryWhenBack({
      ...parts,
      driverOf: (name) => parts.attachments.get({ namespace: '', name })?.spec.attacher,
      waitingFor: (driverName) => parts.attachments.byIndex('attacher', driverName).map(({ metadata }) => metadata.name),
    }),
    concurrency: CONCURRENCY,
    laneOf: ({ spec }) => spec.attacher,
    reconcile: (ctx, attachment) => reconcile(ctx, parts, attachment),
    reconcileGone: async (_ctx, key) => {
      parts.attempts.forget(key);
      return done;
    },
  };
}

async function reconcile(ctx: Ctx, parts: Parts, attachment: VolumeAttachment): Promise<Outcome> {
  const driver = parts.drivers.find(attachment.spec.attacher);
  if (driver === undefined || !isWorkLeft(attachment)) return done;
  const { name } = attachment.metadata;
  const identity = identityOf(parts, attachment);
  const waitMs = parts.attempts.waitMs(name, identity);
  if (waitMs > 0) return after(waitMs, 'waiting before the next try');
  try {
    await (isDeleting(attachment) ? detach : attach)(ctx, parts, { attachment, driver });
    parts.attempts.forget(name);
    return done;
  } catch (thrown) {
    if (ctx.signal.aborted || (isApiError(thrown) && hasCode(thrown, 'NotFound'))) return done;
    // why: somebody else wrote to the attachment or its volume, which says nothing of the driver; the newest is looked at in a moment
    if (isConflict(thrown)) throw thrown;
    const error = PlatformError.from(thrown);
    await reportError(ctx, attachment, error);
    return after(parts.attempts.failed(name, { ...identity, isInfeasible: false }), error.message);
  }
}

function identityOf(parts: Parts, attachment: VolumeAttachment): { readonly claimUid: string; readonly wish: string } {
  const work = isDeleting(attachment) ? 'detach' : 'attach';
  // why with the node's name at the driver: as soon as there is one, what failed for want of it is tried
  return { claimUid: attachment.metadata.uid, wish: `${work} ${nodeIdOf(parts, attachment) ?? ''}` };
}

/** Longest message of a VolumeError, in bytes (kubernetes storage validation, maxVolumeErrorMessageSize). */
const MAX_MESSAGE_BYTES = 1024;

function cut(message: string): string {
  const bytes = Buffer.from(message);
  // why the replacement character goes: the cut may be in the middle of one
  return bytes.length <= MAX_MESSAGE_BYTES
    ? message
    : `${bytes
        .subarray(0, MAX_MESSAGE_BYTES - 3)
        .toString()
        .replace(/\uFFFD+$/, '')}…`;
}

async function reportError(ctx: Ctx, attachment: VolumeAttachment, { code, message }: PlatformError): Promise<void> {
  const error = { message: cut(message), errorCode: ERROR_CODES[code].grpc, time: formatTime(ctx.clock.nowMs()) };
  await patchStatus(ctx, attachment, { [isDeleting(attachment) ? 'detachError' : 'attachError']: error });
}

function isWorkLeft(attachment: VolumeAttachment): boolean {
  return isDeleting(attachment)
    ? hasFinalizer(attachment, attacherFinalizer(attachment.spec.attacher))
    : attachment.status?.attached !== true;
}

interface Work {
  readonly attachment: VolumeAttachment;
  readonly driver: CsiClient;
}

async function attach(ctx: Ctx, parts: Parts, { attachment, driver }: Work): Promise<void> {
  const { attacher } = attachment.spec;
  const volume = requireVolume(parts, attachment);
  const finalizer = attacherFinalizer(attacher);
  // why before the call: after a crash the finalizers are what makes the detachment happen, and the volume's keeps its handle known
  if (!hasFinalizer(volume, finalizer))
    await ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body: addingFinalizer(volume, finalizer) } });
  const kept = hasFinalizer(attachment, finalizer)
    ? attachment
    : await ctx.client.patch(volumeAttachments, {
        key: keyOf(attachment),
        patch: { type: 'merge', body: addingFinalizer(attachment, finalizer) },
      });
  const attachmentMetadata = await parts.attacher.attach(ctx, driver, { volume, nodeId: requireNodeId(parts, attachment) });
  await patchStatus(ctx, kept, { attached: true, attachError: null, attachmentMetadata });
}

async function detach(ctx: Ctx, parts: Parts, { attachment, driver }: Work): Promise<void> {
  const finalizer = attacherFinalizer(attachment.spec.attacher);
  const volume = requireVolume(parts, attachment);
  const nodeId = nodeIdOf(parts, attachment);
  // why nothing to call: a node without the driver has nothing attached that the driver could name
  if (nodeId !== undefined) await parts.attacher.detach(ctx, driver, { volume, nodeId });
  await ctx.client.patch(volumeAttachments, {
    key: keyOf(attachment),
    patch: { type: 'merge', body: removingFinalizer(attachment, finalizer) },
  });
}

function requireVolume(parts: Parts, { spec }: VolumeAttachment): PersistentVolume {
  const name = spec.source.persistentVolumeName ?? '';
  const volume = migrated(parts.volumes.get({ namespace: '', name }));
  if (volume?.spec.csi !== undefined) return volume;
  throw new PlatformError({
    code: 'FailedPrecondition',
    reason: 'FailedAttachVolume',
    message: `persistentvolume ${JSON.stringify(name)} not found, or not of the CSI driver ${spec.attacher}`,
    retry: 'backoff',
  });
}

function nodeIdOf(parts: Parts, { spec }: VolumeAttachment): string | undefined {
  const csiNode = parts.csiNodes.get({ namespace: '', name: spec.nodeName });
  return csiNode?.spec.drivers.find(({ name }) => name === spec.attacher)?.nodeID;
}

function requireNodeId(parts: Parts, attachment: VolumeAttachment): string {
  const nodeId = nodeIdOf(parts, attachment);
  if (nodeId !== undefined) return nodeId;
  const { nodeName, attacher } = attachment.spec;
  throw new PlatformError({
    code: 'Unavailable',
    reason: 'FailedAttachVolume',
    message: `CSINode ${nodeName} does not contain driver ${attacher}: start the driver on that node`,
  });
}

async function patchStatus(ctx: Ctx, attachment: VolumeAttachment, status: object): Promise<void> {
  const patch = { type: 'merge', body: { metadata: { uid: attachment.metadata.uid }, status } } as const;
  await ctx.client.patch(volumeAttachments, { key: keyOf(attachment), patch }, { subresource: 'status' });
}
