import { formatAccessModes } from '#api/access-modes.ts';
import type { ModuleManifest } from '../../server/modules/manifest.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi, objectConfig } from '../object-config.ts';
import { formatJson, outputConfig } from '../output-config.ts';
import { formatTable } from '../table.ts';
import { type AnyCommand, NO_WORDS } from '../verb.ts';
import { type KnownClass, readClasses } from './read-classes.ts';

const { namespace: _, ...flags } = { ...objectConfig, ...outputConfig };

/** `stowage class list`, with the drivers of these modules. */
export function listOf(modules: readonly ModuleManifest[]): AnyCommand {
  return defineCommand({
    about: `Shows what claims of each class can ask for; ? = nobody told. What is told of drivers of other vendors stands in ConfigMaps sd-… of kube-public.`,
    examples: [
      ['stowage class list', 'a line for each class'],
      ['stowage class list -o json', 'with who said what, for programs'],
    ],
    flags,
    words: NO_WORDS,
    run: async ({ print }, { config }) => {
      const { client } = await connectApi({ ...config, namespace: undefined });
      try {
        const classes = await readClasses(client, modules);
        if (config.output === 'json') return print(formatJson(classes));
        const header = ['CLASS', 'DRIVER', 'VOLUMES', 'FILESYSTEM', 'BLOCK', 'SNAPSHOTS', 'GROWS'];
        for (const line of formatTable([header, ...classes.map(rowOf)])) print(line);
      } finally {
        client.close();
      }
    },
  });
}

function rowOf({ name, isDefault, provisioner, ...can }: KnownClass): readonly string[] {
  const { volumeModes, accessModes, blockAccessModes, snapshot, expansion } = can;
  return [
    isDefault ? `${name} (default)` : name,
    provisioner,
    volumeModes === undefined ? '?' : volumeModes.value.join(',') || 'none',
    accessModes === undefined ? '?' : formatAccessModes(accessModes.value) || 'none',
    blockAccessModes === undefined ? '?' : formatAccessModes(blockAccessModes.value) || 'none',
    snapshot === undefined ? '?' : yesNo(snapshot.value),
    yesNo(expansion.value),
  ];
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
