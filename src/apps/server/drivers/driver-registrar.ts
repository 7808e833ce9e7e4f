import { type FSWatcher, mkdirSync, watch } from 'node:fs';
import path from 'node:path';
import { csiDrivers } from '#api/resources.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import { CSI_PLUGIN, getPluginInfo, notifyRegistration, type PluginInfo } from '#protocols/plugin-registration/client.ts';
import { namesIn, readAddedDrivers } from './added-drivers.ts';
import type { DriverTable } from './driver-table.ts';
import { type DriverFacts, DriverRefused, inspectDriver } from './inspect-driver.ts';

/** What the registrar needs. */
export interface DriverRegistrarOptions {
  readonly table: DriverTable;
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  /** Files of `stowage driver add`. */
  readonly addedDir: string;
  /** Where drivers put their registration sockets, as for a kubelet. */
  readonly registryDir: string;
  /** Names that belong to the platform's own drivers. */
  readonly reserved: ReadonlySet<string>;
  /** The set of drivers changed: nodes have to say so. */
  readonly onChange: (signal: AbortSignal) => Promise<void>;
}

/** A driver that is wanted, and where it says so. */
interface Wanted {
  readonly socketPath: string;
  /** Of the kubelet's protocol; absent for one that was added by hand. */
  readonly registrationSocket?: string;
}

/** Drivers that did not answer, and changes that the file system did not tell of, are looked at again after this time. */
const RESCAN_MS = 5_000;
const REGISTRATION_TIMEOUT_MS = 5_000;
/** The label that says that Stowage made a CSIDriver object, and may take it away. */
const MANAGED = { 'app.kubernetes.io/managed-by': 'stowage' };

/** Connects the drivers of other vendors, and lets go of them, while the platform runs. */
export class DriverRegistrar {
  readonly #options: DriverRegistrarOptions;
  readonly #abort = new AbortController();
  readonly #connected = new Map<string, Wanted>();
  /** What was wrong with a driver when it was last looked at, so that the log has it once. */
  readonly #faults = new Map<string, string>();
  readonly #watchers: FSWatcher[] = [];
  #wake: () => void = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(options: DriverRegistrarOptions) {
    this.#options = options;
  }

  /** Connects what is there now, and follows the folders from then on. */
  async start(): Promise<void> {
    for (const folder of [this.#options.addedDir, this.#options.registryDir]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const watcher = watch(folder, { persistent: false }, () => this.#wake());
      // why ignored: the folders are also looked at from time to time
      watcher.on('error', () => {});
      this.#watchers.push(watcher);
    }
    await this.#scan();
    this.#running = this.#follow();
  }

  async stop(): Promise<void> {
    for (const watcher of this.#watchers) watcher.close();
    this.#abort.abort();
    await this.#running;
    for (const name of this.#connected.keys()) this.#options.table.remove(name);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const nap = new AbortController();
      this.#wake = () => nap.abort();
      try {
        await sleep(this.#options.clock, RESCAN_MS, AbortSignal.any([signal, nap.signal]));
      } catch {
        // why: somebody woke us, or we stop
      }
      if (!signal.aborted) await this.#scan();
    }
  }

  async #scan(): Promise<void> {
    try {
      const wanted = await this.#wanted();
      let isChanged = false;
      for (const [name, { socketPath }] of this.#connected) {
        if (wanted.get(name)?.socketPath === socketPath) continue;
        await this.#disconnect(name);
        isChanged = true;
      }
      for (const [name, driver] of wanted) if (!this.#connected.has(name)) isChanged = (await this.#connect(name, driver)) || isChanged;
      if (isChanged) await this.#options.onChange(this.#abort.signal);
    } catch (thrown) {
      if (!this.#abort.signal.aborted) this.#options.log.warn('drivers could not be looked at', { err: PlatformError.from(thrown) });
    }
  }

  async #wanted(): Promise<ReadonlyMap<string, Wanted>> {
    const { addedDir, registryDir } = this.#options;
    const wanted = new Map<string, Wanted>();
    for (const registrationSocket of (await namesIn(registryDir))
      .filter((name) => name.endsWith('.sock'))
      .map((name) => path.join(registryDir, name))) {
      const known = [...this.#connected].find(([, driver]) => driver.registrationSocket === registrationSocket);
      const info = known === undefined ? await this.#ask(registrationSocket) : undefined;
      if (known !== undefined) wanted.set(...known);
      else if (info !== undefined)
        wanted.set(info.name, { socketPath: info.endpoint === '' ? registrationSocket : info.endpoint, registrationSocket });
    }
    const added = await readAddedDrivers(addedDir, (file, error) => this.#complain(path.join(addedDir, file), error));
    for (const { name, socketPath } of added) if (!wanted.has(name)) wanted.set(name, { socketPath });
    return wanted;
  }

  async #ask(registrationSocket: string): Promise<PluginInfo | undefined> {
    try {
      const info = await getPluginInfo(registrationSocket, REGISTRATION_TIMEOUT_MS);
      if (info.type === CSI_PLUGIN) return info;
      throw new DriverRefused(registrationSocket, `is a plugin of the type ${JSON.stringify(info.type)}; only ${CSI_PLUGIN} is known here`);
    } catch (thrown) {
      this.#complain(registrationSocket, PlatformError.from(thrown));
      return undefined;
    }
  }

  async #connect(name: string, driver: Wanted): Promise<boolean> {
    const { table, reserved, log } = this.#options;
    const { socketPath, registrationSocket } = driver;
    try {
      if (reserved.has(name)) throw new DriverRefused(socketPath, `calls itself ${name}, which is the name of the platform's own driver`);
      const { client, facts } = await inspectDriver(socketPath);
      if (facts.name !== name) {
        client.close();
        throw new DriverRefused(socketPath, `was added as ${name} and now calls itself ${facts.name}: remove it and add it again`);
      }
      await this.#ensureObject(facts);
      table.add(name, client);
      this.#connected.set(name, driver);
      this.#faults.delete(socketPath);
      log.info('driver connected', { name });
      if (registrationSocket !== undefined) await this.#answer(registrationSocket, undefined);
      return true;
    } catch (thrown) {
      const error = PlatformError.from(thrown);
      this.#complain(socketPath, error);
      if (registrationSocket !== undefined) await this.#answer(registrationSocket, error.message);
      return false;
    }
  }

  async #answer(registrationSocket: string, fault: string | undefined): Promise<void> {
    try {
      await notifyRegistration(registrationSocket, fault, REGISTRATION_TIMEOUT_MS);
    } catch (thrown) {
      this.#complain(registrationSocket, PlatformError.from(thrown));
    }
  }

  async #disconnect(name: string): Promise<void> {
    const { table, client, log } = this.#options;
    table.remove(name);
    this.#connected.delete(name);
    log.info('driver disconnected', { name });
    try {
      const object = await client.get(csiDrivers, { namespace: '', name });
      const isOurs = Object.entries(MANAGED).every(([key, value]) => object.metadata.labels?.[key] === value);
      if (isOurs) await client.delete(csiDrivers, { namespace: '', name }, { uid: object.metadata.uid });
    } catch (thrown) {
      if (!hasCode(thrown, 'NotFound')) throw thrown;
    }
  }

  /** The CSIDriver object of a driver whose vendor brought none. */
  async #ensureObject({ name, capabilities }: DriverFacts): Promise<void> {
    try {
      await this.#options.client.create(csiDrivers, {
        metadata: { name, labels: MANAGED },
        spec: {
          attachRequired: capabilities.includes('PUBLISH_UNPUBLISH_VOLUME'),
          podInfoOnMount: false,
          volumeLifecycleModes: ['Persistent'],
        },
      });
    } catch (thrown) {
      if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
    }
  }

  #complain(about: string, error: PlatformError): void {
    if (this.#faults.get(about) === error.message) return;
    this.#faults.set(about, error.message);
    this.#options.log.warn('a driver can not be used', { path: about, err: error, reason: error.reason });
  }
}
