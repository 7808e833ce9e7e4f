import { claimKeysOfPod } from '#api/claim-facts.ts';
import type { PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf, type KubeObject } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import { isNodeGrowthDue } from '#api/storage/growth.ts';
import { sleep } from '#kit/clock.ts';
import { trusted } from '#kit/json.ts';
import type { Ids } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { listNames } from '#linux/small-files.ts';
import type { Client } from '#machinery/client/client.ts';
import { createInformer, type Informer } from '#machinery/client/informer.ts';
import { observingClient } from '#machinery/client/observing-client.ts';
import { createEventRecorder } from '#machinery/runtime/create-event-recorder.ts';
import type { RunStart } from '#node/containers/container-runtime.ts';
import type { HandlerOutcome } from '#node/handlers/handler-outcome.ts';
import { NodePaths } from '#node/node-paths.ts';
import { HookRuns } from '#node/pods/hook-runs.ts';
import { PodQueue } from '#node/pods/pod-queue.ts';
import { PodSync, type PodSyncOptions } from '#node/pods/pod-sync.ts';
import { ContainerProbes } from '#node/probes/container-probes.ts';
import type { NodeProfile } from '#node/registration/node-object.ts';
import { Registration } from '#node/registration/registration.ts';
import { CsiVolumes } from '#node/volumes/csi-volumes.ts';
import { PodVolumes } from '#node/volumes/pod-volumes.ts';
import { UsedClaims } from '#node/volumes/used-claims.ts';
import { VolumeGrowth } from '#node/volumes/volume-growth.ts';
import { VolumesInUse } from '#node/volumes/volumes-in-use.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import { anImage } from '#testing/builders/image.ts';
import type { FakeContainerRuntime } from '#testing/fakes/fake-container-runtime.ts';
import { type SimMachine, type SimMount, SimMounter } from './sim-machine.ts';
import type { SimProcess } from './sim-process.ts';

/** What a node of the simulation is made of. */
export interface SimNodeOptions {
  readonly process: SimProcess;
  readonly client: Client;
  readonly ids: Ids;
  readonly machine: SimMachine;
  readonly runtime: FakeContainerRuntime;
  readonly drivers: ReadonlyMap<string, CsiClient>;
  /** Where it keeps what outlives its process. */
  readonly root: string;
  /** A pod has written a file into its volumes, and synced it. */
  readonly onWritten: (written: readonly SimMount[], file: string) => void;
}

const LEASE_SEC = 40;
const CONCURRENCY = 8;
const LEFTOVERS_INTERVAL_MS = 30_000;
const REFRESH_MS = 60_000;
const GIB = 1024n ** 3n;
const DONE: HandlerOutcome = { isOk: true, message: '' };

/** The node of a process: the real work on pods, volumes and registration, on containers in memory. */
export class SimNode {
  readonly #options: SimNodeOptions;
  readonly #paths: NodePaths;
  readonly #informer: Informer<Pod>;
  readonly #csi: CsiVolumes;
  readonly #inUse: VolumesInUse;
  readonly #queue: PodQueue;
  readonly #claims: UsedClaims;
  readonly #registration: Registration;
  /** Never aborts: the process of a simulation is killed, not stopped. */
  readonly #signal = new AbortController().signal;
  readonly #base: ReturnType<typeof baseOf>;

  constructor(options: SimNodeOptions) {
    const { process, machine, root, drivers } = options;
    const { clock } = process;
    const log = silentLogger;
    const name = machine.nodeName;
    this.#options = options;
    this.#paths = new NodePaths({ root, runtime: `${root}/run` });
    this.#informer = createInformer<Pod>({
      client: options.client,
      resource: pods,
      fieldSelector: `spec.nodeName=${name}`,
      indexes: { uid: (pod) => [pod.metadata.uid], claim: claimKeysOfPod },
      clock,
      log,
    });
    // why trusted: an informer of pods is only handed pods
    const client = observingClient(options.client, (resource) =>
      resource === pods ? trusted<Informer<KubeObject>>(this.#informer) : undefined,
    );
    this.#base = baseOf(options, client);
    const find = (driver: string): CsiClient | undefined => drivers.get(driver);
    this.#inUse = new VolumesInUse({ client, nodeName: name });
    this.#csi = new CsiVolumes({ paths: this.#paths, drivers: find, mounter: this.#base.mounter, inUse: this.#inUse });
    const growth = new VolumeGrowth({ ...this.#base, csi: this.#csi });
    this.#claims = new UsedClaims({ client, clock, log, keys: () => [...this.#informer.all()].flatMap(claimKeysOfPod) });
    const profile = profileOf(machine);
    const volumes = new PodVolumes({ ...this.#base, csi: this.#csi, drivers: find, node: profile, growth });
    const sync = this.#makeSync(volumes, profile.hostIp);
    this.#queue = new PodQueue({ clock, concurrency: CONCURRENCY, work: (uid) => sync.sync(uid) });
    this.#registration = new Registration({
      ...this.#base,
      profile,
      drivers,
      notReady: undefined,
      leaseDurationSec: LEASE_SEC,
      inUse: this.#inUse,
      findings: () => [],
      images: async () => [],
    });
  }

  /** Registers the node, takes over what runs, and works on its pods from then on. */
  async start(): Promise<void> {
    this.#inUse.restore(await this.#csi.attached());
    await this.#registerSometime();
    void this.#registration.keepAlive(this.#signal);
    void this.#refreshDrivers();
    await this.#informer.start();
    await this.#claims.start();
    void this.#claims.run(this.#signal);
    const known = await listNames(this.#paths.pods);
    const isKnown = new Set(known);
    await this.#csi.forgetUsers((owner) => isKnown.has(owner.slice(0, owner.indexOf('.'))));
    void this.#unstageLeftovers();
    const wake = (pod: Pod): void => this.#queue.wake(pod.metadata.uid);
    this.#informer.subscribe({ onUpsert: wake, onDelete: wake });
    this.#claims.subscribe({ onUpsert: (claim) => this.#wakeUsers(claim) });
    for (const uid of known) this.#queue.wake(uid);
    for (const pod of this.#informer.all()) wake(pod);
  }

  /** As a supervisor does that starts the process again until it can register. */
  async #registerSometime(): Promise<void> {
    for (;;) {
      try {
        await this.#registration.register(this.#signal);
        return;
      } catch {
        // why: the API may be down, and comes back
        await sleep(this.#options.process.clock, 1_000);
      }
    }
  }

  /** As the registrar of drivers does when one comes back that did not answer. */
  async #refreshDrivers(): Promise<void> {
    for (;;) {
      await sleep(this.#options.process.clock, REFRESH_MS);
      // why ignored: the next turn does it
      await this.#registration.register(this.#signal).catch(() => {});
    }
  }

  #wakeUsers(claim: PersistentVolumeClaim): void {
    if (!isNodeGrowthDue(claim)) return;
    for (const pod of this.#informer.byIndex('claim', formatKey(keyOf(claim)))) this.#queue.wake(pod.metadata.uid);
  }

  async #unstageLeftovers(): Promise<void> {
    for (;;) {
      const faults = await this.#csi.unstageLeftovers(this.#signal);
      if (faults.length === 0) return;
      await sleep(this.#options.process.clock, LEFTOVERS_INTERVAL_MS);
    }
  }

  #makeSync(volumes: PodVolumes, hostIp: string): PodSync {
    const { runtime } = this.#options;
    const wake = (uid: string): void => this.#queue.wake(uid);
    const handlers = { probe: async () => DONE, hook: async () => DONE };
    return new PodSync({
      ...this.#base,
      paths: this.#paths,
      runtime,
      starter: this.#starter(),
      volumes,
      watches: { add: (run, onChange) => void runtime.watch(run, { onChange, onLost: () => {} }), remove: () => {}, removeBelow: () => {} },
      network: { attach: async () => {}, detach: async () => {}, addressOf: () => '10.1.0.7' },
      probes: new ContainerProbes({ ...this.#base, handlers, wake }),
      hooks: new HookRuns({ ...this.#base, handlers, runtime, wake }),
      claims: { get: (key) => this.#claims.get(key), start: async () => {}, subscribe: () => () => {} },
      wake,
      hostIp,
      notReady: undefined,
      admission: { hasAppArmor: false, pressures: () => [], podsHere: () => [...this.#informer.all()] },
      refreshLimit: (driver) => this.#registration.refreshLimit(driver, this.#signal),
      findPod: (uid) => this.#informer.byIndex('uid', uid)[0],
      signal: this.#signal,
    });
  }

  #starter(): PodSyncOptions['starter'] {
    const image = anImage();
    const { runtime, machine, onWritten } = this.#options;
    return {
      start: async ({ paths, container, attempt, restartCount, backoffStep, beforeSpawn }) => {
        await runtime.forgetOlderRuns(paths, { container: container.name, attempt });
        const run = paths.run(container.name, attempt);
        const record: RunStart['record'] = { attempt, restartCount, backoffStep, image: container.image ?? '', imageId: image.id };
        const how = { oomFile: '', hasStdin: false, hasTerminal: false, beforeSpawn: () => beforeSpawn(run) };
        await runtime.start({ run, record, image, config: {}, ...how });
        const file = `${paths.uid}.${attempt}`;
        onWritten(machine.write(paths.uid, file), file);
        return { kind: 'started', image };
      },
      forget: () => {},
    };
  }
}

function baseOf({ process, machine, ids }: SimNodeOptions, client: Client) {
  const { clock } = process;
  const log = silentLogger;
  const events = createEventRecorder({ client, clock, ids, log, component: 'kubelet', host: machine.nodeName });
  return { client, clock, log, exec: machine.exec, mounter: new SimMounter(machine), events };
}

function profileOf({ nodeName: name, bootId }: SimMachine): NodeProfile {
  return {
    name,
    hostIp: '192.0.2.1',
    cpus: 8,
    memoryBytes: 16n * GIB,
    diskBytes: 100n * GIB,
    osImage: 'Linux',
    machineId: name,
    bootId,
    runcVersion: '1.3.0',
    version: '0.0.0',
  };
}
