import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pod } from '#api/generated/kubernetes.ts';
import { type Draft, keyOf } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import type { Exec } from '#kit/exec.ts';
import { silentLogger } from '#kit/log.ts';
import type { RunStart } from '#node/containers/container-runtime.ts';
import type { HandlerOutcome } from '#node/handlers/handler-outcome.ts';
import { NodePaths, type PodPaths, type RunPaths } from '#node/node-paths.ts';
import { HookRuns } from '#node/pods/hook-runs.ts';
import type { Problem } from '#node/status/observed-pod.ts';
import type { NodeEvent } from '#node/status/pod-events.ts';
import { PodSync, type PodSyncOptions } from '#node/pods/pod-sync.ts';
import { RunWatches } from '#node/pods/run-watches.ts';
import { ContainerProbes } from '#node/probes/container-probes.ts';
import { startTestApi, type TestApi } from './api.ts';
import { anImage } from './builders/image.ts';
import type { FakeClock } from './fake-clock.ts';
import { FakeContainerRuntime, type FakeLife } from './fakes/fake-container-runtime.ts';

/** Nothing of these tests runs a program. */
const NO_EXEC: Exec = { run: (argv) => Promise.reject(new TypeError(`${argv.join(' ')} is not to be run`)) };

/** The next look comes after this long at most, so that what wakes a pod is heard. */
const STRIDE_MS = 250;

/** Looks at the pods of a node on a fake container runtime, an API in this process and a fake clock; volumes, network and handlers answer what a test says. */
export class PodBench {
  readonly api: TestApi<FakeClock>;
  readonly clock: FakeClock;
  readonly paths: NodePaths;
  readonly events: NodeEvent[] = [];
  runtime: FakeContainerRuntime;
  /** What a container does, by its name. */
  readonly lives = new Map<string, FakeLife>();
  /** Runs before volumes are ready; throws to fail them. */
  prepare: (pod: Pod) => Promise<void> = async () => {};
  /** Drivers that are waited for, in words. */
  awaited: readonly string[] = [];
  /** Volumes that were torn down, by `uid data`. */
  readonly tornDown: string[] = [];
  /** Runs before a container is handed to the runtime; throws to refuse it. */
  beforeContainer: (name: string) => Promise<void> = async () => {};
  /** What probes and hooks answer. */
  outcome: (what: 'probe' | 'hook') => Promise<HandlerOutcome> = async () => ({ isOk: true, message: '' });
  readonly #notReady: Problem | undefined;
  readonly #abort = new AbortController();
  readonly #woken = new Set<string>();
  #pods: readonly Pod[] = [];
  #sync: PodSync;
  #root: string;

  /** `notReady`: why no pod can run on the node. */
  static async start(options: { readonly notReady?: Problem } = {}): Promise<PodBench> {
    return new PodBench(await startTestApi(), options.notReady);
  }

  private constructor(api: TestApi<FakeClock>, notReady: Problem | undefined) {
    this.api = api;
    this.#notReady = notReady;
    this.clock = api.clock;
    this.#root = mkdtempSync(join(tmpdir(), 'stowage-pods-'));
    this.paths = new NodePaths({ root: this.#root, runtime: join(this.#root, 'run') });
    this.runtime = this.#living(new FakeContainerRuntime(this.clock));
    this.#sync = this.#makeSync();
  }

  /** Another platform on the same machine, after the first one was killed. */
  restart(how: 'platform' | 'machine' = 'platform'): void {
    this.runtime = this.#living(how === 'platform' ? this.runtime.restarted() : this.runtime.rebooted());
    this.events.length = 0;
    this.#sync = this.#makeSync();
  }

  async create(draft: Draft<Pod>): Promise<PodPaths> {
    const made = await this.api.client.create(pods, { ...draft, spec: { ...draft.spec, nodeName: 'node-1' } });
    return this.paths.pod(made.metadata.uid);
  }

  /** The pod as the API has it; undefined where it is gone. */
  async find({ uid }: PodPaths): Promise<Pod | undefined> {
    await this.#list();
    return this.#pods.find(({ metadata }) => metadata.uid === uid);
  }

  /** Asks the API to delete the pod. */
  async delete(paths: PodPaths, gracePeriodSec?: number): Promise<void> {
    const pod = await this.find(paths);
    if (pod !== undefined) await this.api.client.delete(pods, keyOf(pod), gracePeriodSec === undefined ? {} : { gracePeriodSec });
  }

  /** Looks once; answers when the pod wants to be looked at again. */
  async look({ uid }: PodPaths): Promise<number | undefined> {
    await this.#list();
    this.#woken.delete(uid);
    return this.#sync.sync(uid);
  }

  /** Lets time go on, and looks whenever the pod wants it or was woken. */
  async run(paths: PodPaths, forMs: number): Promise<void> {
    const endMs = this.clock.nowMs() + forMs;
    let nextMs: number | undefined = this.clock.nowMs();
    for (;;) {
      if ((nextMs !== undefined && nextMs <= this.clock.nowMs()) || this.#woken.has(paths.uid)) {
        const delayMs = await this.look(paths);
        nextMs = delayMs === undefined ? undefined : this.clock.nowMs() + delayMs;
      }
      const leftMs = endMs - this.clock.nowMs();
      if (leftMs <= 0 && !this.#woken.has(paths.uid)) return;
      await this.clock.step(Math.max(0, Math.min(leftMs, STRIDE_MS, (nextMs ?? endMs) - this.clock.nowMs())));
    }
  }

  /** `Reason: message` of what was recorded. */
  said(): readonly string[] {
    return this.events.map(({ reason, message }) => `${reason}: ${message}`);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.api.close();
    rmSync(this.#root, { recursive: true, force: true });
  }

  #living(runtime: FakeContainerRuntime): FakeContainerRuntime {
    runtime.lifeOf = ({ run }) => this.lives.get(containerOf(run)) ?? {};
    return runtime;
  }

  async #list(): Promise<void> {
    const { items } = await this.api.client.list(pods, {});
    // why: a look that finds the same version finds the same object, as with an informer
    const known = new Map(this.#pods.map((pod) => [`${pod.metadata.uid}/${pod.metadata.resourceVersion}`, pod]));
    this.#pods = items.map((pod) => known.get(`${pod.metadata.uid}/${pod.metadata.resourceVersion}`) ?? pod);
  }

  #makeSync(): PodSync {
    const wake = (uid: string): void => void this.#woken.add(uid);
    const events = { record: (event: NodeEvent) => void this.events.push(event) };
    const base = { clock: this.clock, log: silentLogger, exec: NO_EXEC, events, wake };
    const answer = (what: 'probe' | 'hook') => () => this.outcome(what);
    const handlers = { probe: answer('probe'), hook: answer('hook') };
    return new PodSync({
      ...base,
      refreshLimit: async () => {},
      paths: this.paths,
      client: this.api.client,
      runtime: this.runtime,
      starter: this.#starter(),
      volumes: this.#volumes(),
      watches: new RunWatches({ ...base, runtime: this.runtime }),
      network: { attach: async () => {}, detach: async () => {}, addressOf: () => '10.1.0.7' },
      probes: new ContainerProbes({ ...base, handlers }),
      hooks: new HookRuns({ ...base, handlers, runtime: this.runtime }),
      claims: { get: () => undefined, start: async () => {}, subscribe: () => () => {} },
      hostIp: '192.0.2.1',
      notReady: this.#notReady,
      mounter: { table: async () => [] },
      admission: { hasAppArmor: false, pressures: () => [], podsHere: () => this.#pods },
      findPod: (uid) => this.#pods.find(({ metadata }) => metadata.uid === uid),
      signal: this.#abort.signal,
    });
  }

  #starter(): PodSyncOptions['starter'] {
    const image = anImage();
    return {
      start: async ({ paths, container, attempt, restartCount, backoffStep, beforeSpawn }) => {
        await this.beforeContainer(container.name);
        await this.runtime.forgetOlderRuns(paths, { container: container.name, attempt });
        const run = paths.run(container.name, attempt);
        const record: RunStart['record'] = { attempt, restartCount, backoffStep, image: container.image ?? '', imageId: image.id };
        const how = { oomFile: '', hasStdin: false, hasTerminal: false, beforeSpawn: () => beforeSpawn(run) };
        await this.runtime.start({ run, record, image, config: {}, ...how });
        return { kind: 'started', image };
      },
      forget: () => {},
    };
  }

  #volumes(): PodSyncOptions['volumes'] {
    return {
      configOf: () => ({ services: async () => [], configMap: async () => undefined, secret: async () => undefined }),
      runtimeHandler: async () => 'runc',
      prepare: async ({ pod }) => {
        await this.prepare(pod);
        return new Map();
      },
      refresh: async () => {},
      grow: async () => {},
      awaited: () => this.awaited,
      tearDown: async ({ uid }, { data }) => void this.tornDown.push(`${uid} ${data}`),
      forget: () => {},
    };
  }
}

function containerOf({ runtimeId }: RunPaths): string {
  return runtimeId.split('.').at(-2) ?? '';
}
