import type { LabelSelector, Pod, PodAffinityTerm } from '#api/generated/kubernetes.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';

/** Labels of a namespace by its name; undefined where there is none. */
export type NamespaceLabels = (namespace: string) => Readonly<Record<string, string>> | undefined;

/** True where `other` is one of the pods that a term of `owner` speaks of, wherever it runs. Pure. */
export function isMeant(
  other: Pod,
  { owner, term }: { readonly owner: Pod; readonly term: PodAffinityTerm },
  labels: NamespaceLabels,
): boolean {
  return isNamespaceMeant(other.metadata.namespace ?? '', { owner, term }, labels) && matchesPods(selectorOf(owner, term), other);
}

/** True where a selector of pods matches; an absent one matches none. Pure. */
export function matchesPods(selector: LabelSelector | undefined, pod: Pod): boolean {
  return selector !== undefined && matchesLabelSelector(selector, pod.metadata.labels);
}

/** The selector together with the values that `owner` itself has of `matchLabelKeys`, and has not of `mismatchLabelKeys`. Pure. */
export function selectorOf(
  owner: Pod,
  term: Pick<PodAffinityTerm, 'labelSelector' | 'matchLabelKeys' | 'mismatchLabelKeys'>,
): LabelSelector | undefined {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  if (labelSelector === undefined || matchLabelKeys.length + mismatchLabelKeys.length === 0) return labelSelector;
  const labels = owner.metadata.labels ?? {};
  const own = (keys: readonly string[], operator: 'In' | 'NotIn') =>
    keys.flatMap((key) => (labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }]));
  return {
    ...labelSelector,
    matchExpressions: [...(labelSelector.matchExpressions ?? []), ...own(matchLabelKeys, 'In'), ...own(mismatchLabelKeys, 'NotIn')],
  };
}

function isNamespaceMeant(
  namespace: string,
  { owner, term }: { readonly owner: Pod; readonly term: PodAffinityTerm },
  labels: NamespaceLabels,
): boolean {
  const { namespaces = [], namespaceSelector } = term;
  if (namespaces.length === 0 && namespaceSelector === undefined) return namespace === owner.metadata.namespace;
  if (namespaces.includes(namespace)) return true;
  return namespaceSelector !== undefined && matchesLabelSelector(namespaceSelector, labels(namespace));
}
