import { lastSeenMs, requestedSize } from './claim-facts.ts';
import type { Words } from './explanation.ts';
import type { Event, PersistentVolumeClaim, Pod } from './generated/kubernetes.ts';
import type { KubeObject } from './meta/object.ts';
import type { Resource } from './meta/resource.ts';
import { growthErrorOf, growthStateOf } from './storage/growth.ts';
import { modificationConditionOf, modificationStateOf, targetAttributesClassOf } from './storage/modification.ts';

/** How a status should look: `good` needs nothing, `busy` passes by itself, `waiting` waits for the user's next step, `bad` needs somebody. */
export type StatusTone = 'good' | 'busy' | 'waiting' | 'bad';

/** What a claim's status means; one sentence each in every language. */
export type ClaimStatusCode =
  | 'bound'
  | 'boundInUse'
  | 'unwell'
  | 'growing'
  | 'growsAtNextMount'
  | 'growFailed'
  | 'attributesChange'
  | 'attributesFailed'
  | 'lost'
  | 'terminating'
  | 'terminatingInUse'
  | 'classMissing'
  | 'waitsForClass'
  | 'waitsForVolume'
  | 'waitsForNamedVolume'
  | 'namedVolumeUnfit'
  | 'namedVolumeTaken'
  | 'namedVolumeMissing'
  | 'waitsForFirstPod'
  | 'waitsForScheduling'
  | 'podsBypassScheduler'
  | 'driverMissing'
  | 'provisioning'
  | 'provisioningFailed'
  | 'pending';

/** Why a claim is in the state it is in, free of language. */
export interface ClaimStatus {
  readonly code: ClaimStatusCode;
  readonly tone: StatusTone;
  /** Values of the sentence's placeholders. */
  readonly values: Readonly<Record<string, string>>;
  /** The value `reason`, where it is a sentence itself. */
  readonly reason?: Words | undefined;
  /** The server's own words, where there are any. */
  readonly detail?: string | undefined;
}

/** The status of a claim that waits for its volume, as the gateway sends it: the name and the uid are the claim's. */
export interface DecidedStatus extends KubeObject {
  readonly status: ClaimStatus;
}

/** Where the gateway has the statuses of claims that wait for their volumes: binding and provisioning decide on them, from more than the browser knows. */
export const claimStatuses: Resource<DecidedStatus> = {
  group: 'console.stowage.dev',
  version: 'v1',
  kind: 'ClaimStatus',
  listKind: 'ClaimStatusList',
  plural: 'claimstatuses',
  singular: 'claimstatus',
  shortNames: [],
  categories: [],
  isNamespaced: true,
};

/** What the status is made from beside the claim. */
export interface ClaimSurroundings {
  /** Events about this claim, in any order. */
  readonly events: readonly Event[];
  /** Pods that name this claim. */
  readonly pods: readonly Pod[];
  /** What was decided on while it waits for its volume; absent where that is not known (yet). */
  readonly decided: ClaimStatus | undefined;
}

/** The one answer to "what is the matter with this claim". Pure. */
export function claimStatus(claim: PersistentVolumeClaim, surroundings: ClaimSurroundings): ClaimStatus {
  if (claim.metadata.deletionTimestamp !== undefined) return terminating(surroundings.pods);
  const phase = claim.status?.phase ?? 'Pending';
  if (phase === 'Lost')
    return { code: 'lost', tone: 'bad', values: { volume: claim.spec.volumeName ?? '' }, detail: newestOf(surroundings.events)?.message };
  if (phase === 'Bound') return bound(claim, surroundings);
  return surroundings.decided ?? { code: 'pending', tone: 'busy', values: {}, detail: newestOf(surroundings.events)?.message };
}

function terminating(pods: readonly Pod[]): ClaimStatus {
  if (pods.length === 0) return { code: 'terminating', tone: 'busy', values: {} };
  return { code: 'terminatingInUse', tone: 'waiting', values: { pods: podNames(pods) } };
}

function bound(claim: PersistentVolumeClaim, { events, pods }: ClaimSurroundings): ClaimStatus {
  // why first: what is wrong with the data matters more than what is being done to the volume
  const change = unwell(claim) ?? growth(claim, { events, pods }) ?? modification(claim);
  if (change !== undefined) return change;
  return pods.length === 0
    ? { code: 'bound', tone: 'good', values: {} }
    : { code: 'boundInUse', tone: 'good', values: { pods: podNames(pods) } };
}

/** What the driver says of the volume (KEP-1432). */
function unwell({ status }: PersistentVolumeClaim): ClaimStatus | undefined {
  const conditions = status?.healthStatus?.healthConditions ?? [];
  if (conditions.length === 0) return undefined;
  const statuses = [...new Set(conditions.map((condition) => condition.status))];
  const detail = conditions.map(({ reason, message = '' }) => (message === '' ? reason : `${reason}: ${message}`)).join('; ');
  return { code: 'unwell', tone: 'bad', values: { status: statuses.join(', ') }, detail };
}

function growth(claim: PersistentVolumeClaim, { events, pods }: Pick<ClaimSurroundings, 'events' | 'pods'>): ClaimStatus | undefined {
  const values = { size: requestedSize(claim).text };
  switch (growthStateOf(claim, pods.length > 0)) {
    case 'failed':
      return { code: 'growFailed', tone: 'bad', values, detail: (growthErrorOf(claim) ?? newestOf(events, 'VolumeResizeFailed'))?.message };
    case 'waitsForPod':
      return { code: 'growsAtNextMount', tone: 'waiting', values };
    case 'goesOn':
      return { code: 'growing', tone: 'busy', values };
    case 'none':
      return undefined;
  }
}

function modification(claim: PersistentVolumeClaim): ClaimStatus | undefined {
  const values = { class: targetAttributesClassOf(claim) };
  switch (modificationStateOf(claim)) {
    case 'blocked':
      return { code: 'attributesFailed', tone: 'bad', values, detail: modificationConditionOf(claim, 'ModifyVolumeError')?.message };
    case 'goesOn':
      return { code: 'attributesChange', tone: 'busy', values };
    case 'none':
      return undefined;
  }
}

/** The newest event, and of one second's events the warning. */
function newestOf(events: readonly Event[], reason?: string): Event | undefined {
  let best: Event | undefined;
  for (const event of events) {
    if (reason !== undefined && event.reason !== reason) continue;
    if (best === undefined || rank(event) > rank(best)) best = event;
  }
  return best;
}

function rank(event: Event): number {
  return lastSeenMs(event) + (event.type === 'Warning' ? 0.5 : 0);
}

/** Most pods named in one sentence. */
const NAMED_PODS = 3;

/** Names of pods as they stand in a sentence. */
export function podNames(pods: readonly Pod[]): string {
  const names = pods.map((pod) => pod.metadata.name).sort();
  const rest = names.length - NAMED_PODS;
  return rest > 0 ? `${names.slice(0, NAMED_PODS).join(', ')} +${rest}` : names.join(', ');
}

/** Longest piece of somebody's words inside a sentence, in characters; the whole stands in `detail`. */
const MAX_REASON = 160;

/** Words as they stand in a sentence. */
export function shorten(text: string): string {
  return text.length > MAX_REASON ? `${text.slice(0, MAX_REASON - 1)}…` : text;
}
