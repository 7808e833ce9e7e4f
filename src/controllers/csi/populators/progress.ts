import type { PersistentVolumeClaim, PersistentVolumeClaimCondition, Pod } from '#api/generated/kubernetes.ts';
import { findCondition, withCondition, withoutCondition } from '#api/conditions.ts';
import type { FillProgress, ProgressPlace } from '#api/populators/fill-order.ts';
import { POPULATING } from '#api/storage/populator.ts';
import { formatBytes } from '#kit/quantity.ts';
import { isRecord } from '#kit/json.ts';

/** Where pods with an address of their own listen. */
const POD_PORT = 8_080;
/** Where those listen that share the machine's network: below the ports that the kernel hands out, one for each claim by its UID. */
const HOST_PORTS = { first: 21_000, count: 9_000 } as const;
const LOOPBACK = '127.0.0.1';
const ASK_TIMEOUT_MS = 1_000;
/** An answer is two numbers. */
const MAX_ANSWER_CHARS = 1_000;

/** Asks a pod how far it is; undefined where it does not say. */
export type AskProgress = (pod: Pod, place: ProgressPlace, signal: AbortSignal) => Promise<FillProgress | undefined>;

/** Where the pod that fills for the claim of `uid` says how far it is. Pure. */
export function progressPlaceOf(uid: string, { usesHostNetwork }: { readonly usesHostNetwork: boolean }): ProgressPlace {
  // why with the uid: on a machine's network anybody may listen at a port
  const path = `/progress/${uid}`;
  if (!usesHostNetwork) return { port: POD_PORT, path };
  const spread = Array.from(new TextEncoder().encode(uid)).reduce((sum, byte) => (sum * 31 + byte) % HOST_PORTS.count, 7);
  return { host: LOOPBACK, port: HOST_PORTS.first + spread, path };
}

/** Asks over HTTP. A pod that does not answer at once goes on all the same. */
export const askProgressOverHttp: AskProgress = async (pod, { host, port, path }, signal) => {
  const address = host ?? pod.status?.podIP ?? '';
  if (address === '') return undefined;
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}${path}`;
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_TIMEOUT_MS)]), redirect: 'error' });
    if (!response.ok || Number(response.headers.get('content-length') ?? 0) > MAX_ANSWER_CHARS) return undefined;
    const answer: unknown = JSON.parse((await response.text()).slice(0, MAX_ANSWER_CHARS));
    return parseProgress(answer);
  } catch {
    // why: it may not listen yet, or no more
    return undefined;
  }
};

function parseProgress(answer: unknown): FillProgress | undefined {
  if (!isRecord(answer)) return undefined;
  const { doneBytes, totalBytes } = answer;
  if (typeof doneBytes !== 'number' || !Number.isSafeInteger(doneBytes) || doneBytes < 0) return undefined;
  const isKnown = typeof totalBytes === 'number' && Number.isSafeInteger(totalBytes) && totalBytes > 0;
  return { doneBytes, totalBytes: isKnown ? totalBytes : undefined };
}

/** How far a claim is, in words: whole percent where it is known how much there is. Pure. */
export function progressText({ doneBytes, totalBytes }: FillProgress): string {
  if (totalBytes === undefined) return sizeText(doneBytes);
  return `${percentOf({ doneBytes, totalBytes })} % of ${sizeText(totalBytes)}`;
}

function sizeText(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti'] as const;
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return power === 0 ? formatBytes(BigInt(bytes)) : `${(bytes / 1_024 ** power).toFixed(1)}${units[power]}`;
}

/** Whole percent; 0 where nobody knows how much there is. Pure. */
export function percentOf({ doneBytes, totalBytes }: FillProgress): number {
  return totalBytes === undefined ? 0 : Math.min(99, Math.floor((doneBytes * 100) / totalBytes));
}

/** The message of the condition that says how far the claim is; undefined where it is not being filled. */
export function progressOf({ status }: PersistentVolumeClaim): string | undefined {
  return findCondition(status?.conditions, POPULATING)?.message;
}

/** The conditions of the claim with `message` as how far it is, undefined = not being filled. Pure. */
export function conditionsWith(
  claim: PersistentVolumeClaim,
  message: string | undefined,
  now: string,
): readonly PersistentVolumeClaimCondition[] {
  const conditions = claim.status?.conditions;
  if (message === undefined) return withoutCondition(conditions, POPULATING);
  return withCondition(conditions, { type: POPULATING, status: 'True', reason: POPULATING, message, lastTransitionTime: now });
}

/** The quarter that a message of progress is in, 0 to 3. Pure. */
export function quarterOf(message: string | undefined): number {
  return Math.floor(Number.parseInt(message ?? '0', 10) / 25) || 0;
}
