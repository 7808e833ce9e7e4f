import type { MatchResources, Variable } from '../generated/kubernetes.ts';
import { PROJECT_LABEL } from './allocation.ts';

/** Writes of claims, spelled out with what the API adds by itself, so that what somebody changed of it is seen. */
export function claimWrites(operations: readonly ('CREATE' | 'UPDATE')[]): MatchResources {
  return {
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations, resources: ['persistentvolumeclaims'], scope: '*' }],
  };
}

/** The project of the claim's namespace, '' in none: what `projectOf` says, in CEL. */
export const PROJECT_VARIABLE: Variable = {
  name: 'project',
  expression: `has(namespaceObject.metadata.labels) && '${PROJECT_LABEL}' in namespaceObject.metadata.labels ? namespaceObject.metadata.labels['${PROJECT_LABEL}'] : ''`,
};

/** A map in CEL from names to expressions. Names of objects and labels hold nothing that would have to be escaped. Pure. */
export function celMap(entries: Iterable<readonly [name: string, expression: string]>, nothing: string): string {
  const sorted = [...entries]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, expression]) => `${JSON.stringify(name)}: ${expression}`);
  // why the empty name: an empty map has no type, and nothing has that name
  return `{${[`'': ${nothing}`, ...sorted].join(', ')}}`;
}
