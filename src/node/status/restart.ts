import type { Container, Pod } from '#api/generated/kubernetes.ts';
import { type BackoffPolicy, backoffMs } from '#kit/retry.ts';
import { ephemeralOf } from '../containers/pod-containers.ts';
import type { ObservedRun } from '../containers/run-state.ts';

/** Crash loops wait 10 s, doubling up to 5 min (kubelet: initialBackoff, MaxContainerBackOff). */
const CRASH_LOOP: BackoffPolicy = { initialMs: 10_000, maxMs: 300_000, factor: 2 };
/** A run that lasted this long ends a crash loop (kubelet resets after twice the longest back-off). */
const STABLE_RUN_MS = 600_000;
/** A platform stop explains an exit only for this long after it. */
const PLATFORM_STOP_WINDOW_MS = 120_000;

/** What happens after a run has ended. */
export type RestartDecision =
  | { readonly kind: 'none' }
  /** `delayMs` is the back-off that leads to `atMs`; 0 = no crash loop. */
  | {
      readonly kind: 'restart';
      readonly atMs: number;
      readonly delayMs: number;
      readonly restartCount: number;
      readonly backoffStep: number;
    };

/** True for an init container that keeps running beside the main ones. Pure. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

/** Decides from the files of the last run alone, so that a restart of the platform changes nothing. Pure. */
export function decideRestart(policy: string, run: ObservedRun): RestartDecision {
  const { state, record } = run;
  if (state.phase !== 'exited') return { kind: 'none' };
  if (wasStoppedByPlatform(run)) {
    return { kind: 'restart', atMs: state.finishedAtMs, delayMs: 0, restartCount: record.restartCount, backoffStep: record.backoffStep };
  }
  if (policy === 'Never' || (policy === 'OnFailure' && state.exitCode === 0)) return { kind: 'none' };
  const isStable = state.finishedAtMs - state.startedAtMs >= STABLE_RUN_MS;
  const step = isStable ? 0 : record.backoffStep;
  const delayMs = step === 0 ? 0 : backoffMs(CRASH_LOOP, step - 1);
  return { kind: 'restart', atMs: state.finishedAtMs + delayMs, delayMs, restartCount: record.restartCount + 1, backoffStep: step + 1 };
}

/** The policy that counts for a container and its end: sidecars always come back, other init containers until they succeed; a container's own rules come first. Pure. */
export function restartPolicyOf(pod: Pod, container: Container, run?: ObservedRun): string {
  if (ephemeralOf(pod, container.name) !== undefined) return 'Never';
  const isInit = pod.spec.initContainers?.includes(container) === true;
  if (run !== undefined && doesRuleRestart(container, run)) return 'Always';
  const policy = container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';
  if (isInit && isSidecar(container)) return 'Always';
  return isInit && policy === 'Always' ? 'OnFailure' : policy;
}

/** True where a rule of the container restarts it after this exit code (core/v1 ContainerRestartRule). */
function doesRuleRestart({ restartPolicyRules = [] }: Container, { state }: ObservedRun): boolean {
  if (state.phase !== 'exited') return false;
  const { exitCode } = state;
  const matching = restartPolicyRules.find(({ exitCodes }) => {
    const isListed = exitCodes?.values?.includes(exitCode) === true;
    return exitCodes !== undefined && (exitCodes.operator === 'NotIn' ? !isListed : isListed);
  });
  return matching?.action === 'Restart';
}

function wasStoppedByPlatform({ state, platformStopAtMs }: ObservedRun): boolean {
  return state.phase === 'exited' && platformStopAtMs !== undefined && state.finishedAtMs <= platformStopAtMs + PLATFORM_STOP_WINDOW_MS;
}
