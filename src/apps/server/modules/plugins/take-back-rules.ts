import type { ClusterRole, PolicyRule } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { clusterRoles } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import { AUTO_UPDATE } from '#machinery/apiserver/access/rbac/default-policy.ts';
import { compactRules, missingRules } from '#machinery/apiserver/access/rbac/rule-coverage.ts';
import type { Client } from '#machinery/client/client.ts';

/** Takes back the rights of a role that the version before gave and this one does not; those that a user has added stay. */
export async function takeBackRules(
  client: Client,
  { metadata: { name = '' }, rules: wanted = [] }: Draft<ClusterRole>,
  before: readonly Draft<ClusterRole>[],
): Promise<void> {
  const former = before.find(({ metadata }) => metadata.name === name)?.rules ?? [];
  if (missingRules(wanted, former).length === 0) return;
  const found = await roleIfAny(client, name);
  if (found === undefined || found.metadata.annotations?.[AUTO_UPDATE] === 'false') return;
  const rules = rulesWithout(found.rules ?? [], { former, wanted });
  if (!deepEqual(rules, found.rules)) await client.update(clusterRoles, { ...found, rules });
}

function rulesWithout(
  held: readonly PolicyRule[],
  { former, wanted }: { readonly former: readonly PolicyRule[]; readonly wanted: readonly PolicyRule[] },
): readonly PolicyRule[] {
  // why both: the step may be done again
  return [...wanted, ...compactRules(missingRules([...former, ...wanted], held))];
}

async function roleIfAny(client: Client, name: string): Promise<ClusterRole | undefined> {
  try {
    return await client.get(clusterRoles, { namespace: '', name });
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}
