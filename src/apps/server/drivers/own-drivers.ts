import path from 'node:path';
import type { PlatformError } from '#kit/errors.ts';
import type { DataDirectory } from '../data-directory.ts';
import type { Module } from '../modules/manifest.ts';
import type { DriverFactory, NodeDriver, NodeDriverOptions } from '../modules/module.ts';
import { nodePlaces } from '../nodes/node-places.ts';

/** What all drivers of a node are started with. */
export interface OwnDriversOptions extends Omit<NodeDriverOptions, 'nodeDir' | 'poolDir' | 'socketPath'> {
  readonly modules: readonly Module[];
  readonly directory: DataDirectory;
}

/** A driver of Stowage's own on this node. */
export interface OwnDriver {
  readonly factory: DriverFactory;
  readonly node: NodeDriver;
  /** Where the same driver of another node is reached. */
  socketOn(nodeName: string): string;
}

/** Stowage's own drivers on one node, each as its module brings it. */
export class OwnDrivers {
  readonly all: readonly OwnDriver[];

  private constructor(all: readonly OwnDriver[]) {
    this.all = all;
  }

  /** Starts them, in order. @throws what one of them throws; those before it are stopped */
  static async start(options: OwnDriversOptions): Promise<OwnDrivers> {
    const { modules, directory, ...shared } = options;
    const started: OwnDriver[] = [];
    try {
      for (const { name, driver: factory } of modules) {
        if (factory === undefined) continue;
        const places = ownDriverPlaces(directory, shared.nodeName, name);
        const nodeDir = path.join(directory.nodes, shared.nodeName);
        const node = await factory.start({ ...shared, ...places, nodeDir });
        started.push({ factory, node, socketOn: (nodeName) => ownDriverPlaces(directory, nodeName, name).socketPath });
      }
    } catch (thrown) {
      await Promise.all(started.map(({ node }) => node.stop(false)));
      throw thrown;
    }
    return new OwnDrivers(started);
  }

  /** Names that no driver of another vendor may have. */
  get names(): ReadonlySet<string> {
    return new Set(this.all.map(({ factory }) => factory.driverName));
  }

  /** What is wrong with the first that something is wrong with. */
  problem(): PlatformError | undefined {
    return this.all.map(({ node }) => node.problem()).find((problem) => problem !== undefined);
  }

  /** Calls back after the problem of one changed. */
  onChange(listener: () => void): void {
    for (const { node } of this.all) node.onChange(listener);
  }

  /** Stops them in reverse order; `isReleasing` also lets go of the machine's things that nothing uses any more. */
  async stop(isReleasing: boolean): Promise<void> {
    for (const { node } of this.all.toReversed()) await node.stop(isReleasing);
  }
}

/** Where the driver of a module keeps its things on a node, and where it is reached. The first driver that there was has the node's own places. */
export function ownDriverPlaces(
  directory: DataDirectory,
  nodeName: string,
  moduleName: string,
): { readonly poolDir: string; readonly socketPath: string } {
  const { pool, driverSocket } = nodePlaces(directory, nodeName);
  if (moduleName === 'local') return { poolDir: pool, socketPath: driverSocket };
  return {
    poolDir: path.join(directory.nodes, nodeName, moduleName),
    socketPath: path.join(directory.runtime, `${nodeName}.${moduleName}.sock`),
  };
}
