import type { Pod, TokenRequestSpec } from '#api/generated/kubernetes.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { nodes, pods, secrets } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import type { Store } from '../../../store/store.ts';
import type { Bound } from '../../access/service-accounts/account-tokens.ts';
import { badRequest, conflict, notFound } from '../../contract/status-error.ts';

/** Kinds of objects to which a token can be bound. */
export const BOUND_KINDS: Readonly<Record<Bound['kind'], Resource>> = { Pod: pods, Secret: secrets, Node: nodes };

/** True where a token can be bound to objects of `kind`. */
export function isBoundKind(kind: string): kind is Bound['kind'] {
  return Object.hasOwn(BOUND_KINDS, kind);
}

/** The account that asks. */
export interface Asker {
  readonly namespace: string;
  readonly account: string;
}

/** The object with which the token is to end; undefined where none is named. @throws ApiError where it is not there, is another one, or has nothing to do with the account */
export function findBound(store: Store, { boundObjectRef }: TokenRequestSpec, asker: Asker): Bound | undefined {
  const { kind = '', name = '', uid: wanted = '' } = boundObjectRef ?? {};
  if (!isBoundKind(kind)) return undefined;
  const resource = BOUND_KINDS[kind];
  const entry = store.get({ resource: groupResourceOf(resource), namespace: resource.isNamespaced ? asker.namespace : '', name });
  if (entry === undefined) throw notFound(resource, name);
  const { uid } = entry.object.metadata;
  if (wanted !== '' && wanted !== uid) {
    const why = `the UID in the bound object reference (${wanted}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict(resource, name, why);
  }
  if (kind !== 'Pod') return { kind, name, uid };
  // why trusted: the store holds under pods only what the kind let through
  const { spec } = trusted<Pod>(entry.object);
  requireAccountOf(spec, asker);
  return { kind, name, uid, node: nodeOf(store, spec.nodeName ?? '') };
}

/** The node of that name, where there is one (kubernetes, ServiceAccountTokenPodNodeInfo). */
function nodeOf(store: Store, name: string): Bound['node'] {
  const entry = name === '' ? undefined : store.get({ resource: groupResourceOf(nodes), namespace: '', name });
  return entry === undefined ? undefined : { name, uid: entry.object.metadata.uid };
}

function requireAccountOf({ serviceAccountName = 'default' }: Pod['spec'], { account }: Asker): void {
  if (serviceAccountName === account) return;
  throw badRequest(`cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`);
}
