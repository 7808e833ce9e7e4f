import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type ConfigSchema, formatFlags, parseConfig, parsers } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import { SystemClock } from '#kit/clock.ts';
import { isCommandFailed, SystemExec } from '#kit/exec.ts';
import { SystemIds } from '#kit/ids.ts';
import { imagesInUse } from '#node/images/image-place.ts';
import { readMountTable } from '#node/machine/mount-table.ts';
import { FetchedImages } from '#node/images/fetched-images.ts';
import { serverConfig } from '../server/config.ts';
import { NODE_NAME } from '../server/initial-objects.ts';
import { formatJson, outputConfig } from './output-config.ts';
import type { CliContext, Verb } from './verb.ts';

const config = {
  dataDir: serverConfig.dataDir,
  name: {
    flag: 'name',
    env: 'STOWAGE_IMAGE_NAME',
    default: '',
    placeholder: 'IMAGE',
    doc: 'what pods call it, for example registry.example.com/team/app:1.0',
    parse: parsers.text,
  },
} as const satisfies ConfigSchema;

const listConfig = { dataDir: config.dataDir, ...outputConfig } as const;

const HELP = `usage: stowage image load FILE --name IMAGE [--data-dir DIR]
       stowage image list [--data-dir DIR] [-o json]
       stowage image remove IMAGE [--data-dir DIR]

load    takes an image out of an archive (of docker save, podman save or skopeo, or a folder with an OCI layout), without any registry
list    the images that were fetched or loaded
remove  forgets an image, and its files unless a container runs on them

It works while the platform runs and while it does not. It needs skopeo and umoci (apt-get install skopeo umoci).

${formatFlags({ ...config, ...outputConfig })}`;

/** `stowage image`. */
export const imageVerb: Verb = {
  name: 'image',
  summary: 'bring images for pods from archives',
  help: HELP,
  run: async (context) => {
    const [action = '', ...argv] = context.argv;
    const run = ACTIONS[action];
    if (run !== undefined) return run({ ...context, argv });
    const known = Object.keys(ACTIONS).join(', ');
    throw new PlatformError({
      code: 'InvalidArgument',
      reason: 'UnknownVerb',
      message: `stowage image knows ${known}, not ${JSON.stringify(action)}`,
    });
  },
};

const ACTIONS: Readonly<Record<string, Verb['run']>> = { load, list, remove };

async function load({ argv, env, print }: CliContext): Promise<void> {
  const [file = '', ...flags] = argv;
  const { dataDir, name } = parseConfig(config, { argv: flags, env });
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
}

async function list({ argv, env, print }: CliContext): Promise<void> {
  const { dataDir, output } = parseConfig(listConfig, { argv, env });
  const lists = await Promise.all((await imagesOfNodes(dataDir)).map((images) => images.list()));
  const images = new Map(lists.flat().map((image) => [image.names.join(' '), image]));
  if (output === 'json') return print(formatJson([...images.values()]));
  for (const names of images.keys()) print(names);
  if (images.size === 0) print('no images were fetched or loaded; busybox is built in');
}

async function remove({ argv, env, print }: CliContext): Promise<void> {
  const [name = '', ...flags] = argv;
  const { dataDir } = parseConfig(config, { argv: flags, env });
  const used = imagesInUse(await readMountTable());
  let isRemoved = false;
  for (const images of await imagesOfNodes(dataDir)) isRemoved = (await images.remove(name, used)) || isRemoved;
  if (!isRemoved)
    throw new PlatformError({
      code: 'NotFound',
      reason: 'ImageNotFound',
      message: `no image ${JSON.stringify(name)} was fetched or loaded: see stowage image list`,
    });
  print(`removed ${name}`);
}

/** Each node has its own images; those of a data directory that no node has run on yet are the first's. */
async function imagesOfNodes(dataDir: string): Promise<readonly FetchedImages[]> {
  const nodes = path.join(dataDir, 'nodes');
  const names = existsSync(nodes) ? await readdir(nodes) : [];
  return (names.length === 0 ? [NODE_NAME] : names).map(
    (name) =>
      new FetchedImages({
        dir: path.join(nodes, name, 'images'),
        exec: new SystemExec(),
        clock: new SystemClock(),
        ids: new SystemIds(),
        insecureRegistries: [],
      }),
  );
}

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
