import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  Event,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from '#api/generated/kubernetes.ts';
import { lastSeenMs } from '#api/claim-facts.ts';
import { type Finding, said, type ToldExplanation } from '#api/explanation.ts';
import type { KubeObject } from '#api/meta/object.ts';

/** What explanations are made from: lists, or what informers have. Events and quotas are those of the namespace in question; claims and pods at least those. */
export interface Cluster {
  /** What the user may not list, by plural name. Claims and pods: those of other namespaces, which tell what is taken of the nodes. */
  readonly unseen: ReadonlySet<string>;
  readonly namespaces: readonly Namespace[];
  readonly claims: readonly PersistentVolumeClaim[];
  readonly volumes: readonly PersistentVolume[];
  readonly classes: readonly StorageClass[];
  readonly pods: readonly Pod[];
  readonly nodes: readonly Node[];
  readonly csiNodes: readonly CSINode[];
  readonly csiDrivers: readonly CSIDriver[];
  /** What drivers say of the room that they have. */
  readonly capacities: readonly CSIStorageCapacity[];
  readonly attributesClasses: readonly VolumeAttributesClass[];
  readonly attachments: readonly VolumeAttachment[];
  readonly quotas: readonly ResourceQuota[];
  readonly events: readonly Event[];
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
    findings.push({ subject: `event ${reason}`, words: said(message) });
  }
  return findings;
}

/** Text for a terminal: the reason, then what helps, then a line per finding. Pure. */
export function formatExplanation({ summary, findings, remedies }: ToldExplanation): readonly string[] {
  const width = Math.min(MAX_SUBJECT, Math.max(0, ...findings.map(({ subject }) => subject.length)));
  return [
    summary,
    ...remedies.map((remedy) => `What helps: ${remedy}`),
    ...findings.map(({ subject, text }) => `  ${subject.padEnd(width)}  ${text}`),
  ];
}

/** Longer names stand out of the column. */
const MAX_SUBJECT = 48;
