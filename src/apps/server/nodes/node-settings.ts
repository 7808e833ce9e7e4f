import { type ConfigOf, type ConfigSchema, parsers } from '#kit/config.ts';
import { MAX_NODES } from './node-names.ts';
import { serverConfig, type ServerConfig } from '../config.ts';

/** The settings of `stowage node`: what a further node needs of those of `stowage up`, and who it is. */
export const nodeConfig = {
  name: {
    flag: 'name',
    env: 'STOWAGE_NODE_NAME',
    default: '',
    placeholder: 'NAME',
    doc: 'name of the node',
    parse: parsers.text,
  },
  poolShare: {
    flag: 'pool-share',
    env: 'STOWAGE_POOL_SHARE',
    default: 1,
    placeholder: 'N',
    doc: 'how many pools share the disk: a new one without --pool-size takes this part of it',
    parse: parsers.integer(1, MAX_NODES),
  },
  dataDir: serverConfig.dataDir,
  nodeGrace: serverConfig.nodeGrace,
  keepPods: serverConfig.keepPods,
  poolSize: serverConfig.poolSize,
  insecureRegistries: serverConfig.insecureRegistries,
  pluginsRegistry: serverConfig.pluginsRegistry,
  imageFallback: serverConfig.imageFallback,
  imageGcHigh: serverConfig.imageGcHigh,
  imageGcLow: serverConfig.imageGcLow,
  podPidsLimit: serverConfig.podPidsLimit,
  evictionHard: serverConfig.evictionHard,
  logLevel: serverConfig.logLevel,
  logMaxSize: serverConfig.logMaxSize,
  logMaxBackup: serverConfig.logMaxBackup,
} as const satisfies ConfigSchema;

/** What `stowage node` runs with. */
export type NodeConfig = ConfigOf<typeof nodeConfig>;

/** The flags with which the platform starts a further node. */
export function nodeFlags(name: string, config: ServerConfig): readonly string[] {
  const values: Readonly<Record<string, NodeConfig[keyof NodeConfig]>> = { ...nodeSettingsOf(config), name, poolShare: config.nodes };
  return Object.entries(nodeConfig).flatMap(([setting, { flag }]) => formatFlag(flag, values[setting]));
}

/** What both have. */
function nodeSettingsOf(config: ServerConfig): Omit<NodeConfig, 'name' | 'poolShare'> {
  return config;
}

function formatFlag(flag: string, value: NodeConfig[keyof NodeConfig]): readonly string[] {
  if (value === undefined || value === false) return [];
  if (value === true) return [`--${flag}`];
  return [`--${flag}=${typeof value === 'object' ? value.join(',') : value}`];
}
