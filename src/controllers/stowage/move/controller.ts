import { claimKeysOfPod } from '#api/claim-facts.ts';
import { type ReferenceGrant, referenceGrants, type VolumeMove, volumeMoves } from '#api/generated/definitions.ts';
import type { CSINode, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '#api/generated/kubernetes.ts';
import { formatKey, formatKeyOf, type KubeObject } from '#api/meta/object.ts';
import { csiNodes, namespaces, nodes, persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '#api/resources.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { NAMESPACE_INDEX, POD_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { PhaseCounts } from '../claim-swap/phase-counts.ts';
import type { SwapView } from '../claim-swap/swap-view.ts';
import { MOVE_INDEXES } from './indexes.ts';
import { copyPodKey, isOwnedBy, targetNamespaceOf } from './moved.ts';
import { type MoveDeps, reconcileMove } from './reconcile.ts';
import type { MoveView } from './view.ts';

/** Moves that are at work at a time; each has a pod. */
const CONCURRENCY = 10;

const MOVE_COUNTS = {
  name: 'stowage_volume_moves',
  help: 'Moves by phase: those that are not Confirmed, Undone or Refused keep an old volume, copy, or have stopped somebody.',
};

/** What the moves of claims need. */
export interface MoveControllerDeps extends MoveDeps {
  readonly informers: InformerFactory;
  readonly metrics: Metrics;
}

/** Moves claims to another class, size, node or namespace (requirement VOL-20). */
export function createMoveController({ informers, metrics, ...deps }: MoveControllerDeps): Controller<VolumeMove> {
  const moves = informers.for(volumeMoves, MOVE_INDEXES);
  new PhaseCounts(metrics, MOVE_COUNTS).count(moves);
  const parts: Parts = {
    claims: informers.for(persistentVolumeClaims),
    volumes: informers.for(persistentVolumes, VOLUME_INDEXES),
    classes: informers.for(storageClasses),
    pods: informers.for(pods, POD_INDEXES),
    nodes: informers.for(nodes),
    csiNodes: informers.for(csiNodes),
    namespaces: informers.for(namespaces),
    grants: informers.for(referenceGrants, NAMESPACE_INDEX),
  };
  const openOf = (claimKey: string): readonly string[] => moves.byIndex('openOfClaim', claimKey).map(formatKeyOf);
  return {
    name: 'move',
    resource: volumeMoves,
    informer: moves,
    triggers: [
      trigger(parts.claims, (claim) => [...openOf(formatKeyOf(claim)), ...makerOf(claim)]),
      trigger(parts.volumes, ({ metadata }) => moves.byIndex('openOfVolume', metadata.name).map(formatKeyOf)),
      trigger(parts.pods, (pod) => [...claimKeysOfPod(pod).flatMap(openOf), ...makerOf(pod)]),
      trigger(parts.grants, ({ metadata }) => moves.byIndex('openIntoNamespace', metadata.namespace ?? '').map(formatKeyOf)),
    ],
    reads: [parts.classes, parts.nodes, parts.csiNodes, parts.namespaces],
    concurrency: CONCURRENCY,
    reconcile: (ctx, move) => reconcileMove(ctx, { ...deps, view: viewOf(parts, move) }, move),
  };
}

interface Parts {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly csiNodes: Informer<CSINode>;
  readonly namespaces: Informer<Namespace>;
  readonly grants: Informer<ReferenceGrant>;
}

function viewOf(parts: Parts, move: VolumeMove): MoveView {
  const global = (name: string) => ({ namespace: '', name });
  return {
    ...placeOf(parts, move, move.metadata.namespace ?? ''),
    target: placeOf(parts, move, targetNamespaceOf(move)),
    storageClass: (name) => parts.classes.get(global(name)),
    namespace: (name) => parts.namespaces.get(global(name)),
    grants: () => parts.grants.byIndex('ofNamespace', targetNamespaceOf(move)),
    node: (name) => parts.nodes.get(global(name)),
    nodes: () => parts.nodes.all(),
    csiNode: (name) => parts.csiNodes.get(global(name)),
    copyPod: (round) => {
      const pod = parts.pods.get(copyPodKey(move, round));
      return pod !== undefined && isOwnedBy(move, pod) ? pod : undefined;
    },
  };
}

/** What a swap sees of one namespace; the pods that copy are no users. */
function placeOf({ claims, volumes, pods: users }: Parts, move: VolumeMove, namespace: string): SwapView {
  return {
    claim: (name) => claims.get({ namespace, name }),
    volume: (name) => volumes.get({ namespace: '', name }),
    usersOf: (name) => users.byIndex('claim', formatKey({ namespace, name })).filter((pod) => !hasEnded(pod) && !isOwnedBy(move, pod)),
  };
}

function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function makerOf({ metadata }: KubeObject): readonly string[] {
  const owner = metadata.ownerReferences?.find(({ kind, controller }) => controller === true && kind === volumeMoves.kind);
  return owner === undefined ? [] : [formatKey({ namespace: metadata.namespace ?? '', name: owner.name })];
}
