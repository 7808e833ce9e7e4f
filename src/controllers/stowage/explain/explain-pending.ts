import type { PersistentVolumeClaim, Pod, StorageClass } from '#api/generated/kubernetes.ts';
import { type Explanation, type Finding, said, type Words, words, wordsText } from '#api/explanation.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { limitsClaims } from '#api/quota/claim-quotas.ts';
import { classOfClaim, leavesClassToDefault, volumeNameOf } from '#api/storage/claim.ts';
import { defaultClassOf } from '#api/storage/default-class.ts';
import { driverOfProvisioner, pluginOfProvisioner, replacementAdvice } from '#api/storage/in-tree/plugins.ts';
import { whyVolumeUnfit } from '#api/storage/volume-reason.ts';
import { assertNever } from '#kit/assert-never.ts';
import { listed } from '#kit/listed.ts';
import { findMatchingVolume } from '../../cluster/binding/find-matching-volume.ts';
import { type ClaimPlan, planClaim, type WaitReason } from '../../cluster/binding/plan-claim.ts';
import type { Cluster } from './cluster.ts';
import { explainProvisioning } from './explain-provisioning.ts';
import { warningsAbout } from './explanation.ts';
import { quotaFindings } from './quota-findings.ts';
import { blocked, busy, type Way } from './states.ts';
import { volumeFindings } from './volume-findings.ts';

/** Why the claim has no volume yet: what binding and provisioning decide themselves. Pure. */
export function explainPending(claim: PersistentVolumeClaim, cluster: Cluster): Explanation {
  const object = `persistentvolumeclaim ${formatKey(keyOf(claim))}`;
  const { state, summary, findings, remedies, mayTakeVolumes } = whyPending(claim, cluster);
  const warnings = warningsBeside(findings, warningsAbout(cluster, claim));
  const volumes = mayTakeVolumes ? volumeFindings(claim, cluster) : [];
  return {
    state,
    summary: words('pendingBecause', { object, why: summary }),
    findings: [...findings, ...warnings, ...volumes, ...quotaFindings(cluster, limitsClaims)],
    remedies,
  };
}

/** What alone keeps the claim from having its volume, without what was looked at beside it. Pure. */
export function whyPending(claim: PersistentVolumeClaim, cluster: Cluster): Way {
  const plan = planClaim(claim, {
    volume: cluster.volumes.named(volumeNameOf(claim)),
    storageClass: classOf(claim, cluster),
    match: (isDelayed) => findMatchingVolume(claim, cluster.scheduling.index, { isDelayed }),
    defaultClass: () => defaultClassOf(cluster.classes.all())?.metadata.name,
    // why nothing: these are told of in the words of explanations
    classNames: () => [],
    nearMisses: () => [],
    waitingPods: () => [],
  });
  return wayOf(plan, claim, cluster);
}

function classOf(claim: PersistentVolumeClaim, { classes }: Cluster): StorageClass | undefined {
  const className = classOfClaim(claim);
  return className === '' ? undefined : classes.named(className);
}

/** Those of `warnings` that do not only repeat what is told anyhow. */
function warningsBeside(told: readonly Finding[], warnings: readonly Finding[]): readonly Finding[] {
  const known = told.filter((finding) => finding.words.code === 'said').map((finding) => wordsText(finding.words, 'en'));
  return warnings.filter((warning) => !known.some((text) => wordsText(warning.words, 'en').endsWith(text)));
}

function wayOf(plan: ClaimPlan, claim: PersistentVolumeClaim, cluster: Cluster): Way {
  switch (plan.kind) {
    case 'leave':
      return making(busy(words('isLeft')));
    case 'bind':
      return explainBinding(claim, plan.volume.metadata.name);
    case 'assignClass':
      return waiting(busy(words('getsDefaultClass', { class: plan.className })));
    case 'lose':
      return making(blocked(words('losesVolume', { volume: volumeNameOf(claim) }), [], [words('restoreIntoNewClaim')]));
    case 'requestVolume':
      return explainProvisioning(claim, cluster, plan.driverName);
    case 'wait':
      return WAITS[plan.because](claim, cluster);
    default:
      return assertNever(plan);
  }
}

function explainBinding(claim: PersistentVolumeClaim, volume: string): Way {
  if (volumeNameOf(claim) === '') return waiting(busy(words('volumeAboutToBeBound', { volume })));
  return making(busy(words('namesVolume', { volume }), [{ subject: `persistentvolume ${volume}`, words: words('fitsAboutToBeBound') }]));
}

/** Volumes that exist are nothing to look at. */
function making(explanation: Explanation): Way {
  return { ...explanation, mayTakeVolumes: false };
}

/** A volume that fits would do. */
function waiting(explanation: Explanation): Way {
  return { ...explanation, mayTakeVolumes: true };
}

const WAITS: Readonly<Record<WaitReason, (claim: PersistentVolumeClaim, cluster: Cluster) => Way>> = {
  volumeMissing: (claim) => {
    const volume = volumeNameOf(claim);
    const finding = { subject: `persistentvolume ${volume}`, words: words('missing') };
    return making(blocked(words('namesMissingVolume', { volume }), [finding], [words('createThatVolume')]));
  },
  volumeUnfit: (claim, cluster) => explainNamed(claim, cluster, 'namesUnfitVolume'),
  volumeTaken: (claim, cluster) => explainNamed(claim, cluster, 'namesTakenVolume'),
  classMissing: (claim, { classes }) => {
    const className = classOfClaim(claim);
    const finding = { subject: `storageclass ${className}`, words: words('missingThereAre', { names: listed(classes.names()) }) };
    return waiting(blocked(words('classMissing'), [finding], [words('createClass', { class: className })]));
  },
  firstConsumer: explainConsumer,
  noProvisioner: (claim, cluster) => {
    const provisioner = classOf(claim, cluster)?.provisioner ?? '';
    const plugin = pluginOfProvisioner(provisioner);
    const advice = plugin === undefined ? [] : [said(replacementAdvice(plugin, 'class'))];
    const finding = { subject: subjectOfClass(claim), words: words('provisionerMakesNone', { provisioner }) };
    const create = words('createVolumeOfClass', { class: classOfClaim(claim) });
    return waiting(blocked(words('classMakesNone'), [finding], [create, ...advice]));
  },
  noClass: (claim, { classes }) => {
    const create = words('createFittingVolume');
    if (!leavesClassToDefault(claim)) return waiting(blocked(words('noClassAndNoVolume'), [], [create, words('orClaimWithClass')]));
    const finding = { subject: 'default class', words: words('noDefault', { names: listed(classes.names()) }) };
    return waiting(blocked(words('namesNoClass'), [finding], [create, words('orMarkDefault')]));
  },
};

function subjectOfClass(claim: PersistentVolumeClaim): string {
  return `storageclass ${classOfClaim(claim)}`;
}

function explainNamed(claim: PersistentVolumeClaim, cluster: Cluster, code: 'namesUnfitVolume' | 'namesTakenVolume'): Way {
  const volumeName = volumeNameOf(claim);
  const volume = cluster.volumes.named(volumeName);
  const reason = volume === undefined ? undefined : whyVolumeUnfit({ ...claim, spec: { ...claim.spec, selector: undefined } }, volume);
  const findings = reason === undefined ? [] : [{ subject: `persistentvolume ${volumeName}`, words: reason }];
  return making(blocked(words(code, { volume: volumeName }), findings, [words('correctClaimOrVolume')]));
}

/** Its class wants to know the pod first. */
function explainConsumer(claim: PersistentVolumeClaim, cluster: Cluster): Way {
  const users = cluster.pods.byIndex('claim', formatKey(keyOf(claim)));
  const isMade = driverOfProvisioner(classOf(claim, cluster)?.provisioner ?? '') !== undefined;
  return { ...waitForPod(users, subjectOfClass(claim)), mayTakeVolumes: !isMade };
}

function waitForPod(users: readonly Pod[], subject: string): Explanation {
  const binding = { subject, words: words('bindsWithFirstPod') };
  if (users.length === 0) return blocked(words('waitsForFirstPod'), [binding], [words('createPod')]);
  const bypassing = users.filter(({ spec }) => (spec.nodeName ?? '') !== '');
  const rest = users.filter((pod) => !bypassing.includes(pod));
  const told = (pods: readonly Pod[], sentence: Words): readonly Finding[] =>
    pods.map(({ metadata }) => ({ subject: `pod ${metadata.name}`, words: sentence }));
  const findings = [binding, ...told(rest, words('podWaitsForNode')), ...told(bypassing, words('podNamesNode'))];
  if (rest.length === 0) return blocked(words('podsBypassScheduler'), findings, [words('useNodeSelector')]);
  const remedies = rest.map(({ metadata }) => words('explainPod', { pod: metadata.name, namespace: metadata.namespace ?? '' }));
  return blocked(words('podsHaveNoNode'), findings, remedies);
}
