import { claimKeysOfPod } from '#api/claim-facts.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '#api/generated/kubernetes.ts';
import { formatKeyOf, keyOf, parseKey } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import { classOfClaim, volumeNameOf } from '#api/storage/claim.ts';
import { classOfVolume, claimKeyOf } from '#api/storage/volume.ts';
import { deepEqual } from '#kit/json.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { helpOfNode, LEFT_BY_POD } from './blocked-pods.ts';
import { isOver, priorityOf } from './pod-load.ts';
import { promisedNodeOf } from './promised-capacity.ts';
import { reconcileScheduling } from './reconcile.ts';
import { gatherSchedulingParts, type SchedulingParts } from './scheduling-parts.ts';

/** What scheduling needs. */
export interface SchedulingDeps {
  readonly informers: InformerFactory;
}

/** Pods that are placed at a time. */
const CONCURRENCY = 16;

/** Gives each pod a node, those of higher priority first. */
export function createSchedulingController({ informers }: SchedulingDeps): Controller<Pod> {
  const parts = informers.shared(gatherSchedulingParts);
  const { blocked } = parts;
  return {
    name: 'scheduling',
    resource: pods,
    informer: parts.pods,
    triggers: [
      trigger(parts.nodes, (node, previous) => blocked.lacking(...helpOfNode(node, previous))),
      trigger(parts.claims, (claim, previous) => podsNearClaim(parts, claim, previous)),
      trigger(parts.classes, (storageClass) => podsOfClass(parts, storageClass)),
      trigger(parts.volumes, (volume, previous) => podsOfVolume(parts, volume, previous)),
      trigger(parts.pods, (pod, previous) => podsNearPod(parts, pod, previous)),
      trigger(parts.csiNodes, (node, previous) => (deepEqual(node.spec, previous?.spec) ? [] : blocked.lacking('limits'))),
      trigger(parts.attachments, (attachment) => (parts.attachments.get(keyOf(attachment)) === undefined ? blocked.lacking('limits') : [])),
      trigger(parts.csiDrivers, (driver, previous) => (deepEqual(driver.spec, previous?.spec) ? [] : blocked.lacking('capacity'))),
      trigger(parts.capacities, () => blocked.lacking('capacity')),
      trigger(parts.namespaces, (namespace, previous) =>
        deepEqual(namespace.metadata.labels, previous?.metadata.labels) ? [] : blocked.lacking('affinity'),
      ),
    ],
    wakeUps: (add) => blocked.onWake(add),
    concurrency: CONCURRENCY,
    priorityOf,
    reconcile: (ctx, pod) => reconcileScheduling(ctx, parts, pod),
  };
}

function podsOfClaim({ pods: informer }: SchedulingParts, claimKey: string): readonly string[] {
  return informer
    .byIndex('claim', claimKey)
    .filter(({ spec }) => (spec.nodeName ?? '') === '')
    .map(formatKeyOf);
}

/** What was promised to a claim that is given up, or that goes elsewhere, may be room for others. */
function podsNearClaim(
  parts: SchedulingParts,
  claim: PersistentVolumeClaim,
  previous: PersistentVolumeClaim | undefined,
): readonly string[] {
  const isGone = parts.claims.get(keyOf(claim))?.metadata.uid !== claim.metadata.uid;
  const before = isGone ? promisedNodeOf(claim) : previous && promisedNodeOf(previous);
  const isFreed = before !== undefined && (isGone || before !== promisedNodeOf(claim));
  // why not once there is a volume: then the driver has less room, and says so
  const others = isFreed && volumeNameOf(claim) === '' ? parts.blocked.lacking('capacity') : [];
  return [...podsOfClaim(parts, formatKeyOf(claim)), ...others];
}

/** A class that comes may be what claims wait for. */
function podsOfClass(parts: SchedulingParts, { metadata }: StorageClass): readonly string[] {
  return parts.claims.byIndex('waitingClass', metadata.name).flatMap((claim) => podsOfClaim(parts, formatKeyOf(claim)));
}

/** A free volume may be what a delayed claim of its class waits for; one that has a claim, what that claim's pods do. */
function podsOfVolume(parts: SchedulingParts, volume: PersistentVolume, previous: PersistentVolume | undefined): readonly string[] {
  const claimKey = claimKeyOf(volume);
  if (claimKey !== undefined) return deepEqual(volume.spec, previous?.spec) ? [] : podsOfClaim(parts, claimKey);
  const className = classOfVolume(volume);
  if (parts.classes.get({ namespace: '', name: className })?.volumeBindingMode !== 'WaitForFirstConsumer') return [];
  return parts.blocked.lacking('volume', 'capacity').filter((key) => waitsForClass(parts, key, className));
}

function waitsForClass(parts: SchedulingParts, podKey: string, className: string): boolean {
  const pod = parts.pods.get(parseKey(podKey));
  if (pod === undefined) return false;
  const claims = claimKeysOfPod(pod).map((key) => parts.claims.get(parseKey(key)));
  return claims.some((claim) => claim !== undefined && classOfClaim(claim) === className);
}

/** A pod that ends leaves room, ports, volumes and a claim for one pod only; one that comes may be the company that others want. */
function podsNearPod({ blocked, pods: informer }: SchedulingParts, pod: Pod, previous: Pod | undefined): readonly string[] {
  const isGone = informer.get(keyOf(pod))?.metadata.uid !== pod.metadata.uid;
  const isEnding = previous !== undefined && isOver(pod) && !isOver(previous);
  // why nominated: what was kept for it is free again
  if (isGone || isEnding || isNominationOver(pod, previous)) return blocked.lacking(...LEFT_BY_POD);
  return nodeOf(pod) !== nodeOf(previous) || isRelabelled(pod, previous) ? blocked.lacking('affinity', 'spread') : [];
}

function nodeOf(pod: Pod | undefined): string {
  return pod?.spec.nodeName ?? '';
}

function isNominationOver(pod: Pod, previous: Pod | undefined): boolean {
  const before = nominatedNodeOf(previous);
  return before !== '' && before !== nominatedNodeOf(pod);
}

function nominatedNodeOf(pod: Pod | undefined): string {
  return pod?.status?.nominatedNodeName ?? '';
}

function isRelabelled(pod: Pod, previous: Pod | undefined): boolean {
  return previous !== undefined && !deepEqual(pod.metadata.labels, previous.metadata.labels);
}
