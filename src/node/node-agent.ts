import { mkdir } from 'node:fs/promises';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import type { PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf, type KubeObject } from '#api/meta/object.ts';
import type { PodLogSource } from '#api/pod-logs.ts';
import type { PodStreamSource } from '#api/pod-streams.ts';
import type { PodTokenSource } from '#api/pod-tokens.ts';
import { pods } from '#api/resources.ts';
import { isNodeGrowthDue } from '#api/storage/growth.ts';
import { sleep } from '#kit/clock.ts';
import { trusted } from '#kit/json.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { Client } from '#machinery/client/client.ts';
import { createInformer, type Informer } from '#machinery/client/informer.ts';
import { observingClient } from '#machinery/client/observing-client.ts';
import { StorageOperations } from '#protocols/csi/storage-operations.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { ConfinementMeans } from './machine/confinement-means.ts';
import type { ContainerRuntime } from './containers/container-runtime.ts';
import type { ApiAddress } from './containers/environment.ts';
import { ImageCollector } from './images/image-collector.ts';
import { ImagePulls } from './images/image-pulls.ts';
import type { ImageStore } from './images/image.ts';
import { type NodeInventory, takeInventory } from './inventory.ts';
import { NodePodLogs } from './logs/pod-logs.ts';
import { cgroupHierarchies, cgroupUse, removeEmptyCgroup } from './machine/cgroups.ts';
import { sweepHalves } from './halves.ts';
import { whyNotReady } from './machine/machine.ts';
import type { Mounter } from '#linux/mounter.ts';
import { PodNetwork } from './network/pod-network.ts';
import { type FindingOptions, type NodeFindings, observeFindings } from './node-findings.ts';
import { NodePaths } from './node-paths.ts';
import { HandlerRunner } from './handlers/handler-runner.ts';
import { addressOfPod } from './handlers/pod-address.ts';
import { HookRuns } from './pods/hook-runs.ts';
import { pausePods } from './pods/pause-pods.ts';
import { NodePressure } from './pressure/node-pressure.ts';
import { readSignals } from './pressure/read-signals.ts';
import { parseThresholds } from './pressure/thresholds.ts';
import { freeDiskSpaceFailed, poolUnavailable } from './registration/node-events.ts';
import type { NodeEvents } from './status/pod-events.ts';
import { PodQueue } from './pods/pod-queue.ts';
import type { Problem } from './status/observed-pod.ts';
import type { AdmissionMeans } from './pods/reject-pod.ts';
import { PodSync } from './pods/pod-sync.ts';
import { RunWatches } from './pods/run-watches.ts';
import { ContainerStarter } from './pods/start-container.ts';
import { ContainerProbes } from './probes/container-probes.ts';
import type { NodeFinding, NodeProfile } from './registration/node-object.ts';
import { Registration } from './registration/registration.ts';
import { listNames } from '#linux/small-files.ts';
import { NodePodStreams } from './streams/node-pod-streams.ts';
import { type CsiDrivers, CsiVolumes } from './volumes/csi-volumes.ts';
import { PodTokens } from './volumes/pod-tokens.ts';
import { PodVolumes } from './volumes/pod-volumes.ts';
import { type NodeClaims, UsedClaims } from './volumes/used-claims.ts';
import { StorageHealthLook } from './volumes/storage-health.ts';
import { VolumeHealth } from './volumes/volume-health.ts';
import { VolumesInUse } from './volumes/volumes-in-use.ts';
import { VolumeStats } from './volumes/volume-stats.ts';
import { VolumeGrowth } from './volumes/volume-growth.ts';

/** What an embedded node is made of. */
export interface NodeAgentOptions extends FindingOptions {
  readonly client: Client;
  /** Where the node sees that the volume of a running pod is to grow; started by the node where nobody else did, stopped by its owner. Undefined = it reads those of its pods itself. */
  readonly claims: NodeClaims | undefined;
  /** Silence that means that the node is gone, in seconds. */
  readonly leaseDurationSec: number;
  /** Processes and threads that a pod may have at a time; undefined = as many as the machine has. */
  readonly podPidsLimit: number | undefined;
  /** When the node is under pressure: `memory.available<100Mi,…`. */
  readonly evictionHard: string;
  readonly events: NodeEvents;
  readonly metrics: Metrics;
  /** Drivers whose node service runs on this machine, by name. */
  readonly drivers: ReadonlyMap<string, CsiClient>;
  /** Where the tokens of pods come from; absent = pods with a token wait. */
  readonly podTokens: PodTokenSource | undefined;
  /** Why volumes of the platform's own pool are not served, or may be lost; undefined where all is well. */
  readonly poolProblem: () => { readonly message: string } | undefined;
  /** Where pods reach the API; undefined while that is not known. */
  readonly apiAddress: () => ApiAddress | undefined;
}

/** An embedded node: to pods what the kubelet is. */
export interface NodeAgent {
  /** Why no pod can run here; undefined where they can. */
  readonly notReady: Problem | undefined;
  readonly logs: PodLogSource;
  readonly streams: PodStreamSource;
  /** Why pods have no network; undefined where they have, before `start`, and where they can't run. */
  readonly networkProblem: string | undefined;
  /** Registers the node, takes over what runs, and works on its pods from then on. */
  start(): Promise<void>;
  /** To be called when the pool's problem changed. */
  reportPool(): Promise<void>;
  /** To be called when drivers came or went. */
  refreshDrivers(signal: AbortSignal): Promise<void>;
  /** Stops working. `keep` leaves the pods running; `pause` stops them, to be run again at the next start. */
  stop(pods: 'keep' | 'pause'): Promise<void>;
  /** What of this node exists on the machine. */
  inventory(): Promise<NodeInventory>;
}

/** Pods that are worked on at a time: most of the work waits for the kernel. */
const CONCURRENCY = 8;
/** Volumes of which their driver did not let go are tried again this often. */
const LEFTOVERS_INTERVAL_MS = 30_000;
/** A platform that stops gives no container longer than this. */
const MAX_PAUSE_GRACE_MS = 10_000;

/** Looks at the machine and makes the node; nothing changes before `start`. */
export async function createNodeAgent(options: NodeAgentOptions): Promise<NodeAgent> {
  return assembleNodeAgent(options, await observeFindings(options));
}

/** The node on what was found of its machine; nothing changes before `start`. */
export function assembleNodeAgent(options: NodeAgentOptions, findings: NodeFindings): NodeAgent {
  return new EmbeddedNode(options, findings);
}

class EmbeddedNode implements NodeAgent {
  readonly notReady: Problem | undefined;
  readonly logs: PodLogSource;
  readonly streams: PodStreamSource;
  networkProblem: string | undefined;
  readonly #options: NodeAgentOptions;
  readonly #paths: NodePaths;
  readonly #mounter: Mounter;
  readonly #runtime: ContainerRuntime;
  readonly #csi: CsiVolumes;
  readonly #inUse: VolumesInUse;
  readonly #volumes: PodVolumes;
  readonly #watches: RunWatches;
  readonly #hooks: HookRuns;
  readonly #probes: ContainerProbes;
  readonly #network: PodNetwork;
  readonly #informer: Informer<Pod>;
  readonly #queue: PodQueue;
  readonly #registration: Registration;
  readonly #abort = new AbortController();
  readonly #onStop: (() => void)[] = [];
  readonly #collector: ImageCollector;
  readonly #pressure: NodePressure;
  readonly #health: readonly { run(signal: AbortSignal): Promise<void> }[];
  readonly #usedClaims: UsedClaims;
  #background: Promise<unknown> = Promise.resolve();

  constructor(options: NodeAgentOptions, { machine, bounding, mounter, runtime, images, profile, means }: NodeFindings) {
    const { clock, exec, log, dirs, drivers, podTokens, apiAddress } = options;
    this.#options = options;
    this.notReady = whyNotReady(machine);
    this.#paths = new NodePaths(dirs);
    [this.#mounter, this.#runtime] = [mounter, runtime];
    const { busybox = '' } = machine.programs;
    const reach = { paths: this.#paths, runtime: this.#runtime, machine, exec, clock, log };
    [this.logs, this.streams] = [new NodePodLogs(reach), new NodePodStreams(reach)];
    this.#informer = informerOfPods(options);
    const client = clientSeenBy(this.#informer, options.client);
    this.#usedClaims = new UsedClaims({ client, clock, log, keys: () => [...this.#informer.all()].flatMap(claimKeysOfPod) });
    const find = (driver: string): CsiClient | undefined => drivers.get(driver);
    this.#inUse = new VolumesInUse({ client, nodeName: options.name });
    const operations = new StorageOperations(options);
    this.#csi = new CsiVolumes({ paths: this.#paths, drivers: find, mounter: this.#mounter, inUse: this.#inUse, operations });
    const tokens = podTokens && new PodTokens(podTokens, clock);
    const base = { ...options, client, paths: this.#paths, mounter: this.#mounter, runtime: this.#runtime };
    const growth = new VolumeGrowth({ ...base, csi: this.#csi });
    this.#volumes = new PodVolumes({ ...base, csi: this.#csi, drivers: find, node: profile, tokens, growth });
    const pulls = new ImagePulls({ images, clock, signal: this.#abort.signal });
    this.#watches = new RunWatches({ runtime: this.#runtime, clock, exec, log });
    const network = (this.#network = new PodNetwork({ paths: this.#paths, exec, log, apiAddress }));
    const addressOf = addressOfPod({
      paths: this.#paths,
      busybox,
      hostIp: profile.hostIp,
      addressOf: (uid) => network.addressOf(uid),
    });
    const wake = (uid: string): void => this.#queue.wake(uid);
    const handlers = new HandlerRunner({ ...options, machine, paths: this.#paths, addressOf });
    this.#hooks = new HookRuns({ ...options, handlers, runtime: this.#runtime, wake });
    this.#probes = new ContainerProbes({ ...options, handlers, wake });
    const sync = new PodSync({
      ...base,
      claims: this.#claims,
      starter: new ContainerStarter({ ...base, pulls, node: profile, bounding, means, network }),
      volumes: this.#volumes,
      watches: this.#watches,
      network,
      probes: this.#probes,
      hooks: this.#hooks,
      hostIp: profile.hostIp,
      notReady: this.notReady,
      admission: this.#admission(means),
      findPod: (uid) => this.#findPod(uid),
      refreshLimit: (driver) => this.#registration.refreshLimit(driver, this.#abort.signal),
      wake,
      signal: this.#abort.signal,
    });
    this.#collector = this.#makeCollector(options);
    this.#pressure = this.#watchPressure(client);
    this.#queue = new PodQueue({ clock, concurrency: CONCURRENCY, work: (uid) => sync.sync(uid) });
    this.#health = this.#lookAfterVolumes({ ...options, client }, find);
    this.#registration = this.#makeRegistration({ ...options, client }, profile, images);
  }

  #admission({ appArmorProfiles }: ConfinementMeans): AdmissionMeans {
    return {
      hasAppArmor: appArmorProfiles !== undefined,
      pressures: () => this.#pressure.pressures(),
      podsHere: () => [...this.#informer.all()],
    };
  }

  #makeRegistration(options: NodeAgentOptions, profile: NodeProfile, images: ImageStore): Registration {
    return new Registration({
      ...options,
      profile,
      inUse: this.#inUse,
      notReady: this.notReady,
      findings: () => this.#findings(),
      images: () => images.list(),
    });
  }

  get #claims(): NodeClaims {
    return this.#options.claims ?? this.#usedClaims;
  }

  /** What asks drivers again and again how volumes and storage are. */
  #lookAfterVolumes(
    { client, clock, log, metrics, events, name }: NodeAgentOptions,
    drivers: CsiDrivers,
  ): readonly { run(signal: AbortSignal): Promise<void> }[] {
    const volumes = { client, clock, log, paths: this.#paths, drivers, pods: () => this.#informer.all() };
    new VolumeStats(volumes).showIn(metrics);
    return [
      new VolumeHealth({ ...volumes, events, claims: this.#claims }),
      new StorageHealthLook({ client, clock, log, metrics, drivers, nodeName: name }),
    ];
  }

  #watchPressure(client: Client): NodePressure {
    const thresholds = parseThresholds(this.#options.evictionHard);
    return new NodePressure({
      ...this.#options,
      client,
      nodeName: this.#options.name,
      thresholds: thresholds.ok ? thresholds.value : [],
      read: () => readSignals(this.#paths.root),
      readCgroup: async (cgroup, what) => cgroupUse(await this.#mounter.table(), cgroup, what),
      paths: this.#paths,
      runtime: this.#runtime,
      pods: () => this.#informer.all(),
      removeImages: () => this.#collector.reclaim(),
      onChange: () => void this.#registration.report(),
    });
  }

  #makeCollector({ name, clock, log, events, imageSettings }: NodeAgentOptions): ImageCollector {
    return new ImageCollector({
      dir: this.#paths.images,
      limits: imageSettings.collection,
      clock,
      log,
      mounts: () => this.#mounter.table(),
      onShortage: (message) => events.record(freeDiskSpaceFailed(name, message)),
    });
  }

  async start(): Promise<void> {
    await mkdir(this.#paths.pods, { recursive: true, mode: 0o700 });
    await sweepHalves(this.#paths);
    if (this.notReady === undefined) this.networkProblem = await this.#network.start();
    this.#inUse.restore(await this.#csi.attached());
    await this.#registration.registerAsFarAsPossible(this.#abort.signal);
    this.#background = Promise.all([
      this.#registration.keepAlive(this.#abort.signal),
      this.#collector.run(this.#abort.signal),
      this.#pressure.run(this.#abort.signal),
    ]);
    await this.#informer.start();
    await this.#claims.start();
    if (this.#options.claims === undefined) this.#background = Promise.all([this.#background, this.#usedClaims.run(this.#abort.signal)]);
    const known = await listNames(this.#paths.pods);
    const isKnown = new Set(known);
    await this.#csi.forgetUsers((owner) => isKnown.has(owner.slice(0, owner.indexOf('.'))));
    this.#background = Promise.all([
      this.#background,
      this.#unstageLeftovers(),
      ...this.#health.map((look) => look.run(this.#abort.signal)),
    ]);
    this.#informer.subscribe({
      onUpsert: (pod) => this.#queue.wake(pod.metadata.uid),
      onDelete: (pod) => this.#queue.wake(pod.metadata.uid),
    });
    this.#onStop.push(this.#claims.subscribe({ onUpsert: (claim) => this.#wakeUsers(claim) }));
    // why: pods that the API no longer knows have a directory still, and are removed by the same work
    for (const uid of known) this.#queue.wake(uid);
    for (const pod of this.#informer.all()) this.#queue.wake(pod.metadata.uid);
  }

  async stop(how: 'keep' | 'pause'): Promise<void> {
    this.#abort.abort();
    this.#informer.stop();
    for (const dispose of this.#onStop.splice(0)) dispose();
    this.#probes.stop();
    await this.#queue.stop();
    this.#probes.stop();
    this.#hooks.stop();
    await this.#background;
    this.#watches.removeBelow(this.#paths.root);
    if (how === 'keep' || this.notReady !== undefined) return this.#network.stop('keep');
    await pausePods({
      ...this.#options,
      paths: this.#paths,
      mounter: this.#mounter,
      runtime: this.#runtime,
      volumes: this.#volumes,
      network: this.#network,
      hooks: this.#hooks,
      findPod: (uid) => this.#findPod(uid),
      maxGraceMs: MAX_PAUSE_GRACE_MS,
    });
    this.#hooks.stop();
    await this.#network.stop('remove');
    await removeEmptyCgroup(cgroupHierarchies(await this.#mounter.table()), this.#paths.cgroupRoot);
  }

  /** The set of drivers changed: says so in the CSINode object, and looks at every pod again. */
  async refreshDrivers(signal: AbortSignal): Promise<void> {
    await this.#registration.registerAsFarAsPossible(signal);
    for (const pod of this.#informer.all()) this.#queue.wake(pod.metadata.uid);
  }

  async reportPool(): Promise<void> {
    const { name, events, poolProblem } = this.#options;
    const problem = poolProblem();
    if (problem !== undefined) events.record(poolUnavailable(name, problem.message));
    await this.#registration.report();
    if (problem === undefined) for (const pod of this.#informer.all()) this.#queue.wake(pod.metadata.uid);
  }

  #findings(): readonly NodeFinding[] {
    const problem = this.#options.poolProblem();
    return [
      ...this.#pressure.findings(),
      problem === undefined
        ? { type: 'PoolUnavailable', status: 'False', reason: 'PoolAvailable', message: 'volumes are where they were' }
        : { type: 'PoolUnavailable', status: 'True', reason: 'PoolUnavailable', message: problem.message },
    ];
  }

  inventory(): Promise<NodeInventory> {
    return takeInventory(this.#paths, this.#mounter);
  }

  /** A running pod's volume is to grow. */
  #wakeUsers(claim: PersistentVolumeClaim): void {
    if (!isNodeGrowthDue(claim)) return;
    for (const pod of this.#informer.byIndex('claim', formatKey(keyOf(claim)))) this.#queue.wake(pod.metadata.uid);
  }

  #findPod(uid: string): Pod | undefined {
    return this.#informer.byIndex('uid', uid)[0];
  }

  /** Unstages what pods left that are gone, until nothing is left: a driver that is away or hangs holds up nothing but its own volumes. */
  async #unstageLeftovers(): Promise<void> {
    const { clock, log, name } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const [err, ...more] = await this.#csi.unstageLeftovers(signal);
      if (err === undefined || signal.aborted) return;
      log.warn('volumes without users could not be unstaged, trying again', { node: name, err, count: more.length + 1 });
      await sleep(clock, LEFTOVERS_INTERVAL_MS, signal).catch(() => {});
    }
  }
}

/** The client, whose writes of pods the informer sees at once. */
function clientSeenBy(informer: Informer<Pod>, client: Client): Client {
  // why trusted: an informer of pods is only handed pods
  return observingClient(client, (resource) => (resource === pods ? trusted<Informer<KubeObject>>(informer) : undefined));
}

/** The pods of this node. */
function informerOfPods({ client, name, clock, log }: NodeAgentOptions): Informer<Pod> {
  return createInformer<Pod>({
    client,
    resource: pods,
    fieldSelector: `spec.nodeName=${name}`,
    indexes: { uid: (pod) => [pod.metadata.uid], claim: claimKeysOfPod },
    clock,
    log,
  });
}
