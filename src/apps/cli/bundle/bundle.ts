import path from 'node:path';
import { type ConfigSchema, formatFlags, parseConfig } from '#kit/config.ts';
import { SystemExec } from '#kit/exec.ts';
import { serverConfig } from '../../server/config.ts';
import type { Verb } from '../verb.ts';
import { STOWAGE_VERSION } from '../version.ts';
import { writeBundle } from './write-bundle.ts';

const bundleConfig = {
  dataDir: serverConfig.dataDir,
  output: {
    flag: 'output',
    env: 'STOWAGE_BUNDLE_OUTPUT',
    default: undefined,
    defaultText: 'stowage-bundle-TIME.tar.gz here',
    placeholder: 'FILE',
    doc: 'the archive to write',
    parse: (text: string) => path.resolve(text),
  },
} as const satisfies ConfigSchema;

const HELP = `usage: stowage bundle [FLAGS]

Writes one .tar.gz with everything that helps to understand a platform, running or stopped: objects, logs, metrics, health, versions, settings,
mounts, loop devices, disk usage. Secrets, tokens and keys are taken out of every file. Nothing is changed and nothing is sent anywhere.

${formatFlags(bundleConfig)}`;

/** `stowage bundle`. */
export const bundle: Verb = {
  name: 'bundle',
  summary: 'write an archive that helps others to help you, without secrets',
  help: HELP,
  run: async ({ argv, env, print, signal }) => {
    const { dataDir, output: asked } = parseConfig(bundleConfig, { argv, env });
    const nowMs = Date.now();
    const time = new Date(nowMs).toISOString().slice(0, 19).replaceAll(':', '-');
    const output = asked ?? path.resolve(`stowage-bundle-${time}.tar.gz`);
    print(`collecting from ${dataDir}`);
    const { files, sizeBytes } = await writeBundle({
      dataDir,
      output,
      version: STOWAGE_VERSION,
      nowMs,
      exec: new SystemExec(),
      print,
      signal,
    });
    print(`${output}: ${files} files, ${Math.ceil(sizeBytes / 1024)} KiB`);
    print('look into it before you send it: names of objects and machines are in it, values of secrets are not');
  },
};
