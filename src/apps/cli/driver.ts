import path from 'node:path';
import { type ConfigSchema, formatFlags, parseConfig, parsers } from '#kit/config.ts';
import { SystemClock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { SystemExec } from '#kit/exec.ts';
import { SystemIds } from '#kit/ids.ts';
import { createLogger } from '#kit/log.ts';
import { serverConfig } from '../server/config.ts';
import { readAddedDrivers, removeAddedDriver, writeAddedDriver } from '../server/drivers/added-drivers.ts';
import { DriverRefused, inspectDriver } from '../server/drivers/inspect-driver.ts';
import { LOCAL_DRIVER } from '../server/initial-objects.ts';
import { startLocalStorage } from '../server/storage.ts';
import type { CliContext, Verb } from './verb.ts';
import { STOWAGE_VERSION } from './version.ts';

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
  node: {
    flag: 'node',
    env: 'STOWAGE_DRIVER_NODE',
    default: 'node-1',
    placeholder: 'NAME',
    doc: 'name of the node that the driver runs on',
    parse: parsers.text,
  },
} as const satisfies ConfigSchema;

const dataDir = serverConfig.dataDir;
const addConfig = {
  dataDir,
  socket: {
    flag: 'socket',
    env: 'STOWAGE_DRIVER_SOCKET',
    default: '',
    placeholder: 'PATH',
    doc: 'unix socket on which the driver serves CSI',
    parse: (text: string) => path.resolve(text),
  },
} as const satisfies ConfigSchema;
const folderConfig = { dataDir } as const satisfies ConfigSchema;

const HELP = `usage: stowage driver serve [FLAGS]
       stowage driver add --socket PATH [--data-dir DIR]
       stowage driver list [--data-dir DIR]
       stowage driver remove NAME [--data-dir DIR]

serve   serves the CSI driver local.stowage.dev alone, for a kubelet, for sidecars or for a conformance suite; Ctrl-C stops it, volumes stay
add     takes the CSI driver of another vendor into use, at once where the platform runs, else at its next start
list    the drivers that were added
remove  lets go of one; its volumes stay where they are, and pods that use them can't start until it is added again

Drivers that register themselves as with a kubelet put their socket into the folder of the flag --plugins-registry of stowage up.

Flags of serve:
${formatFlags(driverConfig)}

Flags of the others:
${formatFlags(addConfig)}`;

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
  const { socket, dataDir: directory } = parseConfig(addConfig, { argv, env });
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
  await writeAddedDriver(path.join(directory, 'drivers'), { name: facts.name, socketPath: socket });
  print(`added ${facts.name} ${facts.version}`.trim());
  print(`  can          ${facts.capabilities.length === 0 ? 'nothing that needs a controller' : facts.capabilities.toSorted().join(', ')}`);
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
  const { dataDir: directory } = parseConfig(folderConfig, { argv, env });
  const faults: string[] = [];
  const drivers = await readAddedDrivers(path.join(directory, 'drivers'), (file, error) => faults.push(`${file}: ${error.message}`));
  for (const { name, socketPath } of drivers) print(`${name}  ${socketPath}`);
  for (const fault of faults) print(fault);
  if (drivers.length + faults.length === 0) print('no drivers were added');
}

async function remove({ argv, env, print }: CliContext): Promise<void> {
  const [name = '', ...flags] = argv;
  const { dataDir: directory } = parseConfig(folderConfig, { argv: flags, env });
  if (!(await removeAddedDriver(path.join(directory, 'drivers'), name)))
    throw new PlatformError({
      code: 'NotFound',
      reason: 'DriverNotAdded',
      message: `no driver ${JSON.stringify(name)} was added; stowage driver list shows those that were`,
    });
  print(`removed ${name}; its volumes stay where they are`);
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
