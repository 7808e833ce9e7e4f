import type { ClusterRole, ClusterRoleBinding, PolicyRule, Subject } from '#api/generated/kubernetes.ts';
import type { Draft, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { clusterRoleBindings, clusterRoles } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import { AUTO_UPDATE, DEFAULT_CLUSTER_ROLE_BINDINGS, DEFAULT_CLUSTER_ROLES } from '#machinery/apiserver/access/rbac/default-policy.ts';
import { compactRules, missingRules } from '#machinery/apiserver/access/rbac/rule-coverage.ts';
import type { Client } from '#machinery/client/client.ts';

/** What earlier versions gave all nodes: more than one node may see. */
const FORMER_NODE_ROLE = 'stowage:node';

/**
 * Makes the default roles and bindings, and the roles of modules, that are not there, and gives those that are what they lack, at every start, as
 * upstream's API server does: rights that a user added stay, and one annotated `autoupdate: "false"` is left alone.
 */
export async function ensureDefaultPolicy(client: Client, rolesOfModules: readonly Draft<ClusterRole>[] = []): Promise<void> {
  await deleteIfAny(client, clusterRoleBindings, FORMER_NODE_ROLE);
  await deleteIfAny(client, clusterRoles, FORMER_NODE_ROLE);
  await ensureRoles(client, [...DEFAULT_CLUSTER_ROLES, ...rolesOfModules]);
  await Promise.all(DEFAULT_CLUSTER_ROLE_BINDINGS.map((binding) => ensureBinding(client, binding)));
}

/** Makes the roles that are not there, and gives those that are what they lack. */
export async function ensureRoles(client: Client, roles: readonly Draft<ClusterRole>[]): Promise<void> {
  await Promise.all(roles.map((role) => ensureRole(client, role)));
}

async function deleteIfAny(client: Client, resource: typeof clusterRoles | typeof clusterRoleBindings, name: string): Promise<void> {
  try {
    await client.delete<ClusterRole | ClusterRoleBinding>(resource, { namespace: '', name });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}

async function ensureRole(client: Client, wanted: Draft<ClusterRole>): Promise<void> {
  const found = await findOrCreate(client, clusterRoles, wanted);
  if (found === undefined || found.metadata.annotations?.[AUTO_UPDATE] === 'false') return;
  const labels = { ...found.metadata.labels, ...wanted.metadata.labels };
  const next = {
    ...found,
    metadata: { ...found.metadata, labels },
    ...(wanted.aggregationRule === undefined ? { rules: completeRules(found.rules ?? [], wanted.rules ?? []) } : {}),
  };
  if (!deepEqual(next, found)) await client.update(clusterRoles, next);
}

function completeRules(found: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return [...found, ...compactRules(missingRules(found, wanted))];
}

async function ensureBinding(client: Client, wanted: Draft<ClusterRoleBinding>): Promise<void> {
  const found = await findOrCreate(client, clusterRoleBindings, wanted);
  if (found === undefined || found.metadata.annotations?.[AUTO_UPDATE] === 'false') return;
  const isThere = (subject: Subject): boolean => (found.subjects ?? []).some((known) => deepEqual(known, subject));
  const missing = (wanted.subjects ?? []).filter((subject) => !isThere(subject));
  if (missing.length > 0) await client.update(clusterRoleBindings, { ...found, subjects: [...(found.subjects ?? []), ...missing] });
}

/** The object as it is; undefined where it was made just now. */
async function findOrCreate<K extends ClusterRole | ClusterRoleBinding>(
  client: Client,
  resource: Resource<K>,
  wanted: Draft<K>,
): Promise<K | undefined> {
  const key: ObjectKey = { namespace: '', name: wanted.metadata.name ?? '' };
  try {
    return await client.get(resource, key);
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
  await client.create(resource, wanted);
  return undefined;
}
