import type { CSINode, PersistentVolume, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { csiNodes, persistentVolumes, volumeAttachments } from '#api/resources.ts';
import { isTranslated } from '#api/storage/in-tree/translate-volume.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import type { DriverControllerDeps } from '../driver-work/drivers.ts';
import { DriverLadder, untilGone } from '../driver-work/ladder.ts';
import { ATTACHMENT_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { migrated } from '../../migrated-volume.ts';
import { type AttachmentSteps, attachmentSteps } from './attachment-steps.ts';
import { type AttachmentPlan, planAttachment } from './plan.ts';
import type { AttachmentOrder } from './publish-volume.ts';

interface Parts {
  readonly volumes: Informer<PersistentVolume>;
  readonly csiNodes: Informer<CSINode>;
  readonly ladder: DriverLadder;
  readonly steps: AttachmentSteps;
}

/** Volumes that one driver attaches at a time (external-attacher's `--worker-threads`). */
const CONCURRENCY = 10;
/** external-attacher's `--timeout`. */
const DEFAULT_TIMEOUT_MS = 15_000;

/** Does at connected drivers what VolumeAttachments say: what external-attacher does beside each driver. */
export function createAttacherController(deps: DriverControllerDeps): Controller<VolumeAttachment> {
  const { informers, drivers, clock, timeoutMs = DEFAULT_TIMEOUT_MS } = deps;
  const attachments = informers.for(volumeAttachments, ATTACHMENT_INDEXES);
  const parts: Parts = {
    volumes: informers.for(persistentVolumes, VOLUME_INDEXES),
    csiNodes: informers.for(csiNodes),
    ladder: new DriverLadder({ drivers, clock, timeoutMs, operations: deps.operations }),
    steps: attachmentSteps(),
  };
  return {
    name: 'attacher',
    resource: volumeAttachments,
    informer: attachments,
    triggers: [trigger(parts.csiNodes, ({ metadata }) => attachments.byIndex('node', metadata.name).map((found) => found.metadata.name))],
    reads: [parts.volumes],
    wakeUps: parts.ladder.wakeUps({
      driverOf: (name) => attachments.get({ namespace: '', name })?.spec.attacher,
      waitingFor: (driverName) => attachments.byIndex('attacher', driverName).map(({ metadata }) => metadata.name),
    }),
    concurrency: CONCURRENCY,
    laneOf: ({ spec }) => spec.attacher,
    reconcile: (ctx, attachment) => reconcile(ctx, parts, attachment),
    reconcileGone: async (_ctx, key) => {
      parts.ladder.forget(key);
      return done;
    },
  };
}

async function reconcile(ctx: Ctx, { volumes, csiNodes: nodes, ladder, steps }: Parts, attachment: VolumeAttachment): Promise<Outcome> {
  const { source, nodeName } = attachment.spec;
  const plan = planAttachment(attachment, {
    volume: migrated(volumes.get({ namespace: '', name: source.persistentVolumeName ?? '' })),
    csiNode: nodes.get({ namespace: '', name: nodeName }),
  });
  if (plan.kind === 'leave') return done;
  const order = orderOf(attachment, plan);
  return untilGone(() => (plan.kind === 'attach' ? ladder.climb(ctx, steps.attach, order) : ladder.climb(ctx, steps.detach, order)));
}

function orderOf(attachment: VolumeAttachment, { kind, volume, nodeId }: Exclude<AttachmentPlan, { kind: 'leave' }>): AttachmentOrder {
  const { uid, name } = attachment.metadata;
  // why with the node's name at the driver: as soon as there is one, what failed for want of it is tried
  const attempt = { key: name, uid, wish: `${kind} ${nodeId ?? ''}` };
  const isMigrated = volume !== undefined && isTranslated(volume);
  return { attachment, volume, nodeId, driverName: attachment.spec.attacher, isMigrated, attempt };
}
