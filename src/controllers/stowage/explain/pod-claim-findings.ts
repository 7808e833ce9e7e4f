import type { Pod } from '#api/generated/kubernetes.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { parseKey } from '#api/meta/object.ts';
import { type Finding, type Words, wordsText } from '#api/explanation.ts';
import { explainClaim } from './explain-claim.ts';
import type { Cluster } from './cluster.ts';

/** What is to be said of a pod because of its claims. */
export interface ClaimFindings {
  readonly findings: readonly Finding[];
  readonly remedies: readonly Words[];
  readonly isBlocked: boolean;
}

/** The pod's claims that are not fine, each with its own explanation. Pure. */
export function claimFindings(pod: Pod, cluster: Cluster): ClaimFindings {
  const all = claimKeysOfPod(pod).map((key) => ({ key: parseKey(key), explanation: explainClaim(parseKey(key), cluster) }));
  const open = all.filter(({ explanation }) => explanation.state !== 'fine');
  return {
    findings: open.flatMap(({ key, explanation }) => [
      { subject: `claim ${key.name}`, words: explanation.summary },
      ...explanation.findings,
    ]),
    remedies: distinct(open.flatMap(({ explanation }) => explanation.remedies)).filter(({ code }) => code !== 'explainPod'),
    isBlocked: open.some(({ explanation }) => explanation.state === 'blocked'),
  };
}

function distinct(remedies: readonly Words[]): readonly Words[] {
  return [...new Map(remedies.map((remedy) => [wordsText(remedy, 'en'), remedy])).values()];
}
