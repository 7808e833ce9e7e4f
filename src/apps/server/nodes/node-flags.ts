import { type ConfigSchema, parsers } from '#kit/config.ts';
import type { ImageFallback } from '#node/images/image-store.ts';
import { parseThresholds } from '#node/pressure/thresholds.ts';

/** Settings of every node of the platform. */
export const nodeFlags = {
  nodeGrace: {
    flag: 'node-monitor-grace-period',
    env: 'STOWAGE_NODE_MONITOR_GRACE_PERIOD',
    default: 40,
    placeholder: 'SECONDS',
    doc: 'a node that is silent for this many seconds is not ready any more',
    parse: parsers.integer(2, 3_600),
  },
  keepPods: {
    flag: 'keep-pods',
    env: 'STOWAGE_KEEP_PODS',
    default: false,
    doc: 'on Ctrl-C leave pods and volumes running; the next start takes them over',
    parse: parsers.boolean,
    isSwitch: true,
  },
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
  imageGcLow: {
    flag: 'image-gc-low-threshold',
    env: 'STOWAGE_IMAGE_GC_LOW_THRESHOLD',
    default: 80,
    placeholder: 'PERCENT',
    doc: 'and goes on losing them until it is this full',
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
} as const satisfies ConfigSchema;

function parseEvictionHard(text: string): string {
  const parsed = parseThresholds(text);
  if (!parsed.ok) throw new TypeError(parsed.error);
  return text;
}
