import path from 'node:path';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { PodLogSource } from '#api/pod-logs.ts';
import type { PodStreamSource } from '#api/pod-streams.ts';
import type { PodTokenSource } from '#api/pod-tokens.ts';
import type { Clock } from '#kit/clock.ts';
import type { Exec } from '#kit/exec.ts';
import type { Ids } from '#kit/ids.ts';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { Client } from '#machinery/client/client.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { createEventRecorder } from '#machinery/runtime/create-event-recorder.ts';
import type { ImageSettings } from '#node/images/image-store.ts';
import { createNodeAgent } from '#node/node-agent.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { DataDirectory } from './data-directory.ts';
import type { OwnDrivers } from './drivers/own-drivers.ts';
import type { PodsAtStop } from './stop-steps.ts';

/** What the embedded node is started with. */
export interface NodeOptions {
  readonly name: string;
  readonly version: string;
  readonly directory: DataDirectory;
  readonly client: Client;
  /** Where claims are seen; undefined = the node reads those of its pods itself. */
  readonly claims: Informer<PersistentVolumeClaim> | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly exec: Exec;
  readonly imageSettings: ImageSettings;
  /** Silence that means that the node is gone, in seconds. */
  readonly leaseDurationSec: number;
  /** Processes and threads that a pod may have at a time; 0 = as many as the machine has. */
  readonly podPidsLimit: number;
  /** When the node is under pressure: `memory.available<100Mi,…`. */
  readonly evictionHard: string;
  readonly drivers: ReadonlyMap<string, CsiClient>;
  readonly podTokens: PodTokenSource | undefined;
  /** Those of Stowage itself: what is wrong with them is said by the node. */
  readonly ownDrivers: Pick<OwnDrivers, 'problem' | 'onChange'>;
  /** Where pods reach the API. */
  readonly apiAddress: () => { readonly host: string; readonly port: number };
}

/** The embedded node at work. */
export interface RunningNode {
  readonly logs: PodLogSource;
  readonly streams: PodStreamSource;
  /** What it can't do, for the user. */
  readonly limits: readonly string[];
  /** Drivers came or went. */
  refreshDrivers(signal: AbortSignal): Promise<void>;
  stop(pods: PodsAtStop): Promise<void>;
}

/** How long waiting events may hold up a stop. */
const FLUSH_MS = 2_000;

/** Starts the embedded node; resolves when it is registered and has taken over what runs. */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { name, directory, log } = options;
  const events = createEventRecorder({ ...options, component: 'kubelet', host: name });
  const agent = await createNodeAgent({
    ...options,
    log: log.with({ component: 'node', node: name }),
    events,
    poolProblem: () => options.ownDrivers.problem(),
    podPidsLimit: options.podPidsLimit === 0 ? undefined : options.podPidsLimit,
    dirs: { root: path.join(directory.nodes, name), runtime: path.join(directory.runtime, name) },
  });
  await agent.start();
  options.ownDrivers.onChange(() => void agent.reportPool());
  if (options.ownDrivers.problem() !== undefined) await agent.reportPool();
  return {
    logs: agent.logs,
    streams: agent.streams,
    limits: [agent.notReady?.message, agent.networkProblem, options.ownDrivers.problem()?.message].filter((limit) => limit !== undefined),
    refreshDrivers: (signal) => agent.refreshDrivers(signal),
    async stop(pods) {
      await agent.stop(pods);
      await events.flush(AbortSignal.timeout(FLUSH_MS));
      await events.stop();
    },
  };
}
