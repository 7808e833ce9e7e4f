import { type Explanation, type Finding, words } from '#api/explanation.ts';
import { listed } from '#kit/listed.ts';
import type { Cluster } from './cluster.ts';

/** Of these an explanation only lacks what others have. */
const OTHERS: ReadonlySet<string> = new Set(['pods', 'persistentvolumeclaims', 'namespaces']);

/** True where the user may not list what decides over claims and pods: nothing may be said of it then, least of all that it is not there. Pure. */
export function isBlindfolded({ unseen }: Cluster): boolean {
  return unseen.difference(OTHERS).size > 0;
}

/** What is said where the user may not list one of `kinds`, which decide over `object`; undefined where he may. Pure. */
export function explainUnseen(object: string, { unseen }: Cluster, kinds: readonly string[]): Explanation | undefined {
  const hidden = kinds.filter((kind) => unseen.has(kind));
  if (hidden.length === 0) return undefined;
  return {
    state: 'blocked',
    summary: words('unseen', { object }),
    findings: [{ subject: 'not visible to you', words: words('unseenKinds', { kinds: listed(hidden) }) }],
    remedies: [words('askForRights', { kinds: hidden.join(', ') })],
  };
}

/** What can be said all the same of an object that is Pending. Pure. */
export function explainBlindly(object: string, cluster: Cluster, findings: readonly Finding[]): Explanation {
  const hidden = [...cluster.unseen].toSorted();
  return {
    state: 'blocked',
    summary: words('pendingUnseen', { object }),
    findings: [...findings, { subject: 'not visible to you', words: words('unseenKinds', { kinds: listed(hidden) }) }],
    remedies: [words('askForRights', { kinds: hidden.join(', ') })],
  };
}
