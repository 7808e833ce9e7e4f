import path from 'node:path';
import { type ConfigSchema, formatFlags, parseConfig, parsers } from '#kit/config.ts';
import { SystemClock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { SystemExec } from '#kit/exec.ts';
import { SystemIds } from '#kit/ids.ts';
import { createLogger } from '#kit/log.ts';
import { serverConfig } from '../server/config.ts';
import { readAddedDrivers, removeAddedDriver, writeAddedDriver } from '../server/drivers/added-drivers.ts';
import { addedDriversDir } from '../server/drivers/driver-places.ts';
import { DriverRefused, inspectDriver } from '../server/drivers/inspect-driver.ts';
import { LOCAL_DRIVER, NODE_NAME } from '../server/initial-objects.ts';
import { furtherNodeNames, MAX_NODES } from '../server/nodes/node-names.ts';
import { startLocalStorage } from '../server/storage.ts';
import { formatJson, outputConfig } from './output-config.ts';
import type { CliContext, Verb } from './verb.ts';
import { STOWAGE_VERSION } from './version.ts';

const nodeSetting = {
  flag: 'node',
  env: 'STOWAGE_DRIVER_NODE',
  default: NODE_NAME,
  placeholder: 'NAME',
  doc: 'name of the node that the driver runs on',
  parse: parsers.text,
} as const;

const driverConfig = {
  socket: {
    flag: 'socket',
    env: 'STOWAGE_DRIVER_SOCKET',
    default: 'csi.sock',
    placeholder: 'PATH',
    doc: 'unix socket to serve CSI on',
    parse: (text: string) => path.resolve(text),
  },
  pool: {
    flag: 'pool',
    env: 'STOWAGE_DRIVER_POOL',
    default: 'pool',
    placeholder: 'DIR',
    doc: 'directory that holds the volumes',
    parse: (text: string) => path.resolve(text),
  },
  node: nodeSetting,
} as const satisfies ConfigSchema;

const dataDir = serverConfig.dataDir;
const addConfig = {
  dataDir,
  node: nodeSetting,
  socket: {
    flag: 'socket',
    env: 'STOWAGE_DRIVER_SOCKET',
    default: '',
    placeholder: 'PATH',
    doc: 'unix socket on which the driver serves CSI',
    parse: (text: string) => path.resolve(text),
  },
} as const satisfies ConfigSchema;
const removeConfig = { dataDir, node: { ...nodeSetting, default: '', defaultText: 'every node' } } as const satisfies ConfigSchema;
const listConfig = { dataDir, ...outputConfig } as const satisfies ConfigSchema;

/** All that a platform may have. */
const NODE_NAMES: readonly string[] = [NODE_NAME, ...furtherNodeNames(MAX_NODES)];

const HELP = `usage: stowage driver serve [FLAGS]
       stowage driver add --socket PATH [--node NAME] [--data-dir DIR]
       stowage driver list [--data-dir DIR] [-o json]
       stowage driver remove NAME [--node NAME] [--data-dir DIR]

serve   serves the CSI driver local.stowage.dev alone, for a kubelet, for sidecars or for a conformance suite; Ctrl-C stops it, volumes stay
add     takes the CSI driver of another vendor into use, at once where the platform runs, else at its next start.
        Pods can use its volumes on the node that is named; for further nodes (stowage up --nodes N) add a socket for each.
        Its controller is asked once, at the first of its sockets that serves one: by the nodes' numbers
list    the drivers that were added, with their nodes
remove  lets go of one, on every node where none is named; its volumes stay where they are, and pods that use them can't start
        until it is added again

Drivers that register themselves as with a kubelet put their socket into the folder of the flag --plugins-registry of stowage up;
for node-2 and on into the folder of that name in it.

Flags of serve:
${formatFlags(driverConfig)}

Flags of the others:
${formatFlags({ ...addConfig, ...outputConfig })}`;

/** `stowage driver`. */
export const driverVerb: Verb = {
  name: 'driver',
  summary: 'take CSI drivers of other vendors into use; serve local.stowage.dev alone',
  help: HELP,
  run: async (context) => {
    const [action = '', ...argv] = context.argv;
    const run = ACTIONS[action];
    if (run === undefined)
      throw new PlatformError({
        code: 'InvalidArgument',
        reason: 'UnknownVerb',
        message: `stowage driver knows ${Object.keys(ACTIONS).join(', ')}, not ${JSON.stringify(action)}`,
      });
    await run({ ...context, argv });
  },
};

const ACTIONS: Readonly<Record<string, Verb['run']>> = { serve, add, list, remove };

async function add({ argv, env, print }: CliContext): Promise<void> {
  const { socket, node, dataDir: directory } = parseConfig(addConfig, { argv, env });
  refuseUnknownNode(node);
  if (socket === '')
    throw new PlatformError({
      code: 'InvalidArgument',
      reason: 'ConfigInvalid',
      message: '--socket PATH is needed: the unix socket of the driver',
    });
  const { client, facts } = await inspectDriver(socket);
  client.close();
  if (facts.name === LOCAL_DRIVER)
    throw new DriverRefused(socket, `calls itself ${LOCAL_DRIVER}, which is the name of the platform's own driver`);
  await writeAddedDriver(addedDriversDir(path.join(directory, 'drivers'), node), { name: facts.name, socketPath: socket });
  print(`added ${facts.name} ${facts.version}`.trim() + ` on ${node}`);
  print(`  can          ${facts.capabilities.length === 0 ? 'nothing that needs a controller' : facts.capabilities.toSorted().join(', ')}`);
  if (!facts.servesNode)
    print('  no volumes   of it for pods: this socket has no node service; add that one too, or let it register itself');
  if (!facts.isReady) print('  not ready    it says that it is still starting');
  print('  in use       within a moment where the platform runs (kubectl get csinodes -o yaml shows it), else from its next start');
  print(`  a class      kubectl create -f - <<< '${JSON.stringify(classOf(facts.name))}'`);
}

function classOf(provisioner: string): object {
  const name = provisioner.split('.')[0] ?? provisioner;
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner,
    volumeBindingMode: 'WaitForFirstConsumer',
  };
}

async function list({ argv, env, print }: CliContext): Promise<void> {
  const { dataDir: directory, output } = parseConfig(listConfig, { argv, env });
  const drivers: { readonly name: string; readonly node: string; readonly socket: string }[] = [];
  const faults: { readonly file: string; readonly problem: string }[] = [];
  for (const node of NODE_NAMES) {
    const folder = addedDriversDir(path.join(directory, 'drivers'), node);
    const added = await readAddedDrivers(folder, (file, { message }) => faults.push({ file: path.join(folder, file), problem: message }));
    drivers.push(...added.map(({ name, socketPath }) => ({ name, node, socket: socketPath })));
  }
  if (output === 'json') return print(formatJson({ drivers, faults }));
  for (const { file, problem } of faults) print(`${file}: ${problem}`);
  for (const { name, node, socket } of drivers) print(`${name}  ${node}  ${socket}`);
  if (drivers.length + faults.length === 0) print('no drivers were added');
}

async function remove({ argv, env, print }: CliContext): Promise<void> {
  const [name = '', ...flags] = argv;
  const { dataDir: directory, node } = parseConfig(removeConfig, { argv: flags, env });
  if (node !== '') refuseUnknownNode(node);
  const removed: string[] = [];
  for (const one of node === '' ? NODE_NAMES : [node])
    if (await removeAddedDriver(addedDriversDir(path.join(directory, 'drivers'), one), name)) removed.push(one);
  if (removed.length === 0)
    throw new PlatformError({
      code: 'NotFound',
      reason: 'DriverNotAdded',
      message: `no driver ${JSON.stringify(name)} was added${node === '' ? '' : ` on ${node}`}; stowage driver list shows those that were`,
    });
  print(`removed ${name} from ${removed.join(', ')}; its volumes stay where they are`);
}

function refuseUnknownNode(name: string): void {
  if (NODE_NAMES.includes(name)) return;
  throw new PlatformError({
    code: 'InvalidArgument',
    reason: 'ConfigInvalid',
    message: `--node ${JSON.stringify(name)} is no node of this platform: they are ${NODE_NAMES[0]} to ${NODE_NAMES.at(-1)}, as many as stowage up --nodes N starts`,
  });
}

async function serve({ argv, env, print, signal }: CliContext): Promise<void> {
  const config = parseConfig(driverConfig, { argv, env });
  const storage = await startLocalStorage({
    poolDir: config.pool,
    socketPath: config.socket,
    nodeName: config.node,
    version: STOWAGE_VERSION,
    poolSizeBytes: undefined,
    exec: new SystemExec(),
    log: createLogger({ level: 'info' }),
    clock: new SystemClock(),
    ids: new SystemIds(),
  });
  print(`serving local.stowage.dev on ${config.socket}`);
  print('ready');
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await storage.stop(false);
}
