import type { Explanation, Finding } from '#api/explanation.ts';
import { listed } from '#kit/listed.ts';
import type { Cluster } from './explanation.ts';

/** Of these an explanation only lacks what others have. */
const OTHERS: ReadonlySet<string> = new Set(['pods', 'persistentvolumeclaims', 'namespaces']);

/** True where the user may not list what decides over claims and pods: nothing may be said of it then, least of all that it is not there. Pure. */
export function isBlindfolded({ unseen }: Cluster): boolean {
  return unseen.difference(OTHERS).size > 0;
}

/** What can be said all the same. Pure. */
export function explainBlindly(summary: string, cluster: Cluster, findings: readonly Finding[]): Explanation {
  const hidden = [...cluster.unseen].toSorted();
  return {
    state: 'blocked',
    summary: `${summary}, and you may not see all that decides over it`,
    findings: [...findings, { subject: 'not visible to you', text: listed(hidden) }],
    remedies: [`ask an administrator, or for the right to list ${hidden.join(', ')}`],
  };
}
