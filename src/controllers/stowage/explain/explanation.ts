import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { lastSeenMs } from '#api/claim-facts.ts';
import { type Finding, said, type ToldExplanation } from '#api/explanation.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Component } from '../../component.ts';
import type { Cluster } from './cluster.ts';

/** How many events are worth repeating. */
const MAX_EVENTS = 5;

/** The newest warnings about the object, each word once. Pure. */
export function warningsAbout(cluster: Cluster, object: KubeObject): readonly Finding[] {
  const own = cluster.events.byIndex('warned', object.metadata.uid);
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

/** What the provisioner has said of the claim when it could not make its volume, the newest first. What binding says under the same reason is told by its own decision. Pure. */
export function failuresToProvision(cluster: Cluster, claim: PersistentVolumeClaim): readonly string[] {
  const own = cluster.events
    .byIndex('warned', claim.metadata.uid)
    .filter(({ reason, source }) => reason === 'ProvisioningFailed' && source?.component !== BINDER);
  return own.toSorted((a, b) => lastSeenMs(b) - lastSeenMs(a)).map(({ message = '' }) => message);
}

/** The component of binding's events. */
const BINDER: Component = 'persistentvolume-controller';

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
