import { deepEqual } from '#kit/json.ts';
import type { NodeAffinity, NodeSelectorTerm, PodSpec } from '../generated/kubernetes.ts';
import { invalid } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { without } from './defaulting.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const TERMS = `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms`;

/** True for a pod that the scheduler does not look at yet: where it may go can still be narrowed (core validation `ValidatePodUpdate`). */
export function isGated({ schedulingGates = [] }: PodSpec): boolean {
  return schedulingGates.length > 0;
}

/** Faults of how the place of a gated pod changes: it gets narrower, never wider. */
export function validateNarrowing(after: PodSpec, before: PodSpec): readonly FieldError[] {
  return [...validateSelector(after.nodeSelector ?? {}, before.nodeSelector ?? {}), ...validateTerms(after, before)];
}

/** `after` with its place as it was `before`, for the comparison of what else changed. */
export function withPlaceOf(after: PodSpec, before: PodSpec): PodSpec {
  const spec: PodSpec = { ...after, nodeSelector: before.nodeSelector };
  const was = before.affinity?.nodeAffinity;
  const others = without(after.affinity ?? {}, 'nodeAffinity');
  const affinity = was === undefined ? others : { ...others, nodeAffinity: was };
  const isNone = before.affinity === undefined && Object.keys(affinity).length === 0;
  return isNone ? { ...spec, affinity: undefined } : { ...spec, affinity };
}

function validateSelector(after: Readonly<Record<string, string>>, before: Readonly<Record<string, string>>): readonly FieldError[] {
  return Object.entries(before).every(([key, value]) => after[key] === value)
    ? []
    : [invalid('spec.nodeSelector', after, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)')];
}

function validateTerms(after: PodSpec, before: PodSpec): readonly FieldError[] {
  const [next, old] = [termsOf(after.affinity?.nodeAffinity), termsOf(before.affinity?.nodeAffinity)];
  if (old.length === 0) return [];
  if (old.length !== next.length) return [invalid(TERMS, next, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')];
  return old.flatMap((term, index) =>
    isNarrower(next[index] ?? {}, term)
      ? []
      : [invalid(`${TERMS}[${index}]`, next[index], 'only additions are allowed (no mutations or deletions)')],
  );
}

function termsOf(affinity: NodeAffinity | undefined): readonly NodeSelectorTerm[] {
  return affinity?.[REQUIRED]?.nodeSelectorTerms ?? [];
}

/** What a term asks for stands first in what follows it; one that asks for nothing selects nothing, and stays so. */
function isNarrower(next: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const lists = (['matchExpressions', 'matchFields'] as const).map((name) => ({ after: next[name] ?? [], before: old[name] ?? [] }));
  if (lists.every(({ before }) => before.length === 0)) return lists.every(({ after }) => after.length === 0);
  return lists.every(({ after, before }) => deepEqual(after.slice(0, before.length), before));
}
