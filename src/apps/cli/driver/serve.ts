import path from 'node:path';
import { SystemClock } from '#kit/clock.ts';
import type { ConfigSchema } from '#kit/config.ts';
import { SystemExec } from '#kit/exec.ts';
import { SystemIds } from '#kit/ids.ts';
import { createLogger } from '#kit/log.ts';
import { startLocalStorage } from '../../server/modules/local/storage.ts';
import { defineCommand } from '../define-command.ts';
import { NO_WORDS } from '../verb.ts';
import { STOWAGE_VERSION } from '../version.ts';
import { nodeSetting } from './node-setting.ts';

const flags = {
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

/** `stowage driver serve`. */
export const serve = defineCommand({
  about:
    'Serves the CSI driver local.stowage.dev alone, for a kubelet, for sidecars or for a conformance suite. Ctrl-C stops it; volumes stay.',
  examples: [['stowage driver serve --socket /run/csi.sock --pool /var/lib/volumes', 'volumes in that folder']],
  flags,
  words: NO_WORDS,
  run: async ({ print, signal }, { config }) => {
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
});
