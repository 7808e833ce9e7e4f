import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type ConfigSchema, parsers } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import { isCommandFailed, SystemExec } from '#kit/exec.ts';
import { dataDirSetting } from '../../server/data-dir-setting.ts';
import { defineCommand } from '../define-command.ts';
import { imagesOfNodes } from './images-of-nodes.ts';

const flags = {
  dataDir: dataDirSetting,
  name: {
    flag: 'name',
    env: 'STOWAGE_IMAGE_NAME',
    default: '',
    placeholder: 'IMAGE',
    doc: 'what pods call it, for example registry.example.com/team/app:1.0',
    parse: parsers.text,
  },
} as const satisfies ConfigSchema;

/** `stowage image load`. */
export const load = defineCommand({
  usage: 'FILE --name IMAGE',
  about: `Takes an image out of an archive (of docker save, podman save or skopeo, or a folder with an OCI layout), without any registry.
It works while the platform runs and while it does not. It needs skopeo and umoci (apt-get install skopeo umoci).`,
  examples: [['stowage image load app.tar --name registry.example.com/team/app:1.0', 'pods that name it start without a registry']],
  flags,
  words: { min: 1, max: 1, takes: 'takes the file of one image' },
  run: async ({ print }, { config: { dataDir, name }, words: [file = ''] }) => {
    if (name === '' || !existsSync(file))
      throw new PlatformError({
        code: 'InvalidArgument',
        reason: 'ConfigInvalid',
        message: name === '' ? '--name IMAGE is needed: what pods call it' : `there is no file ${JSON.stringify(file)}`,
      });
    const source = await sourceOf(path.resolve(file));
    let id = '';
    for (const images of await imagesOfNodes(dataDir)) id = (await images.load(source, name)).id;
    print(`loaded ${id}`);
    print(`  use it with   image: ${name}   and   imagePullPolicy: IfNotPresent`);
  },
});

/** How skopeo calls the source: a folder is an OCI layout; an archive with a manifest.json is one of docker save. @throws PlatformError `ConfigInvalid` */
async function sourceOf(file: string): Promise<string> {
  const isFolder = statSync(file).isDirectory();
  const names = isFolder ? await readdir(file) : await namesInArchive(file);
  const isLayout = names.includes('oci-layout');
  if (!isLayout && (isFolder || !names.includes('manifest.json')))
    throw new PlatformError({
      code: 'InvalidArgument',
      reason: 'ConfigInvalid',
      message: `${file} is no image: give an archive of docker save, podman save or skopeo, or a folder with an OCI layout`,
    });
  if (isFolder) return `oci:${file}`;
  return isLayout ? `oci-archive:${file}` : `docker-archive:${file}`;
}

async function namesInArchive(file: string): Promise<readonly string[]> {
  try {
    const { stdout } = await new SystemExec().run(['tar', '-tf', file], { timeoutMs: 120_000 });
    return stdout.split('\n').map((name) => name.replace(/^\.\//, ''));
  } catch (thrown) {
    if (isCommandFailed(thrown)) return [];
    throw thrown;
  }
}
