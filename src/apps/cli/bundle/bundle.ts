import path from 'node:path';
import type { ConfigSchema } from '#kit/config.ts';
import { SystemExec } from '#kit/exec.ts';
import { dataDirSetting } from '../../server/data-dir-setting.ts';
import { defineCommand } from '../define-command.ts';
import { NO_WORDS } from '../verb.ts';
import { STOWAGE_VERSION } from '../version.ts';
import { writeBundle } from './write-bundle.ts';

const bundleConfig = {
  dataDir: dataDirSetting,
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

/** `stowage bundle`. */
export const bundle = defineCommand({
  about: `Writes one .tar.gz with everything that helps to understand a platform, running or stopped: objects, logs, metrics, health, versions, settings,
mounts, loop devices, disk usage. Secrets, tokens and keys are taken out of every file. Nothing is changed and nothing is sent anywhere.`,
  examples: [['stowage bundle --output /tmp/for-support.tar.gz', 'look into it before you send it']],
  flags: bundleConfig,
  words: NO_WORDS,
  run: async ({ print, signal }, { config: { dataDir, output: asked } }) => {
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
});
