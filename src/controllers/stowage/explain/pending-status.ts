import { type ClaimStatus, type ClaimStatusCode, podNames, shorten, type StatusTone } from '#api/claim-status.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { said, type Words, type WordsCode } from '#api/explanation.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { classOfClaim, volumeNameOf } from '#api/storage/claim.ts';
import type { Cluster } from './cluster.ts';
import { whyPending } from './explain-pending.ts';
import { failuresToProvision } from './explanation.ts';
import type { Way } from './states.ts';

/** What the console's list says, in few words, where an explanation says this; of what is not here, that it waits. */
const STATUSES: Readonly<Partial<Record<WordsCode, readonly [ClaimStatusCode, StatusTone]>>> = {
  namesVolume: ['waitsForNamedVolume', 'busy'],
  namesMissingVolume: ['namedVolumeMissing', 'waiting'],
  namesUnfitVolume: ['namedVolumeUnfit', 'bad'],
  namesTakenVolume: ['namedVolumeTaken', 'bad'],
  losesVolume: ['lost', 'bad'],
  classMissing: ['classMissing', 'bad'],
  noClassAndNoVolume: ['waitsForVolume', 'waiting'],
  namesNoClass: ['waitsForClass', 'waiting'],
  classMakesNone: ['waitsForVolume', 'waiting'],
  waitsForFirstPod: ['waitsForFirstPod', 'waiting'],
  podsHaveNoNode: ['waitsForScheduling', 'waiting'],
  podsBypassScheduler: ['podsBypassScheduler', 'bad'],
  driverOnNoNode: ['driverMissing', 'bad'],
  notAskedFor: ['provisioningFailed', 'bad'],
  attributesClassUnusable: ['provisioningFailed', 'bad'],
  couldNotMake: ['provisioningFailed', 'bad'],
  noRoom: ['provisioningFailed', 'bad'],
  isMakingVolume: ['provisioning', 'busy'],
  awaitsPopulator: ['provisioning', 'busy'],
  isBeingFilled: ['provisioning', 'busy'],
};

/** The status of a claim that waits for its volume: what explanations say of it, in the list's words. Pure. */
export function pendingStatus(claim: PersistentVolumeClaim, cluster: Cluster): ClaimStatus {
  const way = whyPending(claim, cluster);
  const [code, tone] = STATUSES[way.summary.code] ?? (['pending', way.state === 'busy' ? 'busy' : 'waiting'] as const);
  const [failure] = failuresToProvision(cluster, claim);
  return { code, tone, values: valuesOf(code, claim, { way, cluster }), ...(code === 'provisioningFailed' ? reasonOf(way, failure) : {}) };
}

interface Judged {
  readonly way: Way;
  readonly cluster: Cluster;
}

/** No others than the sentence has: whoever may see the claim is told. */
function valuesOf(code: ClaimStatusCode, claim: PersistentVolumeClaim, { way, cluster }: Judged): ClaimStatus['values'] {
  const { driver } = way.summary.values;
  switch (code) {
    case 'classMissing':
      return { class: classOfClaim(claim) };
    case 'waitsForScheduling':
      return { pods: podNames(cluster.pods.byIndex('claim', formatKey(keyOf(claim)))) };
    case 'provisioning':
    case 'driverMissing':
      return { provisioner: typeof driver === 'string' ? driver : '' };
    default:
      return volumeNameOf(claim) === '' ? {} : { volume: volumeNameOf(claim) };
  }
}

/** What was refused before anybody was asked, else what the driver said: the event has the same. */
function reasonOf({ summary, findings }: Way, failure: string | undefined): { readonly reason: Words; readonly detail?: string } {
  const refusal = findings.find(({ words }) => words.code === 'said')?.words;
  if (refusal !== undefined) return { reason: refusal };
  return failure === undefined ? { reason: summary } : { reason: said(shorten(failure)), detail: failure };
}
