import path from 'node:path';
import { type ConfigOf, type ConfigSchema, formatConfig, mergeSchemas, parsers } from '#kit/config.ts';
import { readSizeBytes } from '#kit/quantity.ts';
import { parsePodRange } from '#node/network/address-block.ts';
import { dataDirSetting } from './data-dir-setting.ts';
import { logFlags } from './log-flags.ts';
import type { ModuleManifest } from './modules/manifest.ts';
import { MODULES } from './modules/modules.ts';
import { nodeFlags } from './nodes/node-flags.ts';
import { MAX_NODES } from './nodes/node-names.ts';
import { oidcFlags } from './oidc-flags.ts';

/** What everything else rests on. */
const baseFlags = {
  dataDir: dataDirSetting,
  port: {
    flag: 'port',
    env: 'STOWAGE_PORT',
    default: 7443,
    placeholder: 'N',
    doc: 'port of the API and the console; 0 = any free one',
    parse: parsers.integer(0, 65_535),
  },
  listen: {
    flag: 'listen',
    env: 'STOWAGE_LISTEN',
    default: '127.0.0.1',
    placeholder: 'ADDR',
    doc: 'address to listen on; anything but loopback is reachable from other machines',
    parse: parsers.text,
  },
  nodes: {
    flag: 'nodes',
    env: 'STOWAGE_NODES',
    default: 1,
    placeholder: 'N',
    doc: `nodes on this machine, each with its own pool of volumes; 1 to ${MAX_NODES}`,
    parse: parsers.integer(1, MAX_NODES),
  },
  kubeconfig: {
    flag: 'kubeconfig',
    env: 'STOWAGE_KUBECONFIG',
    default: undefined,
    placeholder: 'FILE',
    doc: 'work on that cluster instead of the embedded API; this version can not yet',
    parse: (text: string): string => {
      throw new TypeError(`this version works on its embedded API only, not on the cluster of ${text}: leave the flag out`);
    },
  },
  install: {
    flag: 'install',
    env: 'STOWAGE_INSTALL',
    default: true,
    doc: 'leave the system alone: install no missing system packages',
    parse: parsers.boolean,
    isSwitch: true,
  },
  podCidr: {
    flag: 'pod-cidr',
    env: 'STOWAGE_POD_CIDR',
    default: '10.212.0.0/14',
    placeholder: 'RANGE',
    doc: 'addresses of pods: each node takes 254 that nothing else here has; none = pods have their loopback only',
    parse: parsePodRange,
  },
  storeBudget: {
    flag: 'store-budget',
    env: 'STOWAGE_STORE_BUDGET',
    default: undefined,
    defaultText: 'from the memory that there is',
    placeholder: 'SIZE',
    doc: 'most bytes that all API objects together may take, for example 512Mi; more are refused, deletions go on',
    parse: parseStoreBudget,
  },
} as const satisfies ConfigSchema;

const auditFlags = {
  auditPolicyFile: {
    flag: 'audit-policy-file',
    env: 'STOWAGE_AUDIT_POLICY_FILE',
    default: undefined,
    defaultText: 'writes, without what was written',
    placeholder: 'FILE',
    doc: 'what DIR/logs/audit.log keeps of which requests (audit.k8s.io/v1 Policy)',
    parse: (text: string) => path.resolve(text),
  },
  auditLogMaxSize: {
    flag: 'audit-log-maxsize',
    env: 'STOWAGE_AUDIT_LOG_MAXSIZE',
    default: 100,
    placeholder: 'MIB',
    doc: 'the audit log is put aside when it is larger than this many mebibytes',
    parse: parsers.integer(1, 100_000),
  },
  auditLogMaxBackup: {
    flag: 'audit-log-maxbackup',
    env: 'STOWAGE_AUDIT_LOG_MAXBACKUP',
    default: 10,
    placeholder: 'N',
    doc: 'audit logs that were put aside and are kept',
    parse: parsers.integer(0, 10_000),
  },
} as const satisfies ConfigSchema;

/** The settings of the platform itself. */
const platformFlags = { ...baseFlags, ...nodeFlags, ...oidcFlags, ...auditFlags, ...logFlags } as const;

/** The settings of `stowage up`, in the order of its help: those of the platform itself, and between them those that modules bring. */
export function serverConfigOf(modules: readonly ModuleManifest[]): typeof platformFlags {
  const ofModules = modules.map(({ flags = {} }) => flags);
  const all = mergeSchemas(baseFlags, ...ofModules, nodeFlags, oidcFlags, auditFlags, logFlags);
  return { ...all, ...platformFlags };
}

/** The settings of `stowage up` with all modules that there are. */
export const serverConfig = serverConfigOf(MODULES);

/** What `stowage up` runs with. Its modules read what is theirs with `settingsOf`. */
export type ServerConfig = ConfigOf<typeof platformFlags>;

/** Less is not enough for the platform's own objects. */
const MIN_STORE_BUDGET = 8 * 1024 * 1024;

/** @throws TypeError */
function parseStoreBudget(text: string): number | undefined {
  const bytes = Number(readSizeBytes(text));
  if (bytes < MIN_STORE_BUDGET) throw new TypeError('must be at least 8Mi');
  return bytes;
}

/** The settings as text, one a line. */
export function formatSettings(config: ServerConfig): string {
  return formatConfig(serverConfig, config);
}
