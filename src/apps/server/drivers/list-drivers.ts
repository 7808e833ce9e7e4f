import { existsSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '#kit/errors.ts';
import { Limiter } from '#kit/limiter.ts';
import type { DataDirectory } from '../data-directory.ts';
import { NODE_NAME } from '../nodes/node-names.ts';
import { furtherNodeNames, MAX_NODES } from '../nodes/node-names.ts';
import type { Module } from '../modules/manifest.ts';
import type { Settings } from '../modules/module.ts';
import { ownDriverPlaces } from './own-drivers.ts';
import { driverPlace } from './driver-places.ts';
import { type DriverFacts, inspectDriver } from './inspect-driver.ts';
import { readWantedDrivers } from './wanted-drivers.ts';

/** How the platform came to a driver. */
export type DriverOrigin = 'built in' | 'added' | 'registered';

/** A driver on a node, asked just now. */
export interface ListedDriver {
  readonly name: string;
  readonly node: string;
  readonly socket: string;
  readonly origin: DriverOrigin;
  /** `ready`: it answers and says so; `starting`: it answers; `silent`: it does not. */
  readonly health: 'ready' | 'starting' | 'silent';
  /** What is wrong with it. */
  readonly problem?: string;
  readonly version?: string;
  /** Names of its controller's capabilities. */
  readonly capabilities?: readonly string[];
}

/** What was found, and what names no driver that can be used. */
export interface DriverList {
  readonly drivers: readonly ListedDriver[];
  readonly faults: readonly { readonly file: string; readonly problem: string }[];
}

/** Drivers that are asked at a time. */
const CONCURRENCY = 16;

/** Each driver that the platform of this data directory uses, or would use if it ran, asked at its own socket. */
export async function listDrivers(
  directory: DataDirectory,
  { modules, config }: { readonly modules: readonly Module[]; readonly config: Settings },
): Promise<DriverList> {
  const builtIn = placesOfOwn(directory, modules);
  const faults: { file: string; problem: string }[] = [];
  const limiter = new Limiter(CONCURRENCY);
  const lists = await Promise.all(
    [NODE_NAME, ...furtherNodeNames(MAX_NODES)].map(async (node) => {
      const wanted = await readWantedDrivers(driverPlace(directory, config, node), [], (file, { message }) =>
        faults.push({ file, problem: message }),
      );
      const others = wanted.map(({ name, socketPath, registration }) => {
        const origin: DriverOrigin = registration === undefined ? 'added' : 'registered';
        return { name, node, socket: socketPath, origin };
      });
      return Promise.all([...builtIn(node), ...others].map((driver) => limiter.run(() => ask(driver))));
    }),
  );
  return { drivers: lists.flat(), faults };
}

type Asked = Pick<ListedDriver, 'name' | 'node' | 'socket' | 'origin'>;

/** Stowage's own drivers on a node that there is. */
function placesOfOwn(directory: DataDirectory, modules: readonly Module[]): (node: string) => readonly Asked[] {
  return (node) => {
    const isThere = existsSync(path.join(directory.nodes, node));
    return modules.flatMap(({ name, driver, plugin }) => {
      const { socketPath: socket } = ownDriverPlaces(directory, node, name);
      // why not for a plugin: its driver is there only while it is installed
      const isExpected = isThere && plugin === undefined;
      return driver !== undefined && (isExpected || existsSync(socket))
        ? [{ name: driver.driverName, node, socket, origin: 'built in' }]
        : [];
    });
  };
}

async function ask(driver: Asked): Promise<ListedDriver> {
  try {
    const { client, facts } = await inspectDriver(driver.socket);
    client.close();
    return { ...driver, ...healthOf(driver, facts) };
  } catch (thrown) {
    return { ...driver, health: 'silent', problem: PlatformError.from(thrown).message };
  }
}

function healthOf({ name }: Asked, { name: ownName, isReady, version, capabilities }: DriverFacts): Omit<ListedDriver, keyof Asked> {
  const isOther = ownName !== name;
  return {
    health: isReady && !isOther ? 'ready' : 'starting',
    ...(isOther ? { problem: `calls itself ${ownName} now: remove it and add it again` } : {}),
    version,
    capabilities: capabilities.toSorted(),
  };
}
