import type { Pod } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { DEADLINE_EXCEEDED } from './active-deadline.ts';
import { podLabel } from './pod-label.ts';

/** An event as the node records it; the same shape as the controller runtime's drafts. */
export interface NodeEvent {
  readonly about: KubeObject;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** Where events go; never throws, never blocks. */
export interface NodeEvents {
  record(event: NodeEvent): void;
}

export const pulling = (about: Pod, image: string): NodeEvent => ({
  about,
  type: 'Normal',
  reason: 'Pulling',
  message: `Pulling image ${JSON.stringify(image)}`,
});
/** `tookMs`: how long the registry took; undefined = it was here. */
export const pulled = (about: Pod, image: string, tookMs: number | undefined): NodeEvent => ({
  about,
  type: 'Normal',
  reason: 'Pulled',
  message:
    tookMs === undefined
      ? `Container image ${JSON.stringify(image)} already present on machine`
      : `Successfully pulled image ${JSON.stringify(image)} in ${(tookMs / 1000).toFixed(3)}s`,
});
export const standsIn = (about: Pod, container: string, why: string): NodeEvent => ({
  about,
  type: 'Warning',
  reason: 'ImageFallback',
  message: `Container ${container} runs on a read-only view of this machine's programs (--image-fallback host): ${why}`,
});
export const created = (about: Pod, container: string): NodeEvent => ({
  about,
  type: 'Normal',
  reason: 'Created',
  message: `Container created: ${container}`,
});
export const started = (about: Pod, container: string): NodeEvent => ({
  about,
  type: 'Normal',
  reason: 'Started',
  message: `Container started: ${container}`,
});
export const killing = (about: Pod, container: string, why = `Stopping container ${container}`): NodeEvent => ({
  about,
  type: 'Normal',
  reason: 'Killing',
  message: why,
});
/** `kind` as upstream writes it: `Liveness probe failed: …`. */
export const unhealthy = (about: Pod, kind: string, message: string): NodeEvent => ({
  about,
  type: 'Warning',
  reason: 'Unhealthy',
  message: `${kind.charAt(0).toUpperCase()}${kind.slice(1)} probe failed: ${message}`,
});
// why without its words: they may hold secrets, and every reader of events would see them (as upstream)
export const failedPostStart = (about: Pod): NodeEvent => ({
  about,
  type: 'Warning',
  reason: 'FailedPostStartHook',
  message: 'PostStartHook failed',
});
export const failedPreStop = (about: Pod): NodeEvent => ({
  about,
  type: 'Warning',
  reason: 'FailedPreStopHook',
  message: 'PreStopHook failed',
});
export const backOff = (about: Pod, container: string): NodeEvent => ({
  about,
  type: 'Warning',
  reason: 'BackOff',
  message: `Back-off restarting failed container ${container} in pod ${podLabel(about)}`,
});
export const failed = (about: Pod, message: string): NodeEvent => ({
  about,
  type: 'Warning',
  reason: 'Failed',
  message: `Error: ${message}`,
});
export const failedMount = (about: Pod, message: string): NodeEvent => ({ about, type: 'Warning', reason: 'FailedMount', message });
export const failedSandbox = (about: Pod, message: string): NodeEvent => ({
  about,
  type: 'Warning',
  reason: 'FailedCreatePodSandBox',
  message: `Failed to create pod sandbox: ${message}`,
});
export const failedKill = (about: Pod, message: string): NodeEvent => ({
  about,
  type: 'Warning',
  reason: 'FailedKillPod',
  message: `error killing pod: ${message}`,
});
export const deadlineExceeded = (about: Pod): NodeEvent => ({ about, type: 'Normal', ...DEADLINE_EXCEEDED });
export const nodeNotReady = (about: Pod, message: string): NodeEvent => ({ about, type: 'Warning', reason: 'NodeNotReady', message });
