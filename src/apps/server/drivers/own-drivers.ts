import path from 'node:path';
import { PlatformError } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import type { PluginSettings } from '#api/plugins/plugin-settings.ts';
import type { DataDirectory } from '../data-directory.ts';
import type { Module } from '../modules/manifest.ts';
import type { DriverFactory, NodeDriver, NodeDriverOptions } from '../modules/module.ts';
import { nodePlaces } from '../nodes/node-places.ts';
import type { PackagedCode } from './packaged-code.ts';

/** What all drivers of a node are started with. */
export interface OwnDriversOptions extends Omit<NodeDriverOptions, 'nodeDir' | 'poolDir' | 'settings' | 'socketPath'> {
  readonly modules: readonly Module[];
  readonly directory: DataDirectory;
}

/** Which drivers a node begins with, beside those that are always there. */
export interface FirstDrivers {
  /** Of plugins, by module. */
  readonly wanted: ReadonlyMap<string, PluginSettings>;
  /** Is told of one that does not start: it is a plugin's, and nothing else waits for it. */
  readonly onFault: (module: string, error: PlatformError) => void;
}

/** A driver of Stowage's own on this node. */
export interface OwnDriver {
  readonly module: string;
  readonly factory: DriverFactory;
  readonly node: NodeDriver;
  /** Where the same driver of another node is reached. */
  socketOn(nodeName: string): string;
}

interface Started extends OwnDriver {
  settings: PluginSettings;
  /** Of the code of its package; undefined = it is of Stowage itself. */
  readonly digest: string | undefined;
}

/** Stowage's own drivers on one node, each as its module brings it; those of plugins come and go. */
export class OwnDrivers {
  readonly #options: OwnDriversOptions;
  readonly #drivers = new Map<string, Started>();
  readonly #listeners: (() => void)[] = [];

  private constructor(options: OwnDriversOptions) {
    this.#options = options;
  }

  /** Starts them, in order. @throws what one of them throws that is no plugin's; those before it are stopped */
  static async start(options: OwnDriversOptions, { wanted, onFault }: FirstDrivers): Promise<OwnDrivers> {
    const drivers = new OwnDrivers(options);
    try {
      for (const { name, driver, plugin } of options.modules) {
        if (driver === undefined) continue;
        const settings = wanted.get(name);
        if (plugin === undefined) await drivers.ensure(name, {});
        else if (settings !== undefined) await drivers.ensure(name, settings).catch((thrown) => onFault(name, PlatformError.from(thrown)));
      }
    } catch (thrown) {
      await drivers.stop(false);
      throw thrown;
    }
    return drivers;
  }

  get all(): readonly OwnDriver[] {
    return [...this.#drivers.values()];
  }

  /** Names that no driver of another vendor may have. */
  get names(): ReadonlySet<string> {
    return new Set(this.all.map(({ factory }) => factory.driverName));
  }

  find(module: string): OwnDriver | undefined {
    return this.#drivers.get(module);
  }

  /** Starts the driver of a module, or gives other settings to one that is there; one of other code takes its place. @throws what it throws */
  async ensure(module: string, settings: PluginSettings, code?: PackagedCode): Promise<OwnDriver> {
    const known = this.#drivers.get(module);
    if (known === undefined) return this.#start(module, settings, code);
    if (known.digest !== code?.digest) {
      this.#drivers.delete(module);
      await known.node.stop(false);
      return this.#start(module, settings, code);
    }
    if (!deepEqual(known.settings, settings)) await known.node.configure?.(settings);
    known.settings = settings;
    return known;
  }

  /** Stops the driver of a module, and lets go of what it has of the machine; one that is not there is no failure. */
  async remove(module: string): Promise<void> {
    const known = this.#drivers.get(module);
    await known?.node.stop(true);
    this.#drivers.delete(module);
  }

  /** What is wrong with the first that something is wrong with. */
  problem(): PlatformError | undefined {
    return this.all.map(({ node }) => node.problem()).find((problem) => problem !== undefined);
  }

  /** Calls back after the problem of one changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Stops them in reverse order; `isReleasing` also lets go of the machine's things that nothing uses any more. */
  async stop(isReleasing: boolean): Promise<void> {
    for (const { node } of this.all.toReversed()) await node.stop(isReleasing);
  }

  async #start(module: string, settings: PluginSettings, code?: PackagedCode): Promise<OwnDriver> {
    const { modules, directory, ...shared } = this.#options;
    const factory = code === undefined ? modules.find(({ name }) => name === module)?.driver : await factoryOf(code);
    if (factory === undefined) throw new TypeError(`the module ${module} has no driver`);
    const places = ownDriverPlaces(directory, shared.nodeName, module);
    const nodeDir = path.join(directory.nodes, shared.nodeName);
    const node = await factory.start({ ...shared, ...places, nodeDir, settings });
    node.onChange(() => this.#listeners.forEach((listener) => listener()));
    const started = {
      module,
      factory,
      node,
      settings,
      digest: code?.digest,
      socketOn: (nodeName: string) => ownDriverPlaces(directory, nodeName, module).socketPath,
    };
    this.#drivers.set(module, started);
    return started;
  }
}

async function factoryOf(code: PackagedCode): Promise<DriverFactory> {
  // why here: a node without packages loads nothing of them
  const { packagedDriver } = await import('./packaged-driver.ts');
  return packagedDriver(code);
}

/** Where the driver of a module keeps its things on a node, and where it is reached. The first driver that there was has the node's own places. */
export function ownDriverPlaces(
  directory: DataDirectory,
  nodeName: string,
  moduleName: string,
): { readonly poolDir: string; readonly socketPath: string } {
  const { pool, driverSocket } = nodePlaces(directory, nodeName);
  if (moduleName === 'local') return { poolDir: pool, socketPath: driverSocket };
  // why: the modules of packages have a slash, so that they are nobody else's
  const name = moduleName.replaceAll('/', '.');
  return {
    poolDir: path.join(directory.nodes, nodeName, name),
    socketPath: path.join(directory.runtime, `${nodeName}.${name}.sock`),
  };
}
