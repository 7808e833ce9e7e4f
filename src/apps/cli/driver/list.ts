import type { ConfigSchema } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import { dataDirectoryAt, holdsPlatform } from '../../server/data-directory.ts';
import { dataDirSetting } from '../../server/data-dir-setting.ts';
import { type ListedDriver, listDrivers } from '../../server/drivers/list-drivers.ts';
import { registryFlags } from '../../server/modules/csi/flags.ts';
import { loadModules, type ModuleManifest } from '../../server/modules/manifest.ts';
import { defineCommand } from '../define-command.ts';
import { formatJson, outputConfig } from '../output-config.ts';
import { formatTable } from '../table.ts';
import { type AnyCommand, NO_WORDS } from '../verb.ts';

const flags = { dataDir: dataDirSetting, ...registryFlags, ...outputConfig } as const satisfies ConfigSchema;

/** `stowage driver list`, with the drivers of these modules. */
export function listOf(modules: readonly ModuleManifest[]): AnyCommand {
  return defineCommand({
    about: `Shows every driver of the platform: its own, those that were added, those that registered themselves; on which node, its version, whether it answers, and what it can.
Each is asked at its socket, so it has to be called on the machine, by a user who may use the sockets.`,
    examples: [
      ['stowage driver list', 'a line for each driver and node'],
      ['stowage driver list -o json', 'the same for programs'],
    ],
    flags,
    words: NO_WORDS,
    run: async ({ print }, { config }) => {
      const directory = dataDirectoryAt(config.dataDir);
      if (!holdsPlatform(directory))
        throw new PlatformError({
          code: 'NotFound',
          reason: 'DataDirectoryRefused',
          message: `${config.dataDir} holds no platform: name its data directory with --data-dir`,
        });
      const { drivers, faults } = await listDrivers(directory, { modules: await loadModules(modules), config });
      if (config.output === 'json') return print(formatJson({ drivers, faults }));
      const header = ['NAME', 'NODE', 'VERSION', 'HEALTH', 'ORIGIN', 'SOCKET', 'CAN'];
      for (const line of formatTable([header, ...drivers.map(rowOf)])) print(line);
      for (const { name, node, problem } of drivers) if (problem !== undefined) print(`${name} on ${node}: ${problem}`);
      for (const { file, problem } of faults) print(`${file}: ${problem}`);
    },
  });
}

function rowOf({ name, node, version, health, origin, socket, capabilities }: ListedDriver): readonly string[] {
  return [name, node, version ?? '-', health, origin, socket, capabilities?.join(',') ?? '-'];
}
