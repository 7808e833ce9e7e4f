import { type FSWatcher, mkdirSync, watch } from 'node:fs';
import { type Clock, sleep } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { Limiter } from '#kit/limiter.ts';
import type { Logger } from '#kit/log.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import { notifyRegistration } from '#protocols/plugin-registration/client.ts';
import type { DriverObjects } from './driver-objects.ts';
import type { DriverPlace } from './driver-places.ts';
import type { DriverTable } from './driver-table.ts';
import { DriverRefused, inspectDriver } from './inspect-driver.ts';
import { keyOfWish, readWantedDrivers, REGISTRATION_TIMEOUT_MS, type WantedDriver } from './wanted-drivers.ts';

/** What the registrar needs. */
export interface DriverRegistrarOptions {
  readonly table: DriverTable;
  readonly objects: DriverObjects;
  readonly clock: Clock;
  readonly log: Logger;
  /** The node of this process, which registers the drivers of its own folders. */
  readonly own: DriverPlace;
  /** Nodes of other processes, whose drivers controllers may ask. */
  readonly others: readonly DriverPlace[];
  /** Names that belong to the platform's own drivers, as of now. */
  readonly reserved: () => ReadonlySet<string>;
  /** The set of drivers of the own node changed: it has to say so. */
  readonly onChange: (signal: AbortSignal) => Promise<void>;
}

/** Drivers that did not answer, and changes that the file system did not tell of, are looked at again after this time. */
const RESCAN_MS = 5_000;
/** Drivers that are asked at a time, so that one that hangs holds up few others. */
const CONCURRENCY = 16;

/** Connects the drivers of other vendors, and lets go of them, while the platform runs. */
export class DriverRegistrar {
  readonly #options: DriverRegistrarOptions;
  readonly #places: readonly DriverPlace[];
  readonly #abort = new AbortController();
  readonly #limiter = new Limiter(CONCURRENCY);
  readonly #connected = new Map<string, { readonly driver: WantedDriver; readonly client: CsiClient }>();
  /** What was wrong with a driver when it was last looked at, so that the log has it once. */
  readonly #faults = new Map<string, string>();
  readonly #watchers: FSWatcher[] = [];
  /** Drivers whose last socket went and whose object may be there still. */
  readonly #orphans = new Set<string>();
  #isReported = true;
  #wake: () => void = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(options: DriverRegistrarOptions) {
    this.#options = options;
    this.#places = [options.own, ...options.others];
  }

  /** Connects what is there now, and follows the folders from then on. */
  async start(): Promise<void> {
    for (const folder of this.#places.flatMap(({ addedDir, registryDir }) => [addedDir, registryDir])) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const watcher = watch(folder, { persistent: false }, () => this.#wake());
      // why ignored: the folders are also looked at from time to time
      watcher.on('error', () => {});
      this.#watchers.push(watcher);
    }
    await this.#scan();
    this.#running = this.#follow();
  }

  /** What is connected stays so: pods that are ended later need their drivers. */
  async stop(): Promise<void> {
    for (const watcher of this.#watchers) watcher.close();
    this.#abort.abort();
    await this.#running;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#abort;
    let isWoken = false;
    while (!signal.aborted) {
      const nap = new AbortController();
      this.#wake = () => nap.abort();
      try {
        if (!isWoken) await sleep(this.#options.clock, RESCAN_MS, AbortSignal.any([signal, nap.signal]));
      } catch {
        // why: somebody woke us, or we stop
      }
      isWoken = false;
      // why: what changes while the folders are read may have been read before
      this.#wake = () => {
        isWoken = true;
      };
      if (!signal.aborted) await this.#scan();
    }
  }

  async #scan(): Promise<void> {
    try {
      const wanted = new Map((await this.#readWanted()).map((driver) => [keyOfWish(driver), driver]));
      const gone = [...this.#connected.keys()].filter((key) => !wanted.has(key));
      const fresh = [...wanted.values()].filter((driver) => !this.#connected.has(keyOfWish(driver)));
      // why first: a driver that starts anew is not away for a moment
      await Promise.all(fresh.map((driver) => this.#limiter.run(() => this.#connect(driver))));
      for (const key of gone) this.#disconnect(key);
      if (!this.#isReported) await this.#options.onChange(this.#abort.signal);
      this.#isReported = true;
      await this.#removeOrphans();
    } catch (thrown) {
      if (!this.#abort.signal.aborted) this.#options.log.warn('drivers could not be looked at', { err: PlatformError.from(thrown) });
    }
  }

  async #readWanted(): Promise<readonly WantedDriver[]> {
    const known = [...this.#connected.values()].map(({ driver }) => driver);
    const complain = (about: string, error: PlatformError): void => this.#complain(about, error);
    return (await Promise.all(this.#places.map((place) => readWantedDrivers(place, known, complain)))).flat();
  }

  async #connect(driver: WantedDriver): Promise<void> {
    const { objects, log } = this.#options;
    const { name, socketPath, nodeName } = driver;
    try {
      const { client, facts } = await this.#inspect(driver);
      try {
        await objects.ensure(facts, this.#abort.signal);
      } catch (thrown) {
        client.close();
        throw thrown;
      }
      const { servesController } = facts;
      const rank = this.#places.findIndex((place) => place.nodeName === nodeName);
      this.#options.table.add(name, { client, servesController, servesNode: this.#isOwn(driver) && facts.servesNode, rank });
      this.#connected.set(keyOfWish(driver), { driver, client });
      this.#faults.delete(socketPath);
      if (this.#isOwn(driver)) this.#isReported = false;
      log.info('driver connected', { name, node: nodeName });
      await this.#answer(driver, undefined);
    } catch (thrown) {
      const error = PlatformError.from(thrown);
      this.#complain(socketPath, error);
      await this.#answer(driver, error.message);
    }
  }

  async #inspect({ name, socketPath }: WantedDriver): ReturnType<typeof inspectDriver> {
    if (this.#options.reserved().has(name))
      throw new DriverRefused(socketPath, `calls itself ${name}, which is the name of the platform's own driver`);
    const { client, facts } = await inspectDriver(socketPath);
    if (facts.name === name) return { client, facts };
    client.close();
    throw new DriverRefused(socketPath, `was added as ${name} and now calls itself ${facts.name}: remove it and add it again`);
  }

  /** The process of the node that a driver registered with is the one to tell it how that went. */
  async #answer(driver: WantedDriver, fault: string | undefined): Promise<void> {
    const { registration } = driver;
    if (registration === undefined || !this.#isOwn(driver)) return;
    try {
      await notifyRegistration(registration.socketPath, fault, REGISTRATION_TIMEOUT_MS);
    } catch (thrown) {
      this.#complain(registration.socketPath, PlatformError.from(thrown));
    }
  }

  #disconnect(key: string): void {
    const { table, log } = this.#options;
    const connection = this.#connected.get(key);
    if (connection === undefined) return;
    const { driver, client } = connection;
    const { name, nodeName } = driver;
    table.remove(name, client);
    this.#connected.delete(key);
    if (this.#isOwn(driver)) this.#isReported = false;
    if (table.find(name) === undefined) this.#orphans.add(name);
    log.info('driver disconnected', { name, node: nodeName });
  }

  async #removeOrphans(): Promise<void> {
    for (const name of this.#orphans) {
      if (this.#options.table.find(name) === undefined) await this.#options.objects.remove(name);
      this.#orphans.delete(name);
    }
  }

  #isOwn({ nodeName }: WantedDriver): boolean {
    return nodeName === this.#options.own.nodeName;
  }

  #complain(about: string, error: PlatformError): void {
    if (this.#faults.get(about) === error.message) return;
    this.#faults.set(about, error.message);
    this.#options.log.warn('a driver can not be used', { path: about, err: error, reason: error.reason });
  }
}
