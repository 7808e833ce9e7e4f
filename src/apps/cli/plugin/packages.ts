import { modulePlugins, type ModulePlugin } from '#api/generated/definitions.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi, objectConfig } from '../object-config.ts';
import { formatJson, outputConfig } from '../output-config.ts';
import { formatTable } from '../table.ts';
import { NO_WORDS } from '../verb.ts';

const { namespace: _, ...flags } = { ...objectConfig, ...outputConfig };

/** `stowage plugin packages`. */
export const packages = defineCommand({
  about: 'Shows every version of every plugin, and where it comes from: Stowage itself, or a package that was uploaded.',
  examples: [['stowage plugin packages', 'a line for each version']],
  flags,
  words: NO_WORDS,
  run: async ({ print }, { config }) => {
    const { client } = await connectApi({ ...config, namespace: undefined });
    try {
      const versions = (await client.list(modulePlugins)).items.flatMap(versionsOf);
      if (config.output === 'json') return print(formatJson(versions));
      const rows = versions.map(({ plugin, version, channel, source, signer, isTrusted }) => [
        plugin,
        version,
        channel ?? '-',
        source ?? '-',
        isTrusted === false ? `${signer ?? 'nobody'} (not used)` : (signer ?? '-'),
      ]);
      for (const line of formatTable([['PLUGIN', 'VERSION', 'CHANNEL', 'FROM', 'SIGNED BY'], ...rows])) print(line);
    } finally {
      client.close();
    }
  },
});

function versionsOf({ metadata: { name }, status }: ModulePlugin) {
  return (status?.versions ?? []).map((version) => ({ plugin: name, ...version }));
}
