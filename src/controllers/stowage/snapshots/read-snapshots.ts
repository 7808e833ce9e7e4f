import type { Event, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { lastSeenMs } from '#api/claim-facts.ts';
import { type Finding, said } from '#api/explanation.ts';
import { formatKey, keyOf, type KubeObject, type ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { events, persistentVolumeClaims } from '#api/resources.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { restoreSourceKeyOf } from '#api/storage/snapshot.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';

/** The user's API. */
export type UserClient = Pick<Client, 'get' | 'list'>;

/** How many events are worth repeating. */
const MAX_EVENTS = 5;

/** The object; undefined where there is none, or the user may not see it. */
export function readSeen<K extends KubeObject>(client: UserClient, resource: Resource<K>, key: ObjectKey): Promise<K | undefined> {
  return orHidden(client.get(resource, key), undefined);
}

/** Those of a namespace that the user may see. */
export async function listSeen<K extends KubeObject>(client: UserClient, resource: Resource<K>, namespace: string): Promise<readonly K[]> {
  return (await orHidden(client.list(resource, { namespace }), { items: [] })).items;
}

/** Claims of the namespace that are being filled from one of `snapshots`. */
export async function restoresOf(client: UserClient, snapshots: readonly KubeObject[]): Promise<readonly PersistentVolumeClaim[]> {
  const wanted = new Set(snapshots.map((snapshot) => formatKey(keyOf(snapshot))));
  const claims = await listSeen(client, persistentVolumeClaims, snapshots[0]?.metadata.namespace ?? '');
  return claims.filter((claim) => {
    const key = restoreSourceKeyOf(claim);
    return key !== undefined && wanted.has(formatKey(key)) && volumeNameOf(claim) === '';
  });
}

/** The newest warnings about the object, each reason once. Events about what has no namespace are in `default` (kubernetes client-go tools/record). */
export async function warningsOf(client: UserClient, { metadata }: KubeObject): Promise<readonly Finding[]> {
  const own = (event: Event): boolean => event.type === 'Warning' && event.involvedObject.uid === metadata.uid;
  const newest = (await listSeen(client, events, metadata.namespace ?? 'default'))
    .filter(own)
    .toSorted((a, b) => lastSeenMs(b) - lastSeenMs(a));
  const byReason = new Map<string, Finding>();
  for (const { reason = '', message = '' } of newest)
    if (!byReason.has(reason)) byReason.set(reason, { subject: `event ${reason}`, words: said(message) });
  return [...byReason.values()].slice(0, MAX_EVENTS);
}

async function orHidden<T, D>(answer: Promise<T>, otherwise: D): Promise<T | D> {
  try {
    return await answer;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound', 'PermissionDenied')) return otherwise;
    throw thrown;
  }
}
