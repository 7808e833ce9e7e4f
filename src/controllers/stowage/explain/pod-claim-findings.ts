import type { Pod } from '#api/generated/kubernetes.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { parseKey } from '#api/meta/object.ts';
import type { Finding } from '#api/explanation.ts';
import { explainClaim } from './explain-claim.ts';
import type { Cluster } from './explanation.ts';

/** What is to be said of a pod because of its claims. */
export interface ClaimFindings {
  readonly findings: readonly Finding[];
  readonly remedies: readonly string[];
  readonly isBlocked: boolean;
}

/** The pod's claims that are not fine, each with its own explanation. Pure. */
export function claimFindings(pod: Pod, cluster: Cluster): ClaimFindings {
  const all = claimKeysOfPod(pod).map((key) => ({ key: parseKey(key), explanation: explainClaim(parseKey(key), cluster) }));
  const open = all.filter(({ explanation }) => explanation.state !== 'fine');
  return {
    findings: open.flatMap(({ key, explanation }) => [
      { subject: `claim ${key.name}`, text: explanation.summary },
      ...explanation.findings,
    ]),
    remedies: [...new Set(open.flatMap(({ explanation }) => explanation.remedies))].filter(
      (remedy) => !remedy.startsWith('stowage explain'),
    ),
    isBlocked: open.some(({ explanation }) => explanation.state === 'blocked'),
  };
}
