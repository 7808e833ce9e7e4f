import path from 'node:path';
import { settingsOf } from '#kit/config.ts';
import type { DataDirectory } from '../data-directory.ts';
import { registryFlags } from '../modules/csi/flags.ts';
import type { Settings } from '../modules/module.ts';
import { NODE_NAME } from '../nodes/node-names.ts';

/** Where the drivers of one node say that they are there. */
export interface DriverPlace {
  readonly nodeName: string;
  /** Files of `stowage driver add`. */
  readonly addedDir: string;
  /** Where drivers put their registration sockets, as for a kubelet. */
  readonly registryDir: string;
}

/** The first node's folders are the ones that users name; those of each further node lie in them, under its name. */
export function driverPlace(directory: Pick<DataDirectory, 'root' | 'drivers'>, config: Settings, nodeName: string): DriverPlace {
  const registry = settingsOf(registryFlags, config).pluginsRegistry ?? path.join(directory.root, 'plugins_registry');
  return { nodeName, addedDir: addedDriversDir(directory.drivers, nodeName), registryDir: folderOf(registry, nodeName) };
}

/** Where `stowage driver add` notes the drivers of a node. */
export function addedDriversDir(driversDir: string, nodeName: string): string {
  return folderOf(driversDir, nodeName);
}

function folderOf(root: string, nodeName: string): string {
  return nodeName === NODE_NAME ? root : path.join(root, nodeName);
}
