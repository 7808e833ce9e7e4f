import { currentSize, lastSeenMs, requestedSize } from './claim-facts.ts';
import type { Event, PersistentVolumeClaim, Pod, StorageClass } from './generated/kubernetes.ts';

/** How a status should look: `good` needs nothing, `busy` passes by itself, `waiting` waits for the user's next step, `bad` needs somebody. */
export type StatusTone = 'good' | 'busy' | 'waiting' | 'bad';

/** What a claim's status means; one sentence each in every language. */
export type ClaimStatusCode =
  | 'bound'
  | 'boundInUse'
  | 'growing'
  | 'growsAtNextMount'
  | 'growFailed'
  | 'lost'
  | 'terminating'
  | 'terminatingInUse'
  | 'classMissing'
  | 'waitsForClass'
  | 'waitsForVolume'
  | 'waitsForNamedVolume'
  | 'namedVolumeUnfit'
  | 'waitsForFirstPod'
  | 'waitsForScheduling'
  | 'provisioning'
  | 'provisioningFailed'
  | 'pending';

/** Why a claim is in the state it is in, free of language. */
export interface ClaimStatus {
  readonly code: ClaimStatusCode;
  readonly tone: StatusTone;
  /** Values of the sentence's placeholders. */
  readonly values: Readonly<Record<string, string>>;
  /** The server's own words, where there are any. */
  readonly detail?: string | undefined;
}

/** What the status is made from beside the claim. */
export interface ClaimSurroundings {
  /** Events about this claim, in any order. */
  readonly events: readonly Event[];
  /** Pods that name this claim. */
  readonly pods: readonly Pod[];
  /** `missing`: the class is known not to exist; undefined: not known, or the claim names none. */
  readonly storageClass: StorageClass | 'missing' | undefined;
}

/** The one answer to "what is the matter with this claim". Pure. */
export function claimStatus(claim: PersistentVolumeClaim, surroundings: ClaimSurroundings): ClaimStatus {
  if (claim.metadata.deletionTimestamp !== undefined) return terminating(surroundings.pods);
  const phase = claim.status?.phase ?? 'Pending';
  if (phase === 'Lost')
    return { code: 'lost', tone: 'bad', values: { volume: claim.spec.volumeName ?? '' }, detail: newest(surroundings.events)?.message };
  return phase === 'Bound' ? bound(claim, surroundings) : pending(claim, surroundings);
}

function terminating(pods: readonly Pod[]): ClaimStatus {
  if (pods.length === 0) return { code: 'terminating', tone: 'busy', values: {} };
  return { code: 'terminatingInUse', tone: 'waiting', values: { pods: podNames(pods) } };
}

function bound(claim: PersistentVolumeClaim, { events, pods }: ClaimSurroundings): ClaimStatus {
  const size = requestedSize(claim).text;
  const conditions = claim.status?.conditions ?? [];
  const isTrue = (type: string): boolean => conditions.some((condition) => condition.type === type && condition.status === 'True');
  const resizeError = conditions.find((condition) => condition.type.endsWith('ResizeError') && condition.status === 'True');
  const resizeStatus = claim.status?.allocatedResourceStatuses?.['storage'];
  if (resizeError !== undefined || resizeStatus?.endsWith('Infeasible') === true) {
    const detail = resizeError?.message ?? newest(events, 'VolumeResizeFailed')?.message;
    return { code: 'growFailed', tone: 'bad', values: { size }, detail };
  }
  if (isTrue('FileSystemResizePending') && pods.length === 0) return { code: 'growsAtNextMount', tone: 'waiting', values: { size } };
  if (isTrue('FileSystemResizePending') || isTrue('Resizing') || requestedSize(claim).sizeBytes > currentSize(claim).sizeBytes) {
    return { code: 'growing', tone: 'busy', values: { size } };
  }
  return pods.length === 0
    ? { code: 'bound', tone: 'good', values: {} }
    : { code: 'boundInUse', tone: 'good', values: { pods: podNames(pods) } };
}

function pending(claim: PersistentVolumeClaim, surroundings: ClaimSurroundings): ClaimStatus {
  const { events, storageClass } = surroundings;
  const className = claim.spec.storageClassName;
  if (claim.spec.volumeName !== undefined && claim.spec.volumeName !== '') return waitsForNamedVolume(claim.spec.volumeName, events);
  if (className === undefined || className === '') return withoutClass(className, events);
  const last = newest(events);
  if (storageClass === 'missing') return { code: 'classMissing', tone: 'bad', values: { class: className }, detail: last?.message };
  const said = last === undefined ? undefined : saidByEvent(last, surroundings);
  if (said !== undefined) return said;
  if (storageClass?.volumeBindingMode === 'WaitForFirstConsumer') return waitsForPod(surroundings.pods);
  const provisioner = provisionerOf(claim, storageClass);
  if (provisioner !== undefined && provisioner !== 'kubernetes.io/no-provisioner')
    return { code: 'provisioning', tone: 'busy', values: { provisioner } };
  return { code: 'pending', tone: 'busy', values: {}, detail: last?.message };
}

/** Reasons are upstream's (kubernetes pkg/controller/volume/events/event.go). */
function saidByEvent(event: Event, { storageClass, pods }: ClaimSurroundings): ClaimStatus | undefined {
  const detail = event.message;
  switch (event.reason) {
    case 'ProvisioningFailed':
      return { code: 'provisioningFailed', tone: 'bad', values: { reason: shorten(detail ?? '') }, detail };
    case 'WaitForFirstConsumer':
    case 'WaitForPodScheduled':
      return waitsForPod(pods);
    case 'FailedBinding':
      return { code: 'waitsForVolume', tone: 'waiting', values: {}, detail };
    case 'Provisioning':
    case 'ExternalProvisioning':
    case 'ProvisioningSucceeded':
      return typeof storageClass === 'object'
        ? { code: 'provisioning', tone: 'busy', values: { provisioner: storageClass.provisioner }, detail }
        : undefined;
    default:
      return event.type === 'Warning'
        ? { code: 'provisioningFailed', tone: 'bad', values: { reason: shorten(detail ?? event.reason ?? '') }, detail }
        : undefined;
  }
}

function waitsForPod(pods: readonly Pod[]): ClaimStatus {
  if (pods.length === 0) return { code: 'waitsForFirstPod', tone: 'waiting', values: {} };
  return { code: 'waitsForScheduling', tone: 'busy', values: { pods: podNames(pods) } };
}

function waitsForNamedVolume(volume: string, events: readonly Event[]): ClaimStatus {
  const last = newest(events);
  const isUnfit = last?.reason === 'VolumeMismatch' || last?.reason === 'FailedBinding';
  if (isUnfit) return { code: 'namedVolumeUnfit', tone: 'bad', values: { volume }, detail: last.message };
  return { code: 'waitsForNamedVolume', tone: 'waiting', values: { volume }, detail: last?.message };
}

function withoutClass(className: string | undefined, events: readonly Event[]): ClaimStatus {
  const detail = newest(events)?.message;
  return className === ''
    ? { code: 'waitsForVolume', tone: 'waiting', values: {}, detail }
    : { code: 'waitsForClass', tone: 'waiting', values: {}, detail };
}

function provisionerOf(claim: PersistentVolumeClaim, storageClass: ClaimSurroundings['storageClass']): string | undefined {
  if (typeof storageClass === 'object') return storageClass.provisioner;
  return claim.metadata.annotations?.['volume.kubernetes.io/storage-provisioner'];
}

function newest(events: readonly Event[], reason?: string): Event | undefined {
  let best: Event | undefined;
  for (const event of events) {
    if (reason !== undefined && event.reason !== reason) continue;
    if (best === undefined || lastSeenMs(event) >= lastSeenMs(best)) best = event;
  }
  return best;
}

/** Most pods named in one sentence. */
const NAMED_PODS = 3;

function podNames(pods: readonly Pod[]): string {
  const names = pods.map((pod) => pod.metadata.name).sort();
  const rest = names.length - NAMED_PODS;
  return rest > 0 ? `${names.slice(0, NAMED_PODS).join(', ')} +${rest}` : names.join(', ');
}

/** Longest piece of a server's message inside a sentence, in characters; the whole stands in `detail`. */
const MAX_REASON = 160;

function shorten(text: string): string {
  return text.length > MAX_REASON ? `${text.slice(0, MAX_REASON - 1)}…` : text;
}
