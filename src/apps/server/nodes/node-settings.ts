import { type ConfigOf, type ConfigSchema, parsers } from '#kit/config.ts';
import { MAX_NODES } from './node-names.ts';
import { serverConfig, type ServerConfig } from '../config.ts';

const {
  dataDir,
  nodeGrace,
  keepPods,
  poolSize,
  insecureRegistries,
  pluginsRegistry,
  imageFallback,
  imageGcHigh,
  imageGcLow,
  logLevel,
  logMaxSize,
  logMaxBackup,
} = serverConfig;

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
  dataDir,
  nodeGrace,
  keepPods,
  poolSize,
  insecureRegistries,
  pluginsRegistry,
  imageFallback,
  imageGcHigh,
  imageGcLow,
  logLevel,
  logMaxSize,
  logMaxBackup,
} as const satisfies ConfigSchema;

/** What `stowage node` runs with. */
export type NodeConfig = ConfigOf<typeof nodeConfig>;

/** The flags with which the platform starts a further node. */
export function nodeFlags(name: string, config: ServerConfig): readonly string[] {
  const values = { ...config, name, poolShare: config.nodes };
  return [
    ...(
      [
        'name',
        'poolShare',
        'dataDir',
        'nodeGrace',
        'imageFallback',
        'imageGcHigh',
        'imageGcLow',
        'logLevel',
        'logMaxSize',
        'logMaxBackup',
      ] as const
    ).map((setting) => `--${nodeConfig[setting].flag}=${values[setting]}`),
    ...(config.keepPods ? ['--keep-pods'] : []),
    ...(config.poolSize === undefined ? [] : [`--pool-size=${config.poolSize}`]),
    ...(config.pluginsRegistry === undefined ? [] : [`--plugins-registry=${config.pluginsRegistry}`]),
    ...(config.insecureRegistries.length === 0 ? [] : [`--insecure-registries=${config.insecureRegistries.join(',')}`]),
  ];
}
