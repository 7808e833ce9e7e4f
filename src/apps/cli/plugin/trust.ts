import { type PluginPackage, pluginPackages, type PluginSigner, pluginSigners } from '#api/generated/definitions.ts';
import { type ConfigSchema, type ConfigOf } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi } from '../object-config.ts';
import { formatJson, outputConfig } from '../output-config.ts';
import { formatTable } from '../table.ts';
import { changeFlags } from './change-flags.ts';

const flags = { ...changeFlags, ...outputConfig } as const satisfies ConfigSchema;

interface Asked {
  readonly client: Client;
  readonly config: ConfigOf<typeof flags>;
  readonly print: (line: string) => void;
}

/** `stowage plugin trust`. */
export const trust = defineCommand({
  usage: 'list | add NAME FILE.pub | remove NAME',
  about: `Says whose packages are taken: those that are signed with one of these keys. Code of a package runs with all rights of the platform, so a key is added only after its
fingerprint was compared with what its owner says by another way. Where trust is taken away, nothing more is installed of it, what is at work is at work until the next
start, and is not started then.`,
  examples: [
    ['stowage plugin trust list', 'the keys that are trusted'],
    ['stowage plugin trust add acme acme.pub', 'trust a key'],
    ['stowage plugin trust remove acme', 'trust it no longer'],
  ],
  flags,
  words: { min: 1, max: 3, takes: 'takes list, add NAME FILE.pub or remove NAME', choices: ['list', 'add', 'remove'] },
  run: async ({ print }, { config, words: [action = '', name = '', file = ''] }) => {
    refuseUnlike({ action, name, file });
    const { client } = await connectApi({ ...config, namespace: undefined });
    const asked = { client, config, print };
    try {
      if (action === 'list') await list(asked);
      else if (action === 'add') await add(asked, name, file);
      else await remove(asked, name);
    } finally {
      client.close();
    }
  },
});

function refuseUnlike({ action, name, file }: { readonly action: string; readonly name: string; readonly file: string }): void {
  const isRight =
    (action === 'list' && name === '') ||
    (action === 'add' && name !== '' && file !== '') ||
    (action === 'remove' && name !== '' && file === '');
  if (isRight) return;
  const message = `${[action, name, file].filter((word) => word !== '').join(' ')}: trust takes list, add NAME FILE.pub or remove NAME`;
  throw new PlatformError({ code: 'InvalidArgument', reason: 'ConfigInvalid', message });
}

async function list({ client, config, print }: Asked): Promise<void> {
  const signers = (await client.list(pluginSigners)).items;
  if (config.output === 'json')
    return print(formatJson(signers.map(({ metadata, spec, status }) => ({ name: metadata.name, ...spec, ...status }))));
  if (signers.length === 0) return print('no key is trusted, so no package is taken: stowage plugin trust add NAME FILE.pub');
  for (const line of formatTable([['NAME', 'FINGERPRINT'], ...signers.map(rowOf)])) print(line);
}

function rowOf({ metadata, status }: PluginSigner): readonly string[] {
  return [metadata.name, status?.fingerprint ?? '-'];
}

async function add({ client, config, print }: Asked, name: string, file: string): Promise<void> {
  const { readPublicKey } = await import('#controllers/stowage/plugins/packages/signature.ts');
  const { readBounded } = await import('./read-source.ts');
  const { pem, fingerprint } = readPublicKey(readBounded(file).toString('utf8'));
  await client.create(pluginSigners, { metadata: { name }, spec: { publicKey: pem } }, { isDryRun: config.dryRun });
  print(`${config.dryRun ? 'would be: ' : ''}packages that ${name} signs are trusted: ${fingerprint}`);
}

async function remove({ client, config, print }: Asked, name: string): Promise<void> {
  const packages = (await client.list(pluginPackages)).items.filter((item) => item.status?.signer === name);
  await client.delete(pluginSigners, { namespace: '', name }, { isDryRun: config.dryRun });
  print(`${config.dryRun ? 'would be: ' : ''}packages that ${name} signs are no longer trusted`);
  if (packages.length === 0) return;
  print(`  not used any more: ${packages.map(nameOf).join(', ')}; what is at work of them is at work until the next start`);
}

function nameOf({ metadata }: PluginPackage): string {
  return metadata.name;
}
