import { claimKeysOfPod } from '#api/claim-facts.ts';
import type { CSIDriver, PersistentVolume, PersistentVolumeClaim, Pod, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf, parseKey } from '#api/meta/object.ts';
import { csiDrivers, persistentVolumeClaims, persistentVolumes, pods, volumeAttachments } from '#api/resources.ts';
import { needsAttachment } from '#api/storage/attachment.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { claimKeyOf } from '#api/storage/volume.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { after, type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import { ATTACHMENT_INDEXES, CLAIM_INDEXES, POD_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { migrated } from '../../migrated-volume.ts';
import { attachmentNameOf } from './attachment-name.ts';
import * as say from './events.ts';
import { type AttachPlan, planAttach, wantsVolumes } from './plan.ts';

interface Parts {
  readonly pods: Informer<Pod>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly drivers: Informer<CSIDriver>;
  readonly attachments: Informer<VolumeAttachment>;
  /** Volumes whose attachment is being asked for, each with the node: no cache shows it yet, and the pod of another node must not ask too. */
  readonly asked: Map<string, string>;
}

const CONCURRENCY = 10;
/** What stands in the way is looked at this often, beside the wake-ups by what changes. */
const OBSTACLE_POLL_MS = 60_000;

/** Asks for the attachment of the volumes that a pod on its node needs (kube-controller-manager's attach/detach controller, the attaching half). */
export function createAttachController({ informers }: { readonly informers: InformerFactory }): Controller<Pod> {
  const parts: Parts = {
    pods: informers.for(pods, POD_INDEXES),
    claims: informers.for(persistentVolumeClaims, CLAIM_INDEXES),
    volumes: informers.for(persistentVolumes, VOLUME_INDEXES),
    drivers: informers.for(csiDrivers),
    attachments: informers.for(volumeAttachments, ATTACHMENT_INDEXES),
    asked: new Map(),
  };
  const podsOf = (claimKey: string): readonly string[] => parts.pods.byIndex('claim', claimKey).map((pod) => formatKey(keyOf(pod)));
  return {
    name: 'attach',
    resource: pods,
    informer: parts.pods,
    triggers: [
      trigger(parts.claims, (claim) => podsOf(formatKey(keyOf(claim)))),
      trigger(parts.attachments, ({ spec }) => {
        const volume = parts.volumes.get({ namespace: '', name: spec.source.persistentVolumeName ?? '' });
        const claimKey = volume === undefined ? undefined : claimKeyOf(volume);
        return claimKey === undefined ? [] : podsOf(claimKey);
      }),
      trigger(parts.drivers, (driver, previous) => (needsAttachment(driver) && !needsAttachment(previous) ? waitingPods(parts.pods) : [])),
    ],
    reads: [parts.volumes],
    concurrency: CONCURRENCY,
    reconcile: (ctx, pod) => reconcileAttach(ctx, parts, pod),
  };
}

/** Those that wait, for volumes it may be; to be asked seldom, since all pods are looked at: when a driver comes. */
function waitingPods(all: Informer<Pod>): readonly string[] {
  const waiting = [...all.all()].filter((pod) => wantsVolumes(pod) && (pod.status?.phase ?? 'Pending') === 'Pending');
  return waiting.filter((pod) => claimKeysOfPod(pod).length > 0).map((pod) => formatKey(keyOf(pod)));
}

async function reconcileAttach(ctx: Ctx, parts: Parts, pod: Pod): Promise<Outcome> {
  if (!wantsVolumes(pod)) return done;
  let outcome: Outcome = done;
  for (const key of claimKeysOfPod(pod)) {
    const claim = parts.claims.get(parseKey(key));
    const volume = claim === undefined ? undefined : migrated(parts.volumes.get({ namespace: '', name: volumeNameOf(claim) }));
    const driverName = volume?.spec.csi?.driver;
    if (volume === undefined || driverName === undefined) continue;
    const driver = parts.drivers.get({ namespace: '', name: driverName });
    const attachments = parts.attachments.byIndex('volume', volume.metadata.name);
    const plan = planAttach(pod, { claim, volume, driver, attachments, askedFor: parts.asked.get(volume.metadata.name) });
    if ((await applyAttach(ctx, parts, { pod, plan })) === 'blocked') outcome = after(OBSTACLE_POLL_MS, 'another node has the volume');
  }
  return outcome;
}

async function applyAttach(
  ctx: Ctx,
  parts: Parts,
  { pod, plan }: { readonly pod: Pod; readonly plan: AttachPlan },
): Promise<'blocked' | 'fine'> {
  switch (plan.kind) {
    case 'leave':
      return 'fine';
    case 'occupied':
      ctx.events.record(say.occupied(pod, plan.volume, plan.by));
      return 'blocked';
    case 'tell':
      tell(ctx, pod, plan);
      return 'fine';
    case 'attach':
      await ask(ctx, parts, { plan, nodeName: pod.spec.nodeName ?? '' });
      return 'fine';
  }
}

async function ask(
  ctx: Ctx,
  { asked }: Parts,
  { plan, nodeName }: { readonly plan: Extract<AttachPlan, { kind: 'attach' }>; readonly nodeName: string },
): Promise<void> {
  const { name } = plan.volume.metadata;
  asked.set(name, nodeName);
  try {
    await ignoreExisting(
      ctx.client.create(volumeAttachments, {
        metadata: { name: attachmentNameOf(plan.volume, nodeName) },
        spec: { attacher: plan.driverName, nodeName, source: { persistentVolumeName: name } },
      }),
    );
  } finally {
    if (asked.get(name) === nodeName) asked.delete(name);
  }
}

/** A pod that waits is told how it stands. */
function tell(ctx: Ctx, pod: Pod, { volume, attachment }: Extract<AttachPlan, { kind: 'tell' }>): void {
  if ((pod.status?.phase ?? 'Pending') !== 'Pending') return;
  const { attached, attachError } = attachment.status ?? {};
  if (attached === true) ctx.events.record(say.attached(pod, volume));
  else if (attachError?.message !== undefined) ctx.events.record(say.attachFailed(pod, volume, attachError.message));
}

async function ignoreExisting(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (thrown) {
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  }
}
