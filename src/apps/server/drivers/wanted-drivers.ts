import { stat } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '#kit/errors.ts';
import { CSI_PLUGIN, getPluginInfo } from '#protocols/plugin-registration/client.ts';
import { namesIn, readAddedDrivers } from './added-drivers.ts';
import type { DriverPlace } from './driver-places.ts';
import { DriverRefused } from './inspect-driver.ts';

/** A driver's socket that is wanted, and where it says so. */
export interface WantedDriver {
  readonly name: string;
  readonly nodeName: string;
  readonly socketPath: string;
  /** Of the kubelet's protocol; absent for one that was added by hand. */
  readonly registration?: Registration;
}

/** A registration socket as it was when it was looked at: a driver that starts anew makes it anew, and wants to be registered again. */
export interface Registration {
  readonly socketPath: string;
  readonly stamp: string;
}

/** Tells of a file or socket that names no driver. */
export type OnFault = (path: string, error: PlatformError) => void;

/** Drivers answer the kubelet's protocol at once or not at all. */
export const REGISTRATION_TIMEOUT_MS = 5_000;

/** What the folders of a node ask for now; registration sockets that are `known` are not asked again. */
export async function readWantedDrivers(
  place: DriverPlace,
  known: readonly WantedDriver[],
  onFault: OnFault,
): Promise<readonly WantedDriver[]> {
  const { nodeName, addedDir, registryDir } = place;
  const names = (await namesIn(registryDir)).filter((name) => name.endsWith('.sock'));
  const shown = await Promise.all(names.map((name) => readShown(path.join(registryDir, name), { nodeName, known, onFault })));
  const added = await readAddedDrivers(addedDir, (file, error) => onFault(path.join(addedDir, file), error));
  return [...shown.flat(), ...added.map(({ name, socketPath }) => ({ name, nodeName, socketPath }))];
}

/** Tells two wishes apart. */
export function keyOfWish({ name, nodeName, socketPath, registration }: WantedDriver): string {
  return JSON.stringify([nodeName, name, socketPath, registration?.socketPath, registration?.stamp]);
}

interface Look {
  readonly nodeName: string;
  readonly known: readonly WantedDriver[];
  readonly onFault: OnFault;
}

async function readShown(socketPath: string, { nodeName, known, onFault }: Look): Promise<readonly WantedDriver[]> {
  try {
    const registration = { socketPath, stamp: await stampOf(socketPath) };
    const before = known.find(
      (driver) => driver.registration?.socketPath === socketPath && driver.registration.stamp === registration.stamp,
    );
    if (before !== undefined) return [before];
    const { type, name, endpoint } = await getPluginInfo(socketPath, REGISTRATION_TIMEOUT_MS);
    if (type === CSI_PLUGIN) return [{ name, nodeName, socketPath: endpoint === '' ? socketPath : endpoint, registration }];
    throw new DriverRefused(socketPath, `is a plugin of the type ${JSON.stringify(type)}; only ${CSI_PLUGIN} is known here`);
  } catch (thrown) {
    onFault(socketPath, PlatformError.from(thrown));
    return [];
  }
}

async function stampOf(file: string): Promise<string> {
  const { ino, ctimeNs } = await stat(file, { bigint: true });
  return `${ino}.${ctimeNs}`;
}
