import { PlatformError } from '#kit/errors.ts';
import { AttachmentLimitExceeded } from '../volumes/volume-error.ts';
import type { PodVolumes } from '../volumes/pod-volumes.ts';
import { failedMount, failedSandbox } from '../status/pod-events.ts';
import type { KnownPod } from './pod-snapshot.ts';
import { preparePod, type PrepareTools } from './prepare-pod.ts';
import { failPod } from './reject-pod.ts';
import { hasRunning } from '../status/progress.ts';
import { type SilenceTools, tellingSilence } from './tell-silence.ts';
import { type StatusTools, writeStatus } from './write-status.ts';

/** What making a pod ready for its containers needs. */
export interface EnsurePreparedTools extends SilenceTools, StatusTools {
  readonly volumes: PrepareTools['volumes'] & Pick<PodVolumes, 'awaited' | 'refresh'>;
  readonly network: PrepareTools['network'] & StatusTools['network'];
  readonly signal: AbortSignal;
  /** Asks a driver anew how many volumes it takes here. Never rejects. */
  readonly refreshLimit: (driver: string) => Promise<void>;
}

/** A pod whose volumes take longer shows that it is being made. */
const SHOWN_MS = 1_000;
/** Files of configMaps, secrets and tokens are compared this often (kubelet: each minute or so). */
const REFRESH_MS = 60_000;

/** Makes volumes and network ready, with back-off; true when they are. */
export async function ensurePrepared(tools: EnsurePreparedTools, on: KnownPod): Promise<boolean> {
  const { clock, events, signal } = tools;
  const { pod, memory, paths } = on;
  if (memory.volumes !== undefined) return true;
  if (memory.podProblem !== undefined && memory.podProblem.retryAtMs > clock.nowMs()) return false;
  // why ignored: another writer was faster, and the look that follows writes it again
  const slow = clock.after(SHOWN_MS, () => void writeStatus(tools, on, {}).catch(() => {}));
  try {
    memory.volumes = await tellingSilence(tools, { pod, event: failedMount }, preparePod(tools, { pod, paths, signal }));
    memory.podProblem = undefined;
    memory.refreshAtMs = clock.nowMs() + REFRESH_MS;
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AttachmentLimitExceeded && !hasRunning(on.observed)) {
      // why first: the pod that comes next must not be placed by the count that was wrong
      await tools.refreshLimit(error.driver);
      await failPod(tools, pod, { reason: error.reason, message: error.message });
      return false;
    }
    const problem = memory.failPod(error, clock.nowMs());
    events.record(problem.reason === 'FailedMount' ? failedMount(pod, problem.message) : failedSandbox(pod, problem.message));
    // why: upstream keeps saying ContainerCreating while volumes are missing, and people and scripts look for that word
    memory.podProblem = { ...problem, reason: 'ContainerCreating' };
    return false;
  } finally {
    slow.cancel();
  }
}

/** Brings changed configuration and new tokens into the volumes of what runs. */
export async function refreshFiles(
  { clock, events, signal, volumes }: Pick<EnsurePreparedTools, 'clock' | 'events' | 'signal' | 'volumes'>,
  { pod, memory, paths, observed }: KnownPod,
): Promise<void> {
  if (!hasRunning(observed) || clock.nowMs() < memory.refreshAtMs) return;
  memory.refreshAtMs = clock.nowMs() + REFRESH_MS;
  try {
    await volumes.refresh({ pod, paths, signal });
  } catch (error) {
    signal.throwIfAborted();
    // why no more than an event: what runs goes on with the files that it has
    events.record(failedMount(pod, PlatformError.from(error).message));
  }
}
