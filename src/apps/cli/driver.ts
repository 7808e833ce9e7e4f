import path from 'node:path';
import { type ConfigSchema, formatFlags, parseConfig, parsers } from '#kit/config.ts';
import { SystemClock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { SystemExec } from '#kit/exec.ts';
import { SystemIds } from '#kit/ids.ts';
import { createLogger } from '#kit/log.ts';
import { startLocalStorage } from '../server/storage.ts';
import type { Verb } from './verb.ts';
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

const HELP = `usage: stowage driver serve [FLAGS]

Serves the CSI driver local.stowage.dev alone, for a kubelet, for sidecars or for a conformance suite. Ctrl-C stops it; volumes stay.

${formatFlags(driverConfig)}`;

/** `stowage driver serve`. */
export const driverVerb: Verb = {
  name: 'driver',
  summary: 'serve the CSI driver local.stowage.dev alone',
  help: HELP,
  run: async ({ argv, env, print, signal }) => {
    const [action, ...flags] = argv;
    if (action !== 'serve')
      throw new PlatformError({
        code: 'InvalidArgument',
        reason: 'UnknownVerb',
        message: `stowage driver knows only serve, not ${JSON.stringify(action ?? '')}`,
      });
    const config = parseConfig(driverConfig, { argv: flags, env });
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
  },
};
