import path from 'node:path';
import { type ConfigOf, type ConfigSchema, formatConfig, parsers } from '#kit/config.ts';
import type { LogLevel } from '#kit/log.ts';
import type { ImageFallback } from '#node/images/image-store.ts';
import { parsePodRange } from '#node/network/address-block.ts';
import { parseThresholds } from '#node/pressure/thresholds.ts';
import { dataDirSetting } from './data-dir-setting.ts';
import { MAX_NODES } from './nodes/node-names.ts';
import { oidcFlags } from './oidc-flags.ts';
import { parseQuantity, quantityToBigInt } from '#kit/quantity.ts';

/** The settings of `stowage up`. */
export const serverConfig = {
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
  nodeGrace: {
    flag: 'node-monitor-grace-period',
    env: 'STOWAGE_NODE_MONITOR_GRACE_PERIOD',
    default: 40,
    placeholder: 'SECONDS',
    doc: 'a node that is silent for this many seconds is not ready any more',
    parse: parsers.integer(2, 3_600),
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
  demo: { flag: 'demo', env: 'STOWAGE_DEMO', default: true, doc: 'no sample application', parse: parsers.boolean, isSwitch: true },
  install: {
    flag: 'install',
    env: 'STOWAGE_INSTALL',
    default: true,
    doc: 'leave the system alone: install no missing system packages',
    parse: parsers.boolean,
    isSwitch: true,
  },
  keepPods: {
    flag: 'keep-pods',
    env: 'STOWAGE_KEEP_PODS',
    default: false,
    doc: 'on Ctrl-C leave pods and volumes running; the next start takes them over',
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
  poolSize: {
    flag: 'pool-size',
    env: 'STOWAGE_POOL_SIZE',
    default: undefined,
    defaultText: 'from the free space of the disk',
    placeholder: 'SIZE',
    doc: 'most bytes that all volumes together may ask for, for example 50Gi',
    parse: parsePoolSize,
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
  ...oidcFlags,
  insecureRegistries: {
    flag: 'insecure-registries',
    env: 'STOWAGE_INSECURE_REGISTRIES',
    default: [],
    defaultText: 'none',
    placeholder: 'HOST:PORT,…',
    doc: 'registries whose images are fetched without TLS, or without looking at their certificate',
    parse: (text: string): readonly string[] => text.split(',').filter((part) => part !== ''),
  },
  imageFallback: {
    flag: 'image-fallback',
    env: 'STOWAGE_IMAGE_FALLBACK',
    default: 'none',
    placeholder: 'none|host',
    doc: "host: an image that can't be had is replaced by a read-only view of this machine's programs",
    parse: parsers.oneOf<ImageFallback>('none', 'host'),
  },
  imageGcHigh: {
    flag: 'image-gc-high-threshold',
    env: 'STOWAGE_IMAGE_GC_HIGH_THRESHOLD',
    default: 85,
    placeholder: 'PERCENT',
    doc: 'a disk that is fuller than this loses images that nobody uses; 100 = never',
    parse: parsers.integer(0, 100),
  },
  evictionHard: {
    flag: 'eviction-hard',
    env: 'STOWAGE_EVICTION_HARD',
    default: 'memory.available<100Mi,nodefs.available<200Mi,nodefs.inodesFree<1%,pid.available<5%',
    placeholder: 'SIGNAL<LEAST,...',
    doc: 'below these the node takes no pods and ends some; empty = never',
    parse: parseEvictionHard,
  },
  podPidsLimit: {
    flag: 'pod-max-pids',
    env: 'STOWAGE_POD_MAX_PIDS',
    default: 4096,
    placeholder: 'N',
    doc: 'processes and threads that a pod may have at a time; 0 = as many as the machine has',
    parse: parsers.integer(0, 4_194_304),
  },
  imageGcLow: {
    flag: 'image-gc-low-threshold',
    env: 'STOWAGE_IMAGE_GC_LOW_THRESHOLD',
    default: 80,
    placeholder: 'PERCENT',
    doc: 'and goes on losing them until it is this full',
    parse: parsers.integer(0, 100),
  },
  driverTimeoutSec: {
    flag: 'driver-timeout',
    env: 'STOWAGE_DRIVER_TIMEOUT',
    default: 10,
    placeholder: 'SECONDS',
    doc: 'how long a CSI driver may take to make, delete, attach, grow or change a volume before it is asked again; 1 to 3600',
    parse: parsers.integer(1, 3_600),
  },
  pluginsRegistry: {
    flag: 'plugins-registry',
    env: 'STOWAGE_PLUGINS_REGISTRY',
    default: undefined,
    defaultText: 'DIR/plugins_registry',
    placeholder: 'FOLDER',
    doc: 'where CSI drivers put their registration sockets, as for a kubelet; for node-2 and on in the folder of that name in it',
    parse: (text: string) => path.resolve(text),
  },
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
  logLevel: {
    flag: 'log-level',
    env: 'STOWAGE_LOG_LEVEL',
    default: 'info',
    placeholder: 'LEVEL',
    doc: 'error, warn, info or debug; the log is DIR/logs/stowage.log',
    parse: parsers.oneOf<LogLevel>('error', 'warn', 'info', 'debug'),
  },
  logMaxSize: {
    flag: 'log-maxsize',
    env: 'STOWAGE_LOG_MAXSIZE',
    default: 50,
    placeholder: 'MIB',
    doc: 'the log is put aside when it is larger than this many mebibytes',
    parse: parsers.integer(1, 100_000),
  },
  logMaxBackup: {
    flag: 'log-maxbackup',
    env: 'STOWAGE_LOG_MAXBACKUP',
    default: 5,
    placeholder: 'N',
    doc: 'logs that were put aside and are kept',
    parse: parsers.integer(0, 10_000),
  },
} as const satisfies ConfigSchema;

/** What `stowage up` runs with. */
export type ServerConfig = ConfigOf<typeof serverConfig>;

/** Less is not enough for the platform's own objects. */
const MIN_STORE_BUDGET = 8 * 1024 * 1024;

/** @throws TypeError */
function parseStoreBudget(text: string): number | undefined {
  const bytes = Number(parsePoolSize(text));
  if (bytes < MIN_STORE_BUDGET) throw new TypeError('must be at least 8Mi');
  return bytes;
}

/** The settings as text, one a line. */
export function formatSettings(config: ServerConfig): string {
  return formatConfig(serverConfig, { ...config, poolSize: config.poolSize?.toString() });
}

function parseEvictionHard(text: string): string {
  const parsed = parseThresholds(text);
  if (!parsed.ok) throw new TypeError(parsed.error);
  return text;
}

function parsePoolSize(text: string): bigint {
  const parsed = parseQuantity(text);
  if (!parsed.ok) throw new TypeError(parsed.error);
  return quantityToBigInt(parsed.value);
}
