import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionStatus,
} from '#api/generated/kubernetes.ts';
import { API_APPROVAL, conditionOf, ESTABLISHED, NAMES_ACCEPTED, TERMINATING } from '#api/kinds/definition-status.ts';
import { deepEqual } from '#kit/json.ts';
import { approvalOf } from './approval.ts';
import type { Verdict } from './verdict.ts';

/** Everything that decides the names of a definition. */
export interface NamesInput {
  /** All other definitions. */
  readonly others: readonly CustomResourceDefinition[];
  /** RFC 3339. */
  readonly now: string;
}

/** The status of a definition that is not deleted (apiextensions pkg/controller/status and establish). */
export function planStatus(definition: CustomResourceDefinition, { others, now }: NamesInput): CustomResourceDefinitionStatus {
  const { names, verdict } = acceptNames(definition, others);
  const wasEstablished = conditionOf(definition, ESTABLISHED)?.status === 'True';
  const established: Verdict =
    verdict.status === 'True' || wasEstablished
      ? { status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
      : { status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
  const approval = approvalOf(definition);
  const conditions = withConditions(definition, now, [
    [NAMES_ACCEPTED, verdict],
    [ESTABLISHED, established],
    ...(approval === undefined ? [] : [[API_APPROVAL, approval] as const]),
  ]);
  return { ...definition.status, acceptedNames: names, conditions, storedVersions: storedVersions(definition) };
}

/** The status of a definition that is emptied. */
export function planTermination(definition: CustomResourceDefinition, now: string): CustomResourceDefinitionStatus {
  const verdict: Verdict = { status: 'True', reason: 'InstanceDeletionInProgress', message: 'CustomResource deletion is in progress' };
  return { ...definition.status, conditions: withConditions(definition, now, [[TERMINATING, verdict]]) };
}

function storedVersions({ spec, status }: CustomResourceDefinition): readonly string[] {
  const stored = spec.versions.filter(({ storage }) => storage).map(({ name }) => name);
  return [...new Set([...(status?.storedVersions ?? []), ...stored])];
}

const SINGLE = [
  { field: 'plural', reason: 'PluralConflict' },
  { field: 'singular', reason: 'SingularConflict' },
  { field: 'kind', reason: 'KindConflict' },
  { field: 'listKind', reason: 'ListKindConflict' },
] as const;

/** Names are first come, first served inside a group; where one is taken, what was accepted before stays. */
function acceptNames(
  { spec, status }: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
): { readonly names: CustomResourceDefinitionNames; readonly verdict: Verdict } {
  const taken = others.filter((other) => other.spec.group === spec.group).flatMap((other) => other.status?.acceptedNames ?? []);
  const resourceNames = new Set(taken.flatMap(({ plural, singular = '', shortNames = [] }) => [plural, singular, ...shortNames]));
  const kindNames = new Set(taken.flatMap(({ kind, listKind = '' }) => [kind, listKind]));
  const asked = spec.names;
  const conflict = findConflict(asked, resourceNames, kindNames);
  if (conflict === undefined) return { names: asked, verdict: { status: 'True', reason: 'NoConflicts', message: 'no conflicts found' } };
  const { field, reason, name } = conflict;
  const message = `spec.names.${field}: ${JSON.stringify(name)} is already in use by another definition of the group ${spec.group}: choose another name`;
  return { names: status?.acceptedNames ?? { plural: '', kind: '' }, verdict: { status: 'False', reason, message } };
}

interface Conflict {
  readonly field: string;
  readonly reason: string;
  readonly name: string;
}

function findConflict(
  asked: CustomResourceDefinitionNames,
  resourceNames: ReadonlySet<string>,
  kindNames: ReadonlySet<string>,
): Conflict | undefined {
  for (const { field, reason } of SINGLE) {
    const name = asked[field] ?? '';
    const taken = field === 'plural' || field === 'singular' ? resourceNames : kindNames;
    if (taken.has(name)) return { field, reason, name };
  }
  const name = (asked.shortNames ?? []).find((shortName) => resourceNames.has(shortName));
  return name === undefined ? undefined : { field: 'shortNames', reason: 'ShortNamesConflict', name };
}

/** The conditions with these verdicts; the time of one moves only when its status does. */
function withConditions(
  definition: CustomResourceDefinition,
  now: string,
  verdicts: readonly (readonly [string, Verdict])[],
): readonly CustomResourceDefinitionCondition[] {
  const kept = (definition.status?.conditions ?? []).filter(({ type }) => !verdicts.some(([decided]) => decided === type));
  return [
    ...verdicts.map(([type, verdict]) => {
      const before = conditionOf(definition, type);
      const lastTransitionTime = before?.status === verdict.status ? (before.lastTransitionTime ?? now) : now;
      const next = { lastTransitionTime, type, ...verdict };
      return before !== undefined && deepEqual(before, next) ? before : next;
    }),
    ...kept,
  ];
}
