import { type Explanation, type Finding, said, words } from '#api/explanation.ts';
import type { Cluster } from './cluster.ts';
import { warningsAbout } from './explanation.ts';
import { quotaFindings } from './quota-findings.ts';
import { blocked, busy, fine } from './states.ts';
import { explainUnseen } from './unseen.ts';
import { waitingObjects } from './waiting-objects.ts';

/** What holds the namespace up: what waits in it, quotas that are used up, what keeps it from ending. Pure. */
export function explainNamespace(name: string, cluster: Cluster): Explanation {
  const object = `namespace ${name}`;
  const unseen = explainUnseen(object, cluster, ['namespaces']);
  if (unseen !== undefined) return unseen;
  const namespace = cluster.namespaces.named(name);
  if (namespace === undefined) return blocked(words('notThere', { object }), [], []);
  const { groups, unlooked } = waitingObjects(cluster, name);
  const conditions = (namespace.status?.conditions ?? [])
    .filter(({ status }) => status === 'True')
    .map(({ type, message }): Finding => ({ subject: `condition ${type}`, words: said(message ?? '') }));
  const waits = groups.flatMap(({ cause, objects }) =>
    objects.map((each): Finding => ({ subject: each.replace(/ -n .*/, ''), words: cause })),
  );
  const more = unlooked === 0 ? [] : [{ subject: 'claims and pods', words: words('moreWaiting', { count: String(unlooked) }) }];
  const findings = [...conditions, ...waits, ...more, ...quotaFindings(cluster, () => true), ...warningsAbout(cluster, namespace)];
  if (namespace.metadata.deletionTimestamp !== undefined) return busy(words('namespaceEnds', { object }), findings);
  const count = groups.filter(({ state }) => state === 'blocked').reduce((sum, { objects }) => sum + objects.length, 0);
  if (count === 0) return fine(words('namespaceWell', { object }), findings);
  return blocked(words('namespaceBlocked', { object, count: String(count) }), findings, [words('mendThose', { namespace: name })]);
}
