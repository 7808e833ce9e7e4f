import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { type ConfigSchema, formatFlags, parseConfig, parsers } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import { SystemClock } from '#kit/clock.ts';
import { SystemExec } from '#kit/exec.ts';
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
  const image = await imagesOf(dataDir).load(await sourceOf(path.resolve(file)), name);
  print(`loaded ${image.id}`);
  print(`  use it with   image: ${name}   and   imagePullPolicy: IfNotPresent`);
}

async function list({ argv, env, print }: CliContext): Promise<void> {
  const { dataDir, output } = parseConfig(listConfig, { argv, env });
  const images = await imagesOf(dataDir).list();
  if (output === 'json') return print(formatJson(images));
  for (const { names } of images) print(names.join(' '));
  if (images.length === 0) print('no images were fetched or loaded; busybox is built in');
}

async function remove({ argv, env, print }: CliContext): Promise<void> {
  const [name = '', ...flags] = argv;
  const { dataDir } = parseConfig(config, { argv: flags, env });
  if (!(await imagesOf(dataDir).remove(name, imagesInUse(await readMountTable()))))
    throw new PlatformError({
      code: 'NotFound',
      reason: 'ImageNotFound',
      message: `no image ${JSON.stringify(name)} was fetched or loaded: see stowage image list`,
    });
  print(`removed ${name}`);
}

function imagesOf(dataDir: string): FetchedImages {
  const dir = path.join(dataDir, 'nodes', NODE_NAME, 'images');
  return new FetchedImages({ dir, exec: new SystemExec(), clock: new SystemClock(), ids: new SystemIds(), insecureRegistries: [] });
}

/** How skopeo calls the source: a folder is an OCI layout; an archive with a manifest.json is one of docker save. */
async function sourceOf(file: string): Promise<string> {
  if (statSync(file).isDirectory()) return `oci:${file}`;
  const { stdout } = await new SystemExec().run(['tar', '-tf', file], { timeoutMs: 120_000 });
  return stdout.split('\n').some((name) => name.replace(/^\.\//, '') === 'oci-layout') ? `oci-archive:${file}` : `docker-archive:${file}`;
}
