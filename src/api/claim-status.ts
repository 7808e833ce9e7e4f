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
  | 'namedVolumeTaken'
  | 'namedVolumeMissing'
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
  const resize = resizeStatus(claim, { events, pods });
  if (resize !== undefined) return resize;
  return pods.length === 0
    ? { code: 'bound', tone: 'good', values: {} }
    : { code: 'boundInUse', tone: 'good', values: { pods: podNames(pods) } };
}

function resizeStatus(claim: PersistentVolumeClaim, { events, pods }: Pick<ClaimSurroundings, 'events' | 'pods'>): ClaimStatus | undefined {
  const values = { size: requestedSize(claim).text };
  const active = (claim.status?.conditions ?? []).filter((condition) => condition.status === 'True');
  const failure = active.find((condition) => condition.type.endsWith('ResizeError'));
  if (failure !== undefined) return { code: 'growFailed', tone: 'bad', values, detail: failure.message };
  if (isInfeasible(claim)) return { code: 'growFailed', tone: 'bad', values, detail: newest(events, 'VolumeResizeFailed')?.message };
  const waitsForMount = active.some((condition) => condition.type === 'FileSystemResizePending');
  if (waitsForMount && pods.length === 0) return { code: 'growsAtNextMount', tone: 'waiting', values };
  const isBehind = requestedSize(claim).sizeBytes > currentSize(claim).sizeBytes;
  const isResizing = active.some((condition) => condition.type === 'Resizing');
  return waitsForMount || isBehind || isResizing ? { code: 'growing', tone: 'busy', values } : undefined;
}

/** The driver refused the size for good (kubernetes core/v1 ClaimResourceStatus). */
function isInfeasible(claim: PersistentVolumeClaim): boolean {
  return claim.status?.allocatedResourceStatuses?.['storage']?.endsWith('Infeasible') ?? false;
}

function pending(claim: PersistentVolumeClaim, surroundings: ClaimSurroundings): ClaimStatus {
  const { events, storageClass } = surroundings;
  const { storageClassName, volumeName } = claim.spec;
  if (volumeName !== undefined && volumeName !== '') return waitsForNamedVolume(volumeName, events);
  if (storageClassName === undefined || storageClassName === '') return withoutClass(storageClassName, events);
  const last = newest(events);
  if (storageClass === 'missing') return { code: 'classMissing', tone: 'bad', values: { class: storageClassName }, detail: last?.message };
  return (
    saidByEvent(last, surroundings) ??
    saidByClass(claim, surroundings) ?? { code: 'pending', tone: 'busy', values: {}, detail: last?.message }
  );
}

function saidByClass(claim: PersistentVolumeClaim, { storageClass, pods }: ClaimSurroundings): ClaimStatus | undefined {
  const known = typeof storageClass === 'object' ? storageClass : undefined;
  if (known?.volumeBindingMode === 'WaitForFirstConsumer') return waitsForPod(pods);
  const provisioner = known?.provisioner ?? claim.metadata.annotations?.['volume.kubernetes.io/storage-provisioner'];
  if (provisioner === undefined || provisioner === STATIC_ONLY) return undefined;
  return { code: 'provisioning', tone: 'busy', values: { provisioner } };
}

/** The provisioner of classes whose volumes are made by hand (Kubernetes documentation, local volumes). */
const STATIC_ONLY = 'kubernetes.io/no-provisioner';

/** Reasons are upstream's (kubernetes pkg/controller/volume/events/event.go). */
function saidByEvent(event: Event | undefined, { pods }: ClaimSurroundings): ClaimStatus | undefined {
  const { reason, type, message: detail } = event ?? {};
  if (reason === 'WaitForFirstConsumer' || reason === 'WaitForPodScheduled') return waitsForPod(pods);
  if (reason === 'FailedBinding') return { code: 'waitsForVolume', tone: 'waiting', values: {}, detail };
  return type === 'Warning' ? { code: 'provisioningFailed', tone: 'bad', values: { reason: shorten(detail ?? '') }, detail } : undefined;
}

function waitsForPod(pods: readonly Pod[]): ClaimStatus {
  if (pods.length === 0) return { code: 'waitsForFirstPod', tone: 'waiting', values: {} };
  return { code: 'waitsForScheduling', tone: 'busy', values: { pods: podNames(pods) } };
}

function waitsForNamedVolume(volume: string, events: readonly Event[]): ClaimStatus {
  const last = newest(events);
  if (last?.reason === 'VolumeMismatch') return { code: 'namedVolumeUnfit', tone: 'bad', values: { volume }, detail: last.message };
  if (last?.reason === 'FailedBinding') {
    // why the type: the binder warns of a volume that somebody else has, and only tells of one that is not there yet
    const code = last.type === 'Warning' ? 'namedVolumeTaken' : 'namedVolumeMissing';
    return { code, tone: code === 'namedVolumeTaken' ? 'bad' : 'waiting', values: { volume }, detail: last.message };
  }
  return { code: 'waitsForNamedVolume', tone: 'waiting', values: { volume }, detail: last?.message };
}

function withoutClass(className: string | undefined, events: readonly Event[]): ClaimStatus {
  const detail = newest(events)?.message;
  return className === ''
    ? { code: 'waitsForVolume', tone: 'waiting', values: {}, detail }
    : { code: 'waitsForClass', tone: 'waiting', values: {}, detail };
}

/** Events that only say that work has begun: they repeat while it fails, and must not hide why. */
const ROUTINE: ReadonlySet<string | undefined> = new Set(['Provisioning', 'ExternalProvisioning']);

/** The event that tells most: routine ones only where there is no other, the newest, and of one second's events the warning. */
function newest(events: readonly Event[], reason?: string): Event | undefined {
  let best: Event | undefined;
  for (const event of events) {
    if (reason !== undefined && event.reason !== reason) continue;
    if (best === undefined || rank(event) > rank(best)) best = event;
  }
  return best;
}

function rank(event: Event): number {
  if (ROUTINE.has(event.reason)) return 0;
  return lastSeenMs(event) + (event.type === 'Warning' ? 0.5 : 0);
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
