import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '#api/generated/kubernetes.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { formatKey, keyOf, type ObjectKey } from '#api/meta/object.ts';
import {
  attributesClassOf,
  classOfClaim,
  leavesClassToDefault,
  requestedBytesOf,
  selectedNodeOf,
  volumeNameOf,
} from '#api/storage/claim.ts';
import { limitsClaims } from '#api/quota/claim-quotas.ts';
import { isDefaultClass } from '#api/storage/default-class.ts';
import { growthStatusOf, wantsGrowth } from '#api/storage/growth.ts';
import { modificationConditionOf, targetAttributesClassOf } from '#api/storage/modification.ts';
import { driverOfProvisioner, pluginOfProvisioner, replacementAdvice } from '#api/storage/in-tree/plugins.ts';
import { capacityBytesOf, isVolumeOfClaim } from '#api/storage/volume.ts';
import type { Explanation, Finding } from '#api/explanation.ts';
import { bytesOf, formatBytes } from '#kit/quantity.ts';
import { listed } from '#kit/listed.ts';
import { type Cluster, warningsAbout } from './explanation.ts';
import { quotaFindings } from './quota-findings.ts';
import { explainBlindly, isBlindfolded } from './unseen.ts';
import { whyVolumeUnfit } from '../../cluster/binding/volume-reason.ts';

/** Volumes that are listed one by one; of more only the number is told. */
const MAX_VOLUMES = 20;

/** Why the claim is as it is: each volume, class and driver that might serve it, with the reason against it. Pure. */
export function explainClaim(key: ObjectKey, cluster: Cluster): Explanation {
  const name = `persistentvolumeclaim ${formatKey(key)}`;
  const claim = cluster.claims.find(({ metadata }) => metadata.name === key.name && metadata.namespace === key.namespace);
  if (claim === undefined)
    return blocked(`${name} does not exist`, quotaFindings(cluster, limitsClaims), [
      'create it, or look for it in another namespace with -n',
    ]);
  if (claim.metadata.deletionTimestamp !== undefined) return explainDeletion(claim, cluster);
  if (claim.status?.phase === 'Bound') return explainBound(claim, cluster);
  if (claim.status?.phase === 'Lost')
    return blocked(`${name} is Lost: its volume ${volumeNameOf(claim)} is gone, and the data with it`, warningsAbout(cluster, claim), [
      'delete the claim, and restore the data from a copy into a new one',
    ]);
  return explainPending(claim, cluster);
}

/** Pods that name the claim. */
export function usersOf(claim: PersistentVolumeClaim, { pods }: Cluster): readonly Pod[] {
  const key = formatKey(keyOf(claim));
  return pods.filter((pod) => claimKeysOfPod(pod).includes(key));
}

function explainDeletion(claim: PersistentVolumeClaim, cluster: Cluster): Explanation {
  const name = `persistentvolumeclaim ${formatKey(keyOf(claim))}`;
  const users = usersOf(claim, cluster);
  const findings: readonly Finding[] = [
    ...users.map((pod) => ({ subject: `pod ${pod.metadata.name}`, text: `uses it (${pod.status?.phase ?? 'Pending'})` })),
    ...(claim.metadata.finalizers ?? []).map((finalizer) => ({ subject: 'finalizer', text: finalizer })),
    ...warningsAbout(cluster, claim),
  ];
  if (users.length > 0) return blocked(`${name} is to be deleted and waits for its pods to end`, findings, ['delete the pods that use it']);
  return { state: 'busy', summary: `${name} is being deleted`, findings, remedies: [] };
}

function explainBound(claim: PersistentVolumeClaim, cluster: Cluster): Explanation {
  const [name, volumeName] = [formatKey(keyOf(claim)), volumeNameOf(claim)];
  const users = usersOf(claim, cluster);
  const uses = users.map((pod): Finding => ({ subject: `pod ${pod.metadata.name}`, text: `uses it (${pod.status?.phase ?? 'Pending'})` }));
  const is = `persistentvolumeclaim ${name} is Bound to volume ${volumeName}`;
  if (wantsGrowth(claim)) return explainGrowth(claim, cluster, { is, users, uses });
  if (targetAttributesClassOf(claim) !== '') return explainAttributes(claim, [...uses, ...warningsAbout(cluster, claim)], is);
  const unwell = warningsAbout(cluster, claim).filter(({ subject }) => subject === 'event VolumeConditionAbnormal');
  return {
    state: 'fine',
    summary: `${is} with ${claim.status?.capacity?.['storage'] ?? '?'}`,
    findings: [...uses, ...unwell],
    remedies: [],
  };
}

function explainGrowth(
  claim: PersistentVolumeClaim,
  cluster: Cluster,
  { is, users, uses }: { readonly is: string; readonly users: readonly Pod[]; readonly uses: readonly Finding[] },
): Explanation {
  const has = claim.status?.capacity?.['storage'] ?? '?';
  const conditions = (claim.status?.conditions ?? []).map(({ type, message }): Finding => ({
    subject: `condition ${type}`,
    text: message ?? '',
  }));
  const status = growthStatusOf(claim);
  const findings = [
    { subject: 'growth', text: status === '' ? 'not begun' : status },
    ...conditions,
    ...uses,
    ...warningsAbout(cluster, claim),
  ];
  const summary = `${is} with ${has}, and is to grow to ${formatBytes(requestedBytesOf(claim))}`;
  const isFailing = conditions.some(({ subject }) => subject.endsWith('Error'));
  const lower = 'lower spec.resources.requests.storage again, to any size above status.capacity, to give up';
  if (isFailing) return blocked(summary, findings, ['mend what the condition says; it is tried again by itself', lower]);
  const isWaiting = status === 'NodeResizePending' && users.length === 0;
  return { state: 'busy', summary, findings, remedies: isWaiting ? ['start a pod that uses the claim: the node ends the growth'] : [] };
}

/** A change of the volume's attributes that has not come to its end. */
function explainAttributes(claim: PersistentVolumeClaim, findings: readonly Finding[], is: string): Explanation {
  const status = claim.status?.modifyVolumeStatus?.status ?? '';
  const className = JSON.stringify(targetAttributesClassOf(claim));
  const error = modificationConditionOf(claim, 'ModifyVolumeError')?.message;
  const all = [{ subject: `attributes ${className}`, text: error === undefined ? status : `${status}: ${error}` }, ...findings];
  const summary = `${is}, and is to have the attributes of VolumeAttributesClass ${className}`;
  if (status === 'InProgress' && error === undefined) return { state: 'busy', summary, findings: all, remedies: [] };
  const missing = status === 'Pending' ? [`create the VolumeAttributesClass ${className}`] : [];
  return blocked(summary, all, [...missing, 'set spec.volumeAttributesClassName back to what the volume has, to give up']);
}

function explainPending(claim: PersistentVolumeClaim, cluster: Cluster): Explanation {
  const name = `persistentvolumeclaim ${formatKey(keyOf(claim))}`;
  if (isBlindfolded(cluster))
    return explainBlindly(`${name} is Pending`, cluster, [...quotaFindings(cluster, limitsClaims), ...warningsAbout(cluster, claim)]);
  const wanted = volumeNameOf(claim);
  if (wanted !== '') return explainNamedVolume(claim, cluster, wanted);
  const candidates = cluster.volumes.map((volume) => ({ volume, reason: whyVolumeUnfit(claim, volume) }));
  const fitting = candidates.find(({ reason }) => reason === undefined)?.volume;
  const way = explainClass(claim, cluster);
  const findings = [
    ...way.findings,
    ...warningsAbout(cluster, claim),
    ...volumeFindings(
      candidates.filter(({ volume }) => isCandidate(volume, claim)),
      candidates.length,
    ),
    ...quotaFindings(cluster, limitsClaims),
  ];
  if (fitting !== undefined && way.state !== 'busy')
    return {
      state: 'busy',
      summary: `${name} is Pending: volume ${fitting.metadata.name} fits and is about to be bound`,
      findings,
      remedies: [],
    };
  return { ...way, summary: `${name} is Pending: ${way.summary}`, findings };
}

function explainNamedVolume(claim: PersistentVolumeClaim, cluster: Cluster, volumeName: string): Explanation {
  const summary = `persistentvolumeclaim ${formatKey(keyOf(claim))} is Pending: it names volume ${volumeName}`;
  const subject = `persistentvolume ${volumeName}`;
  const volume = cluster.volumes.find(({ metadata }) => metadata.name === volumeName);
  if (volume === undefined)
    return blocked(summary, [{ subject, text: 'does not exist' }], ['create that volume, or make the claim again without spec.volumeName']);
  const text = whyVolumeUnfit({ ...claim, spec: { ...claim.spec, selector: undefined } }, volume);
  const findings = [{ subject, text: text ?? 'fits, and is about to be bound' }, ...warningsAbout(cluster, claim)];
  if (text === undefined) return { state: 'busy', summary, findings, remedies: [] };
  return blocked(summary, findings, ['correct the claim or the volume, or make the claim again without spec.volumeName']);
}

/** What the claim's class does for it; `busy` where a volume is being made. */
function explainClass(claim: PersistentVolumeClaim, cluster: Cluster): Explanation {
  const className = classOfClaim(claim);
  const names = cluster.classes.map(({ metadata }) => metadata.name);
  if (className === '') {
    const remedies = ['create a PersistentVolume that fits'];
    if (!leavesClassToDefault(claim))
      return blocked(
        'it asks for volumes without a class, and none fits',
        [],
        [...remedies, 'or make the claim again with a storageClassName'],
      );
    const hasDefault = cluster.classes.some(isDefaultClass);
    const text = hasDefault
      ? 'one is there, and the claim gets it in a moment'
      : `none of the classes is the default (there are: ${listed(names)})`;
    return blocked(
      'it names no class, and no volume fits',
      [{ subject: 'default class', text }],
      [...remedies, 'or mark a class with storageclass.kubernetes.io/is-default-class: "true"'],
    );
  }
  const storageClass = cluster.classes.find(({ metadata }) => metadata.name === className);
  const subject = `storageclass ${className}`;
  if (storageClass === undefined)
    return blocked(
      'its class does not exist, and no volume of that class fits',
      [{ subject, text: `does not exist (there are: ${listed(names)})` }],
      [`create the storageclass ${className}, or make the claim again with an existing one`],
    );
  return explainProvisioner(claim, cluster, storageClass);
}

function explainProvisioner(claim: PersistentVolumeClaim, cluster: Cluster, storageClass: StorageClass): Explanation {
  const subject = `storageclass ${storageClass.metadata.name}`;
  const { provisioner, volumeBindingMode } = storageClass;
  const driverName = driverOfProvisioner(provisioner);
  // why the annotation: pods get their node only after their volumes are made
  if (volumeBindingMode === 'WaitForFirstConsumer' && selectedNodeOf(claim) === '') return waitForPod(claim, cluster, subject);
  if (driverName === undefined) {
    const plugin = pluginOfProvisioner(provisioner);
    return blocked(
      'its class makes no volumes, and none that exists fits',
      [{ subject, text: `provisioner ${provisioner} makes no volumes` }],
      [
        `create a PersistentVolume of class ${storageClass.metadata.name} that fits`,
        ...(plugin === undefined ? [] : [replacementAdvice(plugin, 'class')]),
      ],
    );
  }
  const drivers = [...new Set(cluster.csiNodes.flatMap(({ spec }) => spec.drivers.map(({ name }) => name)))];
  if (!drivers.includes(driverName))
    return blocked(
      'the driver of its class runs on no node',
      [{ subject: `driver ${driverName}`, text: `is on no node (there are: ${listed(drivers)})` }],
      [`start the driver ${driverName}, or make the claim again with the class of another driver`],
    );
  const attributes = attributesProblem(claim, cluster);
  if (attributes !== undefined)
    return blocked('its VolumeAttributesClass can not be used', [attributes], ['create that class, or make the claim again with another']);
  const room = roomFindings(claim, cluster);
  if (room.length > 0 && room.every(({ isEnough }) => !isEnough))
    return blocked(
      `driver ${provisioner} has no room for it`,
      room.map(({ finding }) => finding),
      ['free space, or ask for less'],
    );
  const warnings = warningsAbout(cluster, claim).filter((finding) => finding.subject === 'event ProvisioningFailed');
  const findings = [{ subject, text: `driver ${driverName} makes the volume` }];
  if (warnings.length > 0)
    return blocked(`driver ${driverName} could not make the volume; it is tried again`, findings, ['mend what the event says']);
  return { state: 'busy', summary: `driver ${driverName} is making the volume`, findings, remedies: [] };
}

function attributesProblem(claim: PersistentVolumeClaim, { attributesClasses }: Cluster): Finding | undefined {
  const name = attributesClassOf(claim.spec);
  if (name === '' || attributesClasses.some(({ metadata }) => metadata.name === name)) return undefined;
  const names = attributesClasses.map(({ metadata }) => metadata.name);
  return { subject: `volumeattributesclass ${name}`, text: `does not exist (there are: ${listed(names)})` };
}

/** What the driver says of its room for volumes of the claim's class, node by node. */
function roomFindings(
  claim: PersistentVolumeClaim,
  { capacities }: Cluster,
): readonly { readonly finding: Finding; readonly isEnough: boolean }[] {
  const wanted = requestedBytesOf(claim);
  const own = capacities.filter(({ storageClassName }) => storageClassName === classOfClaim(claim));
  return own.map(({ capacity, maximumVolumeSize, nodeTopology }) => {
    const size = maximumVolumeSize ?? capacity ?? '0';
    const place = Object.values(nodeTopology?.matchLabels ?? {}).join(', ');
    const text = `has room for ${size}, the claim asks for ${formatBytes(wanted)}`;
    return { finding: { subject: place === '' ? 'capacity' : `capacity of ${place}`, text }, isEnough: bytesOf(size) >= wanted };
  });
}

function waitForPod(claim: PersistentVolumeClaim, cluster: Cluster, subject: string): Explanation {
  const users = usersOf(claim, cluster);
  const findings = [{ subject, text: 'volumeBindingMode WaitForFirstConsumer: the volume is made where the first pod goes' }];
  if (users.length === 0) return blocked('no pod uses it yet, and its class waits for one', findings, ['create a pod that uses the claim']);
  const bypassing = users.filter(({ spec }) => (spec.nodeName ?? '') !== '');
  const waiting = users.filter((pod) => !bypassing.includes(pod));
  const told = [
    ...waiting.map(({ metadata }): Finding => ({ subject: `pod ${metadata.name}`, text: 'waits for a node' })),
    ...bypassing.map(({ metadata }): Finding => ({
      subject: `pod ${metadata.name}`,
      text: 'names its node itself, so the scheduler chooses no place for the volume',
    })),
  ];
  const remedies = waiting.map(
    ({ metadata }) => `stowage explain pod/${metadata.name} -n ${metadata.namespace ?? ''} says why the pod has no node`,
  );
  if (waiting.length > 0) return blocked('the pods that use it have no node yet', [...findings, ...told], remedies);
  return blocked(
    'no pod that uses it goes through the scheduler',
    [...findings, ...told],
    ['make the pod again with a nodeSelector in place of spec.nodeName'],
  );
}

/** A volume that is somebody else's never was one. */
function isCandidate(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return volume.status?.phase !== 'Bound' || isVolumeOfClaim(volume, claim);
}

function volumeFindings(
  candidates: readonly { readonly volume: PersistentVolume; readonly reason: string | undefined }[],
  total: number,
): readonly Finding[] {
  const shown = candidates.toSorted(byCapacity).slice(0, MAX_VOLUMES);
  const findings = shown.map(({ volume, reason }) => ({ subject: `persistentvolume ${volume.metadata.name}`, text: reason ?? 'fits' }));
  const rest = candidates.length - shown.length;
  const bound = total - candidates.length;
  return [
    ...findings,
    ...(rest === 0 ? [] : [{ subject: 'persistentvolumes', text: `and ${rest} more that do not fit` }]),
    ...(bound === 0 ? [] : [{ subject: 'persistentvolumes', text: `${bound} ${bound === 1 ? 'is' : 'are'} bound to other claims` }]),
  ];
}

/** Those that fit first, then free ones, then by name: what is nearest to a solution stands first. */
function byCapacity(
  a: { readonly volume: PersistentVolume; readonly reason: string | undefined },
  b: { readonly volume: PersistentVolume; readonly reason: string | undefined },
): number {
  const rank = ({ volume, reason }: typeof a): number => (reason === undefined ? 0 : 2) + (volume.spec.claimRef === undefined ? 0 : 1);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  const difference = capacityBytesOf(a.volume) - capacityBytesOf(b.volume);
  return difference === 0n ? a.volume.metadata.name.localeCompare(b.volume.metadata.name) : Number(difference > 0n) * 2 - 1;
}

function blocked(summary: string, findings: readonly Finding[], remedies: readonly string[]): Explanation {
  return { state: 'blocked', summary, findings, remedies };
}
