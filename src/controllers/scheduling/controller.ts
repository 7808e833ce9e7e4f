import { claimKeysOfPod } from '#api/claim-facts.ts';
import type { Node, PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { nodes, persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '#api/resources.ts';
import { classOfVolume } from '#api/storage/volume.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { Controller } from '#machinery/runtime/controller.ts';
import type { VolumeIndex } from '../binding/volume-index.ts';
import { CLAIM_INDEXES, POD_INDEXES, UNSCHEDULED, VOLUME_INDEXES } from '../indexes.ts';
import { triggerOn } from '../trigger.ts';
import { isFitNews } from './node-fit.ts';
import { reconcileScheduling, type SchedulingParts } from './reconcile.ts';

/** What scheduling needs. */
export interface SchedulingDeps {
  readonly informers: InformerFactory;
  /** Of the factory's volumes; shared with binding, so that both see each other's choices. */
  readonly index: VolumeIndex;
}

/** Pods that are placed at a time. */
const CONCURRENCY = 16;

/** Gives each pod a node. */
export function createSchedulingController({ informers, index }: SchedulingDeps): Controller<Pod> {
  const parts: SchedulingParts = {
    pods: informers.for(pods, POD_INDEXES),
    nodes: informers.for(nodes),
    claims: informers.for(persistentVolumeClaims, CLAIM_INDEXES),
    volumes: informers.for(persistentVolumes, VOLUME_INDEXES),
    classes: informers.for(storageClasses),
    index,
    inPlacement: new Set(),
  };
  return {
    name: 'scheduling',
    resource: pods,
    informer: parts.pods,
    triggers: [
      triggerOn(parts.nodes, (node: Node, previous) => (isFitNews(node, previous) ? unscheduledPods(parts.pods) : [])),
      triggerOn(parts.claims, (claim: PersistentVolumeClaim) => podsOfClaim(parts.pods, claim)),
      triggerOn(parts.classes, () => []),
      triggerOn(parts.volumes, (volume) => claimsWaitingFor(parts, classOfVolume(volume), volume.spec.claimRef === undefined)),
      triggerOn(parts.pods, (pod, previous) => podsWaitingFor(parts, pod, previous)),
    ],
    concurrency: CONCURRENCY,
    reconcile: (ctx, pod) => reconcileScheduling(ctx, parts, pod),
  };
}

function unscheduledPods(informer: Informer<Pod>): readonly string[] {
  return informer.byIndex('unscheduled', UNSCHEDULED).map(keyText);
}

function podsOfClaim(informer: Informer<Pod>, claim: PersistentVolumeClaim): readonly string[] {
  const waiting = informer.byIndex('claim', formatKey(keyOf(claim))).filter(({ spec }) => (spec.nodeName ?? '') === '');
  return waiting.map(keyText);
}

/** A free volume may be what a delayed claim of its class waits for. */
function claimsWaitingFor(parts: SchedulingParts, className: string, isFree: boolean): readonly string[] {
  if (!isFree || parts.classes.get({ namespace: '', name: className })?.volumeBindingMode !== 'WaitForFirstConsumer') return [];
  return parts.claims.byIndex('waitingClass', className).flatMap((claim) => podsOfClaim(parts.pods, claim));
}

/** A pod that ends may free a claim that only one pod may use. */
function podsWaitingFor(parts: SchedulingParts, pod: Pod, previous: Pod | undefined): readonly string[] {
  if (previous !== undefined && previous.status?.phase === pod.status?.phase) return [];
  const exclusive = claimKeysOfPod(pod).flatMap((key) => parts.pods.byIndex('claim', key));
  return exclusive.filter(({ metadata, spec }) => (spec.nodeName ?? '') === '' && metadata.uid !== pod.metadata.uid).map(keyText);
}

function keyText(pod: Pod): string {
  return formatKey(keyOf(pod));
}
