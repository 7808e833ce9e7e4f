import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { type Explanation, type Finding, said, words } from '#api/explanation.ts';
import { findCondition } from '#api/conditions.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { attributesClassOf, classOfClaim, cloneSourceKeyOf, requestedBytesOf } from '#api/storage/claim.ts';
import { dataSourceOf } from '#api/storage/data-source.ts';
import { POPULATING } from '#api/storage/populator.ts';
import { restoreSourceKeyOf } from '#api/storage/snapshot.ts';
import { provisionedNameOf, STORAGE_PROVISIONER } from '#api/storage/names.ts';
import { assertNever } from '#kit/assert-never.ts';
import { listed } from '#kit/listed.ts';
import { bytesOf, formatBytes } from '#kit/quantity.ts';
import type { Refusal } from '../../csi/provisioning/order.ts';
import { viewOrder } from '../../csi/provisioning/order-view.ts';
import { planProvisioning, type ProvisioningPlan } from '../../csi/provisioning/plan.ts';
import type { Cluster } from './cluster.ts';
import { failuresToProvision } from './explanation.ts';
import { blocked, busy, type Way } from './states.ts';

/** Why `driver`, which binding has asked for the claim's volume or is about to, has not made it: what provisioning decides itself. Pure. */
export function explainProvisioning(claim: PersistentVolumeClaim, cluster: Cluster, driver: string): Way {
  const { volumes, drivers, nodes } = cluster;
  const order = viewOrder(claim, {
    classNamed: (name) => cluster.classes.named(name),
    attributesClassNamed: (name) => cluster.attributesClasses.named(name),
    claimAt: (key) => cluster.claims.get(key),
    volumeNamed: (name) => volumes.named(name),
    grantsIn: cluster.grantsIn,
  });
  // why: of a claim of another namespace that the user may not see nothing can be said, least of all that it is not there
  const isHidden = dataSourceOf(claim)?.isForeign === true && cluster.unseen.has(persistentVolumeClaims.plural);
  const plan = planProvisioning(asked(claim, driver), {
    ...order,
    source: isHidden ? undefined : order.source,
    hasVolume: volumes.named(provisionedNameOf(claim.metadata.uid)) !== undefined,
    isConnected: (name) => drivers.has(name),
    hasNode: (name) => nodes.named(name) !== undefined,
  });
  // why only here: another volume may be found before the driver comes
  return { ...explainPlan(plan, claim, { cluster, driver }), mayTakeVolumes: plan.kind === 'awaitDriver' };
}

/** As binding leaves the claim. */
function asked(claim: PersistentVolumeClaim, driver: string): PersistentVolumeClaim {
  const { metadata } = claim;
  return { ...claim, metadata: { ...metadata, annotations: { ...metadata.annotations, [STORAGE_PROVISIONER]: driver } } };
}

interface Asked {
  readonly cluster: Cluster;
  readonly driver: string;
}

function explainPlan(plan: ProvisioningPlan, claim: PersistentVolumeClaim, { cluster, driver }: Asked): Explanation {
  switch (plan.kind) {
    case 'awaitDriver': {
      const finding = { subject: `driver ${driver}`, words: words('isOnNoNode', { names: listed(cluster.drivers.names()) }) };
      return blocked(words('driverOnNoNode', { driver }), [finding], [words('startDriver', { driver })]);
    }
    case 'awaitPopulator':
      return explainFilling(claim);
    case 'refuse':
      return explainRefusal(plan.refusal, claim, { cluster, driver });
    case 'reschedule':
      return busy(words('chosenNodeGone'));
    case 'blocked':
      return blocked(
        words('notAskedFor', { driver }),
        [{ subject: `driver ${driver}`, words: said(plan.obstacle) }],
        [words('mendRefusal')],
      );
    case 'leave':
    case 'release':
    case 'create':
    case 'cleanUp':
      return explainMaking(claim, { cluster, driver });
    default:
      return assertNever(plan);
  }
}

/** A populator makes the volume and fills it: how far it says that it is. */
function explainFilling(claim: PersistentVolumeClaim): Explanation {
  const source = dataSourceOf(claim);
  const kind = source === undefined ? '' : `${source.kind}.${source.group}`;
  const progress = findCondition(claim.status?.conditions, POPULATING);
  if (progress !== undefined) return busy(words('isBeingFilled', { kind, progress: progress.message ?? '' }));
  return busy(words('awaitsPopulator', { kind }));
}

/** Nobody is asked: as the objects are, the claim can't be provisioned. */
function explainRefusal({ about, problem }: Refusal, claim: PersistentVolumeClaim, { cluster, driver }: Asked): Explanation {
  const subject = subjectOf(about, claim);
  const finding: Finding = { subject, words: said(problem) };
  if (about !== 'attributesClass') return blocked(words('notAskedFor', { driver }), [finding], [words('mendRefusal')]);
  const isMissing = cluster.attributesClasses.named(attributesClassOf(claim.spec)) === undefined;
  const names = listed(cluster.attributesClasses.names());
  const missing: Finding = { subject, words: words('missingThereAre', { names }) };
  return blocked(words('attributesClassUnusable'), [isMissing ? missing : finding], [words('createThatClass')]);
}

/** The object that has to change. */
function subjectOf(about: Refusal['about'], claim: PersistentVolumeClaim): string {
  const subjects: Readonly<Record<Refusal['about'], string>> = {
    claim: `persistentvolumeclaim ${claim.metadata.name}`,
    class: `storageclass ${classOfClaim(claim)}`,
    attributesClass: `volumeattributesclass ${attributesClassOf(claim.spec)}`,
    source: sourceOf(claim),
    grant: `referencegrant of namespace ${dataSourceOf(claim)?.key.namespace ?? ''}`,
  };
  return subjects[about];
}

/** What the claim is to be made from. */
function sourceOf(claim: PersistentVolumeClaim): string {
  const snapshot = restoreSourceKeyOf(claim);
  return snapshot === undefined ? `persistentvolumeclaim ${cloneSourceKeyOf(claim)?.name ?? ''}` : `volumesnapshot ${snapshot.name}`;
}

/** The driver is asked: what it said when it could not make the volume, and what room it says that it has. */
function explainMaking(claim: PersistentVolumeClaim, { cluster, driver }: Asked): Explanation {
  const makes = { subject: `storageclass ${classOfClaim(claim)}`, words: words('makesTheVolume', { driver }) };
  if (failuresToProvision(cluster, claim).length === 0) return busy(words('isMakingVolume', { driver }), [makes]);
  const room = roomFindings(claim, cluster);
  if (room.length === 0 || room.some(({ isEnough }) => isEnough))
    return blocked(words('couldNotMake', { driver }), [makes], [words('mendEvent')]);
  return blocked(
    words('noRoom', { driver }),
    room.map(({ finding }) => finding),
    [words('freeSpace')],
  );
}

/** What the driver says of its room for volumes of the claim's class, node by node. */
function roomFindings(
  claim: PersistentVolumeClaim,
  { capacities }: Cluster,
): readonly { readonly finding: Finding; readonly isEnough: boolean }[] {
  const wanted = requestedBytesOf(claim);
  return capacities.byIndex('class', classOfClaim(claim)).map(({ capacity, maximumVolumeSize, nodeTopology }) => {
    const free = maximumVolumeSize ?? capacity ?? '0';
    const place = Object.values(nodeTopology?.matchLabels ?? {}).join(', ');
    const subject = place === '' ? 'capacity' : `capacity of ${place}`;
    return { finding: { subject, words: words('room', { free, wanted: formatBytes(wanted) }) }, isEnough: bytesOf(free) >= wanted };
  });
}
