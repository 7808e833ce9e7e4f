import { type ConfigOf, type ConfigSchema, mergeSchemas, parsers } from '#kit/config.ts';
import { serverConfig, type ServerConfig } from '../config.ts';
import { logFlags } from '../log-flags.ts';
import type { ModuleManifest } from '../modules/manifest.ts';
import { MODULES } from '../modules/modules.ts';
import { nodeFlags } from './node-flags.ts';

/** Who it is, and what it needs of the platform's own settings. */
const ownFlags = {
  name: {
    flag: 'name',
    env: 'STOWAGE_NODE_NAME',
    default: '',
    placeholder: 'NAME',
    doc: 'name of the node',
    parse: parsers.text,
  },
  dataDir: serverConfig.dataDir,
  nodes: serverConfig.nodes,
  ...nodeFlags,
  ...logFlags,
} as const satisfies ConfigSchema;

/** The settings of `stowage node`: its own, and those that modules want on every node. */
export function nodeConfigOf(modules: readonly ModuleManifest[]): typeof ownFlags {
  return { ...mergeSchemas(ownFlags, ...modules.map(({ nodeFlags = {} }) => nodeFlags)), ...ownFlags };
}

/** The settings of `stowage node` with all modules that there are. */
export const nodeConfig = nodeConfigOf(MODULES);

/** What `stowage node` runs with. Its modules read what is theirs with `settingsOf`. */
export type NodeConfig = ConfigOf<typeof ownFlags>;

/** The command line with which the platform starts a further node. */
export function nodeArguments(name: string, config: ServerConfig): readonly string[] {
  const values: Readonly<Record<string, unknown>> = { ...config, name };
  return Object.entries(nodeConfig).flatMap(([setting, { flag }]) => formatFlag(flag, values[setting]));
}

/** @throws TypeError for a value that no flag has as text */
function formatFlag(flag: string, value: unknown): readonly string[] {
  if (value === undefined || value === false) return [];
  if (value === true) return [`--${flag}`];
  if (Array.isArray(value)) return [`--${flag}=${value.join(',')}`];
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return [`--${flag}=${value}`];
  throw new TypeError(`--${flag} can't be handed to a further node: its value is no text, number, switch or list`);
}
