import { rmSync } from 'node:fs';
import path from 'node:path';
import { type RunningControllers, startControllers } from '#apps/server/controllers.ts';
import { DriverTable } from '#apps/server/drivers/driver-table.ts';
import { SYSTEM_USER } from '#apps/server/parts.ts';
import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { DRIVER_NAME } from '#drivers/local/identity.ts';
import { TOPOLOGY_KEY } from '#drivers/local/create-request.ts';
import { volumeIdOf } from '#drivers/local/volume-record.ts';
import { sleep } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import type { Client } from '#machinery/client/client.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { NodePaths } from '#node/node-paths.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import { LockedController, LockedGroupController, LockedNode } from '#protocols/csi/locked-services.ts';
import { VolumeLocks } from '#protocols/csi/volume-locks.ts';
import { FakeContainerRuntime } from '#testing/fakes/fake-container-runtime.ts';
import { seededRoll } from '#testing/fakes/weather.ts';
import type { Roll } from '#testing/fuzz/random-json.ts';
import { Coverage, rowsOfFate } from './coverage.ts';
import { Fates } from './fates.ts';
import { Network } from './network.ts';
import { SeededIds } from './seeded-ids.ts';
import { type ApiListener, simClient } from './sim-client.ts';
import { SimClock } from './sim-clock.ts';
import { SimDisk } from './sim-disk.ts';
import { SimController, type SimDriverOptions, simIdentity, SimNodeService } from './sim-driver.ts';
import { type EndpointListener, SimEndpoint } from './sim-endpoint.ts';
import { SimGroupController } from './sim-groups.ts';
import { SimMachine } from './sim-machine.ts';
import { SIM_CONFIG, SIM_MODULES } from './sim-modules.ts';
import { SimNode, type SimNodeOptions } from './sim-node.ts';
import { SimPlugins } from './sim-plugins.ts';
import { type PoolListener, SimPool, type SimVolume } from './sim-pool.ts';
import { SimProcess } from './sim-process.ts';
import { type SimServer, startSimServer } from './sim-server.ts';
import type { Part } from './step.ts';
import { Trace } from './trace.ts';

/** The driver whose volumes every node reaches. */
export const NET_DRIVER = 'net.simulation.test';
export const NODE_COUNT = 3;

/** What a run is made of beside its steps. */
export interface WorldOptions {
  readonly seed: number;
  /** A directory for what nodes keep; made, and removed at the end. */
  readonly root: string;
}

/** Kinds whose writes say nothing of volumes. */
const BACKGROUND: ReadonlySet<string> = new Set(['Event', 'Lease', 'CSIStorageCapacity', 'Node', 'CSINode']);
const GIB = 1024n ** 3n;
/** Looks at whether the platform is up, at its start. */
const START_TURNS = 20;
/** A supervisor starts again what died. */
const RESTART_MS = 500;

export function nodeNameOf(index: number): string {
  return `node-${index}`;
}

/** Every part of a platform in this process, on a clock that stands still between steps. */
export class World implements ApiListener, EndpointListener, PoolListener {
  readonly clock = new SimClock();
  readonly trace = new Trace();
  readonly fates = new Fates();
  readonly coverage = new Coverage();
  readonly roll: Roll;
  readonly disk = new SimDisk();
  readonly network = new Network(this.clock);
  readonly machines: ReadonlyMap<string, SimMachine>;
  /** By driver and, where its volumes lie on one node, that node. */
  readonly pools: ReadonlyMap<string, SimPool>;
  readonly endpoints: ReadonlyMap<string, SimEndpoint>;
  /** The drivers of plugins on the nodes. */
  readonly plugins: SimPlugins;
  /** The admin and the tenants: they never die. */
  readonly users: Client;
  readonly #root: string;
  readonly #ids: SeededIds;
  readonly #runtimes = new Map<string, FakeContainerRuntime>();
  readonly #processes = new Map<string, SimProcess>();
  /** Drivers that the platform is not connected to. */
  readonly #away = new Set<string>();
  /** Requests that take so long, in milliseconds. */
  readonly #late = new WeakMap<object, number>();
  #server: SimServer | undefined;
  #table: DriverTable | undefined;
  #controllers: RunningControllers | undefined;
  /** The name of every volume that was ever made, by its serial. */
  readonly madeNames: string[] = [];
  /** The uids of claims that were marked as their StatefulSet's while their pod was there. */
  readonly ownedClaims = new Set<string>();
  /** Files that pods have written, by the id of the volume. */
  readonly written = new Map<string, Set<string>>();
  /** Ids of volumes that stay when nothing tells of them any more. */
  readonly kept = new Set<string>();
  /** What must never happen and did. */
  readonly violations: string[] = [];
  onVolumeDelete: (driverName: string, volume: SimVolume) => void = () => {};

  constructor({ seed, root }: WorldOptions) {
    this.roll = seededRoll(seed);
    this.#ids = new SeededIds(this.roll);
    this.#root = root;
    const names = Array.from({ length: NODE_COUNT }, (_, index) => nodeNameOf(index));
    this.machines = new Map(names.map((name) => [name, new SimMachine(name)]));
    const pool = (driverName: string, sizeBytes: bigint): SimPool => new SimPool({ driverName, sizeBytes, volumeIdOf, listener: this });
    this.pools = new Map([
      ['driver-net', pool(NET_DRIVER, 4n * GIB)],
      ...names.map((_, index) => [`driver-${index}`, pool(DRIVER_NAME, 2n * GIB)] as const),
    ]);
    const endpointNames = ['driver-net', ...names.flatMap((_, index) => [`driver-${index}`, `plugin-${index}`])];
    this.endpoints = new Map(endpointNames.map((name) => [name, new SimEndpoint(name, { clock: this.clock, listener: this })]));
    this.plugins = new SimPlugins({ nodeNames: names, isUp: (name) => this.#processes.get(name)?.isDead === false });
    for (const name of names) this.#runtimes.set(name, new FakeContainerRuntime(this.clock));
    this.users = simClient(new SimProcess('users', this.clock), { name: 'user', groups: ['system:masters'] }, this);
  }

  get server(): SimServer | undefined {
    return this.#server?.process.isDead === false ? this.#server : undefined;
  }

  /** True where all parts have come up. */
  get isUp(): boolean {
    return this.server !== undefined && this.#controllers !== undefined;
  }

  /** What an object tells of, at its backend. */
  volumeOf({ spec }: PersistentVolume): SimVolume | undefined {
    const pools = [...this.pools.values()].filter((pool) => pool.driverName === spec.csi?.driver);
    return pools.map((pool) => pool.volumes.get(spec.csi?.volumeHandle ?? '')).find((volume) => volume !== undefined);
  }

  /** The uids of pods whose containers run on a node. */
  runningOn(nodeName: string): ReadonlySet<string> {
    const { pods } = new NodePaths(this.#dirsOf(nodeName));
    const dirs = this.#runtimes.get(nodeName)?.running() ?? [];
    return new Set(dirs.map((dir) => path.relative(pods, dir).split(path.sep)[0] ?? ''));
  }

  /** Starts everything. */
  async start(): Promise<void> {
    this.#startDriver('driver-net');
    for (let index = 0; index < NODE_COUNT; index += 1) this.#startDriver(`driver-${index}`);
    this.#startServer();
    for (let index = 0; index < NODE_COUNT; index += 1) this.#startNode(index);
    // why looked at: how much goes on while the clock stands still differs from seed to seed
    for (let turn = 0; turn === 0 || (!this.isUp && turn < START_TURNS); turn += 1) await this.clock.step(5_000);
  }

  /** Kills a part, and answers whether it was alive; somebody starts it again soon. */
  kill(part: Part): boolean {
    this.trace.add(`kill ${part}`);
    const wasAlive = this.#processes.get(part)?.isDead === false;
    this.#processes.get(part)?.kill();
    if (part === 'server') this.#kill('controllers');
    if (part === 'server' || part === 'controllers') this.#controllers = undefined;
    // why by the clock of nobody: a supervisor is not one of the parts
    this.clock.after(RESTART_MS, () => this.#startAgain(part));
    return wasAlive;
  }

  /** A machine with all that is on it: what is durable stays. */
  reboot(node: number): void {
    const name = nodeNameOf(node);
    if ((this.machines.get(name)?.mounts.size ?? 0) > 0) this.coverage.hadEffect('reboot');
    this.machines.get(name)?.reboot();
    const runtime = this.#runtimes.get(name)?.rebooted(this.machines.get(name)?.bootId);
    if (runtime !== undefined) this.#runtimes.set(name, runtime);
    this.kill(`node-${node}`);
    this.kill(`driver-${node}`);
  }

  /** Kills everything for good. */
  close(): void {
    for (const process of this.#processes.values()) process.kill();
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** The platform loses, or finds, all sockets of a driver. */
  setAway(driverName: string, isAway: boolean): void {
    if (this.#away.has(driverName) !== isAway) this.coverage.hadEffect(isAway ? 'takeDriverAway' : 'bringDriverBack');
    if (isAway) this.#away.add(driverName);
    else this.#away.delete(driverName);
    const process = this.#processes.get('controllers');
    if (process !== undefined && this.#table !== undefined) this.#connectDrivers(this.#table, process);
  }

  /** Somebody else takes all that is free on a node, or gives it back. */
  setFull(node: number, isFull: boolean): void {
    const pool = this.pools.get(`driver-${node}`);
    if (pool === undefined) return;
    if (pool.isFull && !isFull) this.coverage.hadEffect('freePool');
    pool.isFull = isFull;
  }

  door(caller: string): SimServer | undefined {
    if (!this.network.isCut(caller)) return this.server;
    this.coverage.hadEffect('cutOff');
    return undefined;
  }

  broken(caller: string): Promise<void> {
    return this.network.broken(caller);
  }

  apiFateOf(process: string): ReturnType<Fates['forWrite']> {
    return this.fates.forWrite(process);
  }

  onApiFate(fate: 'conflict' | 'lostAnswer' | 'unreachable'): void {
    this.coverage.hadEffect(`apiFate ${fate}`);
  }

  onWrite(process: string, { verb, kind, name, outcome }: Parameters<ApiListener['onWrite']>[1]): void {
    if (!BACKGROUND.has(kind)) this.trace.add(`${this.clock.nowMs()} ${process} ${verb} ${kind} ${name} ${outcome}`);
  }

  fateOf(endpoint: string, method: string): ReturnType<Fates['forCall']> {
    const fate = this.fates.forCall(endpoint.replace('plugin', 'driver'), method);
    if (fate !== undefined) this.coverage.hadEffect(...rowsOfFate({ method, fate }));
    return fate;
  }

  onHalted(): void {
    this.coverage.hadEffect('halt');
  }

  onCall(endpoint: string, { method, request, outcome }: Parameters<EndpointListener['onCall']>[1]): void {
    if (outcome === 'ResourceExhausted' && this.pools.get(endpoint)?.isFull === true) this.coverage.hadEffect('fillPool');
    if (method === 'getCapacity' || method.endsWith('Capabilities')) return;
    this.trace.add(`${this.clock.nowMs()} ${endpoint} ${method} ${JSON.stringify(request, shortly)} ${outcome}`);
  }

  async pass(process: SimProcess, moment: 'before' | 'after'): Promise<void> {
    if (moment === 'before') for (let pause = this.roll(4); pause > 0; pause -= 1) await new Promise((resolve) => setImmediate(resolve));
    if (this.fates.isEnd(process, moment)) {
      this.kill(partOf(process));
      this.coverage.hadEffect('killAt');
    }
    if (process.isDead) await new Promise(() => {});
  }

  setLate(request: object, ms: number): void {
    this.#late.set(request, ms);
  }

  onMake(name: string): number {
    return this.madeNames.push(name) - 1;
  }

  onDelete(driverName: string, volume: SimVolume): void {
    this.onVolumeDelete(driverName, volume);
  }

  onMisuse(what: string): void {
    this.violations.push(what);
  }

  #kill(name: string): void {
    this.#processes.get(name)?.kill();
  }

  #begin(name: string): SimProcess {
    const process = new SimProcess(name, this.clock);
    this.#processes.set(name, process);
    this.trace.add(`start ${name}`);
    return process;
  }

  #startAgain(part: Part): void {
    if (this.#processes.get(part)?.isDead !== true) return;
    if (part === 'server') this.#startServer();
    else if (part === 'controllers') this.#startControllers();
    else if (part.startsWith('driver')) this.#startDriver(part);
    else this.#startNode(Number(part.slice('node-'.length)));
  }

  #startServer(): void {
    const process = this.#begin('server');
    const pass = (moment: 'before' | 'after'): Promise<void> => this.pass(process, moment);
    startSimServer({ process, disk: this.disk, ids: this.#ids, nodeCount: NODE_COUNT, pass }).then(
      (server) => {
        if (process.isDead) return;
        this.#server = server;
        this.#startControllers();
      },
      (thrown: unknown) => this.#fail('the server does not start', thrown),
    );
  }

  #startControllers(): void {
    const server = this.server;
    if (server === undefined) return;
    const process = this.#begin('controllers');
    const { clock } = process;
    const client = simClient(process, SYSTEM_USER, this);
    const informers = new InformerFactory({ client, clock, log: silentLogger });
    const drivers = (this.#table = new DriverTable());
    this.#connectDrivers(drivers, process);
    startControllers({
      modules: SIM_MODULES,
      atWork: server.atWork,
      client: informers.client,
      informers,
      drivers,
      api: server.api(),
      nodes: this.plugins.connect(process, server.atWork.drivers()),
      keptPaths: [],
      config: SIM_CONFIG,
      clock,
      ids: this.#ids,
      log: silentLogger,
      metrics: new Metrics(),
    }).then(
      (controllers) => {
        if (!process.isDead) this.#controllers = controllers;
      },
      (thrown: unknown) => this.#fail('the controllers do not start', thrown),
    );
  }

  /** As the platform joins the drivers of its nodes. */
  #connectDrivers(table: DriverTable, process: SimProcess): void {
    for (const name of [DRIVER_NAME, NET_DRIVER]) {
      const found = table.names().includes(name);
      if (this.#away.has(name) === found) {
        const known = found ? table.find(name) : undefined;
        if (known === undefined)
          table.add(name, { client: this.#controllerOf(name, process), servesController: true, servesNode: false, rank: 0 });
        else table.remove(name, known);
      }
    }
  }

  #controllerOf(driverName: string, process: SimProcess): CsiClient {
    if (driverName === NET_DRIVER) return this.#connect('driver-net', process);
    const endpoints = Array.from({ length: NODE_COUNT }, (_, index) => ({
      nodeName: nodeNameOf(index),
      client: this.#connect(`driver-${index}`, process),
    }));
    const [first, ...others] = endpoints;
    const factory = SIM_MODULES.find(({ driver }) => driver?.driverName === driverName)?.driver;
    if (first === undefined || factory === undefined) throw new TypeError(`no driver ${driverName}`);
    return factory.join([first, ...others], process.clock);
  }

  #dirsOf(nodeName: string): { readonly root: string; readonly runtime: string } {
    const root = path.join(this.#root, nodeName);
    return { root, runtime: `${root}/run` };
  }

  #connect(endpoint: string, process: SimProcess): CsiClient {
    const found = this.endpoints.get(endpoint);
    if (found === undefined) throw new TypeError(`no endpoint ${endpoint}`);
    return found.connect(process);
  }

  #startNode(index: number): void {
    const name = nodeNameOf(index);
    const machine = this.machines.get(name);
    const runtime = this.#runtimes.get(name)?.restarted();
    if (machine === undefined || runtime === undefined) throw new TypeError(`no node ${name}`);
    this.#runtimes.set(name, runtime);
    const process = this.#begin(name);
    const client = simClient(process, { name: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] }, this);
    const drivers = new Map([
      [DRIVER_NAME, this.#connect(`driver-${index}`, process)],
      [NET_DRIVER, this.#connect(`plugin-${index}`, process)],
    ]);
    const { root } = this.#dirsOf(name);
    const onWritten: SimNodeOptions['onWritten'] = (mounts, file) => {
      for (const { volumeId } of mounts) this.written.set(volumeId, (this.written.get(volumeId) ?? new Set()).add(file));
    };
    const node = new SimNode({ process, client, ids: this.#ids, machine, runtime, drivers, root, onWritten });
    this.plugins.start(name);
    node.start().catch((thrown: unknown) => this.#fail(`${name} does not start`, thrown));
  }

  /** A driver's process; on a node it also holds the plugin of the other driver. */
  #startDriver(part: string): void {
    const process = this.#begin(part);
    const takeAMoment = (request: object): Promise<void> => this.#takeAMoment(process, request);
    const index = Number(part.slice('driver-'.length));
    const pool = this.pools.get(part);
    const net = this.pools.get('driver-net');
    if (pool === undefined || net === undefined) throw new TypeError(`no pool of ${part}`);
    const machine = this.machines.get(nodeNameOf(index));
    if (machine === undefined) {
      this.#serve(part, process, { pool, machines: this.machines, takeAMoment });
      this.#table?.announce(NET_DRIVER);
      return;
    }
    const segments = { [TOPOLOGY_KEY]: machine.nodeName };
    const own = new Map([[machine.nodeName, machine]]);
    this.#serve(part, process, { pool, segments, machines: own, takeAMoment });
    this.#serve(`plugin-${index}`, process, { pool: net, machines: own, takeAMoment });
    this.#table?.announce(DRIVER_NAME);
  }

  #serve(name: string, process: SimProcess, options: SimDriverOptions): void {
    const [machine] = options.machines.values();
    if (machine === undefined) throw new TypeError('a driver needs a machine');
    const locks = new VolumeLocks();
    this.endpoints.get(name)?.serve(process, {
      identity: simIdentity(options),
      controller: new LockedController(new SimController(options), locks, { volumeIdOf, snapshotIdOf: volumeIdOf }),
      groupController: new LockedGroupController(new SimGroupController(options), locks, {
        groupIdOf: (name) => volumeIdOf(`group ${name}`),
      }),
      node: new LockedNode(new SimNodeService(options, machine), locks),
    });
  }

  /** Mostly at once, sometimes for a while. */
  async #takeAMoment(process: SimProcess, request: object): Promise<void> {
    const lateMs = this.#late.get(request);
    if (lateMs !== undefined) return sleep(process.clock, lateMs);
    const chance = this.roll(16);
    if (chance < 12) return;
    await sleep(process.clock, chance < 15 ? this.roll(50) : this.roll(2_000));
  }

  #fail(what: string, thrown: unknown): void {
    this.violations.push(`${what}: ${PlatformError.from(thrown).message}`);
  }
}

function partOf({ name }: SimProcess): Part {
  if (name === 'server' || name === 'controllers' || name === 'driver-net') return name;
  const index = Number(name.slice(name.indexOf('-') + 1));
  return name.startsWith('driver') ? `driver-${index}` : `node-${index}`;
}

function shortly(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'string' && value.startsWith('/') ? path.basename(value) : value;
}
