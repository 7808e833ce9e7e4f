import type { Pod, PodStatus } from '#api/generated/kubernetes.ts';
import { keyOf, type KubeObject } from '#api/meta/object.ts';
import { BUILT_IN_RESOURCES, pods } from '#api/resources.ts';
import { GarbageCollection } from '#controllers/cluster/garbage-collection/controller.ts';
import { createWorkloadControllers } from '#controllers/cluster/workload-controllers.ts';
import { formatTime } from '#kit/clock.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import { Metrics } from '#kit/metrics.ts';
import { runController, type RunningController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from './api.ts';
import { type FakeClock, settle } from './fake-clock.ts';

/** The workload controllers and the garbage collector on a test API; the test itself plays the node. */
export interface WorkloadBench {
  readonly api: TestApi<FakeClock>;
  readonly client: Client;
  readonly told: EventDraft[];
  /** Lets everything that needs no time run to its end. */
  idle(): Promise<void>;
  step(deltaMs: number): Promise<void>;
  /** All pods, by name. */
  pods(): Promise<readonly Pod[]>;
  /** Makes every pod ready that is not, and takes away those that are being deleted, until nothing changes any more. */
  playNode(): Promise<void>;
  setPodStatus(name: string, status: PodStatus): Promise<void>;
  /** Stops the controllers as a crash does, and starts new ones that know nothing. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Rounds after which a workload that still changes is a fault. */
const MAX_ROUNDS = 60;

/** Starts an API with the built-in kinds, and the workload controllers on it. */
export async function startWorkloadBench(wrapClient: (client: Client) => Client = (client) => client): Promise<WorkloadBench> {
  const api = await startTestApi();
  const told: EventDraft[] = [];
  let crew = await startCrew(api, told, wrapClient(api.client));
  const idle = async (): Promise<void> => {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      await settle();
      for (const running of crew.running) await running.idle();
    }
  };
  const list = async (): Promise<readonly Pod[]> =>
    (await api.client.list(pods)).items.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const setStatus = async (pod: KubeObject, status: PodStatus): Promise<void> => {
    await api.client.patch(pods, { key: keyOf(pod), patch: { type: 'merge', body: { status } } }, { subresource: 'status' });
  };
  await idle();
  return {
    api,
    client: api.client,
    told,
    idle,
    step: async (deltaMs) => {
      await api.clock.step(deltaMs);
      await idle();
    },
    pods: list,
    playNode: async () => {
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        await idle();
        const changed = await playRound(api, await list(), setStatus);
        if (!changed) return;
      }
      throw new Error(`the workload still changes after ${MAX_ROUNDS} rounds`);
    },
    setPodStatus: async (name, status) => {
      const pod = (await list()).find(({ metadata }) => metadata.name === name);
      if (pod === undefined) throw new Error(`there is no pod ${name}`);
      await setStatus(pod, status);
      await idle();
    },
    restart: async () => {
      await crew.stop();
      crew = await startCrew(api, told, wrapClient(api.client));
      await idle();
    },
    close: async () => {
      await crew.stop();
      await api.close();
    },
  };
}

/** The status of a pod whose containers run. */
export function readyStatus(nowMs: number): PodStatus {
  return { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: formatTime(nowMs) }] };
}

async function playRound(
  api: TestApi<FakeClock>,
  all: readonly Pod[],
  setStatus: (pod: Pod, status: PodStatus) => Promise<void>,
): Promise<boolean> {
  let changed = false;
  for (const pod of all) {
    if (pod.metadata.deletionTimestamp !== undefined && (pod.metadata.deletionGracePeriodSeconds ?? 0) > 0) {
      await api.client.delete(pods, keyOf(pod), { gracePeriodSec: 0 });
      changed = true;
    } else if (pod.metadata.deletionTimestamp === undefined && (pod.status?.phase ?? 'Pending') === 'Pending') {
      await setStatus(pod, readyStatus(api.clock.nowMs()));
      changed = true;
    }
  }
  return changed;
}

interface Crew {
  readonly running: readonly RunningController[];
  stop(): Promise<void>;
}

async function startCrew(api: TestApi<FakeClock>, told: EventDraft[], client: Client): Promise<Crew> {
  const informers = new InformerFactory({ client, clock: api.clock, log: silentLogger });
  const controllers = [
    ...createWorkloadControllers({ informers }).map(({ controller }) => controller),
    ...new GarbageCollection(informers).collectAll(BUILT_IN_RESOURCES),
  ];
  const running = controllers.map((controller) =>
    runController(controller, {
      client: informers.client,
      clock: api.clock,
      ids: new SystemIds(),
      log: silentLogger,
      events: { record: (event) => void told.push(event) },
      metrics: new Metrics(),
    }),
  );
  await Promise.all(running.map(({ ready }) => ready));
  return {
    running,
    stop: async () => {
      await Promise.all(running.map((controller) => controller.stop()));
      informers.stop();
    },
  };
}
