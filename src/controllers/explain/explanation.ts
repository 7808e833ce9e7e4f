import type {
  CSINode,
  Event,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  StorageClass,
  VolumeAttachment,
} from '#api/generated/kubernetes.ts';
import { lastSeenMs } from '#api/claim-facts.ts';
import type { KubeObject } from '#api/meta/object.ts';

/** What explanations are made from: lists, or what informers have. Claims, pods, events and quotas are those of the namespace in question. */
export interface Cluster {
  readonly claims: readonly PersistentVolumeClaim[];
  readonly volumes: readonly PersistentVolume[];
  readonly classes: readonly StorageClass[];
  readonly pods: readonly Pod[];
  readonly nodes: readonly Node[];
  readonly csiNodes: readonly CSINode[];
  readonly attachments: readonly VolumeAttachment[];
  readonly quotas: readonly ResourceQuota[];
  readonly events: readonly Event[];
}

/** One thing that was looked at, and what it says. */
export interface Finding {
  /** For example `persistentvolume pv-1`. */
  readonly subject: string;
  readonly text: string;
}

/** Why an object is in the state that it is in. */
export interface Explanation {
  /** `fine` needs nothing, `busy` passes by itself, `blocked` needs somebody. */
  readonly state: 'fine' | 'busy' | 'blocked';
  /** One sentence. */
  readonly summary: string;
  /** Every candidate, with the reason against it. */
  readonly findings: readonly Finding[];
  /** What helps, one sentence each. */
  readonly remedies: readonly string[];
}

/** How many events are worth repeating. */
const MAX_EVENTS = 5;

/** The newest warnings about the object, each word once. Pure. */
export function warningsAbout(cluster: Cluster, object: KubeObject): readonly Finding[] {
  const own = cluster.events.filter(({ type, involvedObject }) => type === 'Warning' && involvedObject.uid === object.metadata.uid);
  const newest = own.toSorted((a, b) => lastSeenMs(b) - lastSeenMs(a));
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const { reason = '', message = '' } of newest) {
    if (seen.has(reason) || findings.length === MAX_EVENTS) continue;
    seen.add(reason);
    findings.push({ subject: `event ${reason}`, text: message });
  }
  return findings;
}

/** Text for a terminal: the summary, then a line per finding, then what helps. Pure. */
export function formatExplanation({ summary, findings, remedies }: Explanation): readonly string[] {
  const width = Math.min(MAX_SUBJECT, Math.max(0, ...findings.map(({ subject }) => subject.length)));
  return [
    summary,
    ...findings.map(({ subject, text }) => `  ${subject.padEnd(width)}  ${text}`),
    ...remedies.map((remedy) => `What helps: ${remedy}`),
  ];
}

/** Longer names stand out of the column. */
const MAX_SUBJECT = 48;
