import type { ClusterRole } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { aggregatedTo, AUTO_UPDATE } from '#machinery/apiserver/access/rbac/default-policy.ts';

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];

/**
 * Roles for people who work in a namespace with the kinds of a module, by API group and then plural: who may `view` reads them, who may `edit`
 * writes them, `admin` gathers both. What is of the whole cluster (classes, contents) and status is not for them to write.
 */
export function userRoles(moduleName: string, kinds: Readonly<Record<string, readonly string[]>>): readonly Draft<ClusterRole>[] {
  const rulesFor = (verbs: readonly string[], subresources: readonly string[]) =>
    Object.entries(kinds).map(([group, plurals]) => ({
      apiGroups: [group],
      resources: plurals.flatMap((plural) => [plural, ...subresources.map((subresource) => `${plural}/${subresource}`)]),
      verbs,
    }));
  const role = (name: 'edit' | 'view', rules: ClusterRole['rules']): Draft<ClusterRole> => ({
    metadata: { name: `stowage:${moduleName}:${name}`, labels: aggregatedTo(name), annotations: { [AUTO_UPDATE]: 'true' } },
    rules,
  });
  return [role('view', rulesFor(READ, ['status'])), role('edit', rulesFor(WRITE, []))];
}
