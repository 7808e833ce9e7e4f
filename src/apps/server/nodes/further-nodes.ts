import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import type { Pki } from '#machinery/apiserver/pki/pki.ts';
import { writeKubeconfig } from '#machinery/apiserver/pki/write-kubeconfig.ts';
import type { Client } from '#machinery/client/client.ts';
import type { ServerConfig } from '../config.ts';
import { noteVolumeCount } from '../modules/local/pool-history.ts';
import type { DataDirectory } from '../data-directory.ts';
import { nodePlaces } from './node-places.ts';
import type { AllNodes } from '../drivers/plugin-nodes.ts';
import type { NodeAnswer } from './node-orders.ts';
import { NodeProcess } from './node-process.ts';
import { nodeArguments } from './node-settings.ts';

/** What further nodes need of their platform. */
export interface FurtherNodesOptions {
  readonly config: ServerConfig;
  readonly directory: DataDirectory;
  readonly pki: Pki;
  readonly client: Client;
  /** Where the API answers. */
  readonly apiUrl: string;
  /** A node works, for the first time or again. */
  readonly onReady: () => void;
  /** The drivers of plugins on all nodes. */
  readonly plugins: Pick<AllNodes, 'standing' | 'setFurther' | 'noteFaults'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Processes at work. */
export interface RunningNodes {
  /** Of those that did not come up in time, for the user. */
  readonly limits: readonly string[];
  stop(): Promise<void>;
}

/** A node that takes longer is waited for no more; it goes on starting. */
const START_MS = 60_000;

/** Starts a process for each node beside the first; resolves when all of them take pods. */
export async function startFurtherNodes(options: FurtherNodesOptions): Promise<RunningNodes> {
  const { config, directory, pki, client, apiUrl, onReady, plugins, clock, log } = options;
  await Promise.all([...pki.nodes.keys()].map((nodeName) => noteVolumeCount(path.join(directory.nodes, nodeName), nodeName, client)));
  const nodes = [...pki.nodes].map(([nodeName, identity]) => {
    writeKubeconfig(nodePlaces(directory, nodeName).kubeconfig, { server: apiUrl, caPem: pki.caPem, identity });
    const orders = {
      standing: () => plugins.standing,
      onFaults: (faults: NonNullable<NodeAnswer['faults']>) => plugins.noteFaults(nodeName, faults),
    };
    return { nodeName, process: new NodeProcess({ nodeName, argv: nodeCommand(nodeName, config), onReady, ...orders, clock, log }) };
  });
  plugins.setFurther(nodes.map(({ process }) => process));
  const patience = Promise.withResolvers<void>();
  const timer = clock.after(START_MS, () => patience.resolve());
  const started = nodes.map(async ({ nodeName, process }): Promise<string[]> => {
    let isReady = false;
    process.start();
    await Promise.race([process.ready.then(() => (isReady = true)), patience.promise]);
    const said = process.complaint === undefined ? '' : ` (${process.complaint})`;
    return isReady ? [] : [`${nodeName} has not come up yet${said}: see ${nodePlaces(directory, nodeName).log} and ${directory.log}`];
  });
  const limits = (await Promise.all(started)).flat();
  timer.cancel();
  return {
    limits,
    async stop() {
      plugins.setFurther([]);
      await Promise.all(nodes.map(({ process }) => process.stop()));
      for (const { nodeName } of nodes) removeSockets(directory, nodeName);
    },
  };
}

/** The same runtime, options and file run the node as run this process. */
function nodeCommand(nodeName: string, config: ServerConfig): readonly string[] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? '', 'node', ...nodeArguments(nodeName, config)];
}

/** What a node that was killed left. */
function removeSockets(directory: DataDirectory, nodeName: string): void {
  const { podsSocket, pid } = nodePlaces(directory, nodeName);
  const sockets = existsSync(directory.runtime) ? readdirSync(directory.runtime).filter((name) => isSocketOf(nodeName, name)) : [];
  for (const file of [podsSocket, pid, ...sockets.map((name) => path.join(directory.runtime, name))]) if (existsSync(file)) rmSync(file);
}

/** Of its drivers, one for each module that has one. */
function isSocketOf(nodeName: string, name: string): boolean {
  return name.startsWith(`${nodeName}.`) && name.endsWith('.sock');
}
