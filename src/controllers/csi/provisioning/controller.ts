import { referenceGrants } from '#api/generated/definitions.ts';
import type { CSINode, Node, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { hasFinalizer } from '#api/meta/finalizers.ts';
import { formatKeyOf, keyOf, parseKey } from '#api/meta/object.ts';
import { csiNodes, nodes, persistentVolumeClaims, persistentVolumes, storageClasses, volumeAttributesClasses } from '#api/resources.ts';
import { isBindCompleted, provisionerOfClaim } from '#api/storage/claim.ts';
import { IN_FLIGHT_FINALIZER } from '#api/storage/names.ts';
import { claimKeyOf } from '#api/storage/volume.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { type Controller, done, type Trigger, trigger } from '#machinery/runtime/controller.ts';
import type { DriverControllerDeps } from '../driver-work/drivers.ts';
import { CLAIM_INDEXES, NAMESPACE_INDEX, VOLUME_INDEXES } from '../../indexes.ts';
import { DriverCapabilities } from '../driver-work/driver-capabilities.ts';
import { DriverLadder } from '../driver-work/ladder.ts';
import { CallHistory } from './call-history.ts';
import { cleanUpSteps } from './clean-up-steps.ts';
import { askProvisioning } from './create-volume.ts';
import { creationSteps } from './creation-steps.ts';
import { type ProvisioningParts, reconcileProvisioning } from './reconcile.ts';
import { TopologyMap } from './topology.ts';

/** Volumes that one driver makes at a time (external-provisioner's `--worker-threads`). */
const CONCURRENCY = 100;
/** external-provisioner's `--timeout`. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** Makes volumes for claims whose class names a connected CSI driver. */
export function createProvisioningController(deps: DriverControllerDeps): Controller<PersistentVolumeClaim> {
  const { informers } = deps;
  const claims = informers.for(persistentVolumeClaims, CLAIM_INDEXES);
  const nodeInformer = informers.for(nodes);
  const csiNodeInformer = informers.for(csiNodes);
  const { drivers, clock, operations, timeoutMs = DEFAULT_TIMEOUT_MS } = deps;
  const ladder = new DriverLadder({ drivers, clock, timeoutMs, operations });
  const history = new CallHistory();
  claims.subscribe({
    onUpsert: (claim, previous) => {
      if (previous !== undefined && !hasFinalizer(previous, IN_FLIGHT_FINALIZER) && hasFinalizer(claim, IN_FLIGHT_FINALIZER))
        history.begin(claim.metadata.uid);
    },
    onDelete: ({ metadata }) => history.forget(metadata.uid),
  });
  // why before the trigger: a driver that is back is asked at once, however long its claims were to wait
  csiNodeInformer.subscribe({
    onUpsert: (csiNode, previous) => {
      for (const key of claimsOfNewDrivers(claims, csiNode, previous)) ladder.forget(key);
    },
  });
  const flight = { claims, ladder, history };
  const topologies = new TopologyMap(nodeInformer, csiNodeInformer);
  const aids = { ...flight, topologies, capabilities: new DriverCapabilities(askProvisioning) };
  const parts: ProvisioningParts = {
    ...flight,
    volumes: informers.for(persistentVolumes, VOLUME_INDEXES),
    classes: informers.for(storageClasses),
    attributesClasses: informers.for(volumeAttributesClasses),
    grants: informers.for(referenceGrants, NAMESPACE_INDEX),
    hasNode: (name) => nodeInformer.get({ namespace: '', name }) !== undefined,
    drivers: deps.drivers,
    steps: { create: creationSteps(aids), cleanUp: cleanUpSteps(aids) },
  };
  return {
    name: 'provisioning',
    resource: persistentVolumeClaims,
    informer: claims,
    triggers: triggersOf(parts, { nodes: nodeInformer, csiNodes: csiNodeInformer }),
    wakeUps: ladder.wakeUps({
      driverOf: (key) => provisionerOf(claims, key),
      waitingFor: (driverName) => claims.byIndex('provisioner', driverName).map(formatKeyOf),
    }),
    concurrency: CONCURRENCY,
    laneOf: provisionerOfClaim,
    reconcile: (ctx, claim) => reconcileProvisioning(ctx, parts, claim),
    reconcileGone: async (_ctx, key) => {
      ladder.forget(key);
      return done;
    },
  };
}

function triggersOf(
  parts: ProvisioningParts,
  at: { readonly nodes: Informer<Node>; readonly csiNodes: Informer<CSINode> },
): readonly Trigger[] {
  const { claims } = parts;
  return [
    trigger(at.csiNodes, (csiNode, previous) => claimsOfNewDrivers(claims, csiNode, previous)),
    trigger(parts.classes, (storageClass) => claims.byIndex('provisionedClass', storageClass.metadata.name).map(formatKeyOf)),
    trigger(parts.attributesClasses, ({ metadata }) => claims.byIndex('attributesClass', metadata.name).map(formatKeyOf)),
    // why: a copy waits until its source is bound
    trigger(claims, (claim) => (isBindCompleted(claim) ? copiesOf(claims, formatKeyOf(claim)) : [])),
    trigger(parts.grants, ({ metadata }) => claims.byIndex('foreignSource', metadata.namespace ?? '').map(formatKeyOf)),
    // why only those that go: what was deleted before its claim had it is made anew
    trigger(parts.volumes, (volume) => {
      const key = parts.volumes.get(keyOf(volume)) === undefined ? claimKeyOf(volume) : undefined;
      return key === undefined ? [] : [key];
    }),
    // why only those that go: the scheduler is to choose another for what was to be made there
    trigger(at.nodes, (node) =>
      parts.hasNode(node.metadata.name) ? [] : claims.byIndex('selectedNode', node.metadata.name).map(formatKeyOf),
    ),
  ];
}

function copiesOf(claims: Informer<PersistentVolumeClaim>, key: string): readonly string[] {
  return ['cloneSource', 'foreignSource'].flatMap((index) => claims.byIndex(index, key).map(formatKeyOf));
}

/** A driver that registers on a node is one that claims may have waited for. */
function claimsOfNewDrivers(claims: Informer<PersistentVolumeClaim>, csiNode: CSINode, previous?: CSINode): readonly string[] {
  const known = new Set(previous?.spec.drivers.map(({ name }) => name));
  return csiNode.spec.drivers
    .filter(({ name }) => !known.has(name))
    .flatMap(({ name }) => claims.byIndex('provisioner', name).map(formatKeyOf));
}

function provisionerOf(claims: Informer<PersistentVolumeClaim>, key: string): string | undefined {
  const claim = claims.get(parseKey(key));
  return claim === undefined ? undefined : provisionerOfClaim(claim);
}
