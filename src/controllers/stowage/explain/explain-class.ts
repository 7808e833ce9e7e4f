import type { PersistentVolumeClaim, Pod, StorageClass } from '#api/generated/kubernetes.ts';
import { type Explanation, type Finding, said, type Words, words } from '#api/explanation.ts';
import { classOfClaim, leavesClassToDefault, requestedBytesOf, selectedNodeOf } from '#api/storage/claim.ts';
import { isDefaultClass } from '#api/storage/default-class.ts';
import { driverOfProvisioner, pluginOfProvisioner, replacementAdvice } from '#api/storage/in-tree/plugins.ts';
import { listed } from '#kit/listed.ts';
import { bytesOf, formatBytes } from '#kit/quantity.ts';
import type { Cluster } from './cluster.ts';
import { warningsAbout } from './explanation.ts';
import { explainRefusal } from './explain-refusal.ts';
import { blocked, busy } from './states.ts';

/** What a claim's class does for it. */
export interface WayOfClass extends Explanation {
  /** Volumes that exist are nothing to look at: one is made, or would be. */
  readonly needsNoVolume: boolean;
}

/** What the claim's class does for it; `busy` where a volume is being made. `users` are the pods that name the claim. Pure. */
export function explainClass(claim: PersistentVolumeClaim, cluster: Cluster, users: readonly Pod[]): WayOfClass {
  const className = classOfClaim(claim);
  if (className === '') return needing(explainNoClass(claim, cluster));
  const storageClass = cluster.classes.named(className);
  if (storageClass !== undefined) return explainProvisioner(claim, cluster, { storageClass, users });
  const names = listed(cluster.classes.names());
  const finding = { subject: `storageclass ${className}`, words: words('missingThereAre', { names }) };
  return needing(blocked(words('classMissing'), [finding], [words('createClass', { class: className })]));
}

function needing(explanation: Explanation): WayOfClass {
  return { ...explanation, needsNoVolume: false };
}

function making(explanation: Explanation): WayOfClass {
  return { ...explanation, needsNoVolume: true };
}

function explainNoClass(claim: PersistentVolumeClaim, { classes }: Cluster): Explanation {
  const create = words('createFittingVolume');
  if (!leavesClassToDefault(claim)) return blocked(words('noClassAndNoVolume'), [], [create, words('orClaimWithClass')]);
  const names = listed(classes.names());
  const finding = classes.all().some(isDefaultClass) ? words('defaultComes') : words('noDefault', { names });
  return blocked(words('namesNoClass'), [{ subject: 'default class', words: finding }], [create, words('orMarkDefault')]);
}

function explainProvisioner(
  claim: PersistentVolumeClaim,
  cluster: Cluster,
  { storageClass, users }: { readonly storageClass: StorageClass; readonly users: readonly Pod[] },
): WayOfClass {
  const subject = `storageclass ${storageClass.metadata.name}`;
  const { provisioner, volumeBindingMode } = storageClass;
  const driver = driverOfProvisioner(provisioner);
  // why the annotation: pods get their node only after their volumes are made
  if (volumeBindingMode === 'WaitForFirstConsumer' && selectedNodeOf(claim) === '') {
    const way = waitForPod(users, subject);
    return driver === undefined ? needing(way) : making(way);
  }
  if (driver === undefined) {
    const plugin = pluginOfProvisioner(provisioner);
    const create = words('createVolumeOfClass', { class: storageClass.metadata.name });
    const advice = plugin === undefined ? [] : [said(replacementAdvice(plugin, 'class'))];
    return needing(
      blocked(words('classMakesNone'), [{ subject, words: words('provisionerMakesNone', { provisioner }) }], [create, ...advice]),
    );
  }
  if (cluster.csiNodes.countByIndex('driver', driver) > 0)
    return making(explainRefusal(claim, cluster, driver) ?? explainMaking(claim, cluster, { driver, subject }));
  const finding = { subject: `driver ${driver}`, words: words('isOnNoNode', { names: listed(cluster.csiNodes.valuesOfIndex('driver')) }) };
  return needing(blocked(words('driverOnNoNode'), [finding], [words('startDriver', { driver })]));
}

/** The driver is asked: what keeps it from making the volume. */
function explainMaking(
  claim: PersistentVolumeClaim,
  cluster: Cluster,
  { driver, subject }: { readonly driver: string; readonly subject: string },
): Explanation {
  const room = roomFindings(claim, cluster);
  if (room.length > 0 && room.every(({ isEnough }) => !isEnough))
    return blocked(
      words('noRoom', { driver }),
      room.map(({ finding }) => finding),
      [words('freeSpace')],
    );
  const hasFailed = warningsAbout(cluster, claim).some((finding) => finding.subject === 'event ProvisioningFailed');
  const findings = [{ subject, words: words('makesTheVolume', { driver }) }];
  return hasFailed
    ? blocked(words('couldNotMake', { driver }), findings, [words('mendEvent')])
    : busy(words('isMakingVolume', { driver }), findings);
}

/** What the driver says of its room for volumes of the claim's class, node by node. */
function roomFindings(
  claim: PersistentVolumeClaim,
  { capacities }: Cluster,
): readonly { readonly finding: Finding; readonly isEnough: boolean }[] {
  const wanted = requestedBytesOf(claim);
  const own = capacities.byIndex('class', classOfClaim(claim));
  return own.map(({ capacity, maximumVolumeSize, nodeTopology }) => {
    const free = maximumVolumeSize ?? capacity ?? '0';
    const place = Object.values(nodeTopology?.matchLabels ?? {}).join(', ');
    const subject = place === '' ? 'capacity' : `capacity of ${place}`;
    return { finding: { subject, words: words('room', { free, wanted: formatBytes(wanted) }) }, isEnough: bytesOf(free) >= wanted };
  });
}

function waitForPod(users: readonly Pod[], subject: string): Explanation {
  const binding = { subject, words: words('bindsWithFirstPod') };
  if (users.length === 0) return blocked(words('waitsForFirstPod'), [binding], [words('createPod')]);
  const bypassing = users.filter(({ spec }) => (spec.nodeName ?? '') !== '');
  const waiting = users.filter((pod) => !bypassing.includes(pod));
  const told = (pods: readonly Pod[], sentence: Words): readonly Finding[] =>
    pods.map(({ metadata }) => ({ subject: `pod ${metadata.name}`, words: sentence }));
  const findings = [binding, ...told(waiting, words('podWaitsForNode')), ...told(bypassing, words('podNamesNode'))];
  if (waiting.length === 0) return blocked(words('podsBypassScheduler'), findings, [words('useNodeSelector')]);
  const remedies = waiting.map(({ metadata }) => words('explainPod', { pod: metadata.name, namespace: metadata.namespace ?? '' }));
  return blocked(words('podsHaveNoNode'), findings, remedies);
}
