import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PersistentVolume } from '../generated/kubernetes.ts';
import { type LabelRequirement, matchesRequirement } from '../meta/selector.ts';

/** What a node selector looks at. */
export type SelectableNode = Pick<Node, 'metadata'>;

/** True where at least one term matches; a selector without terms matches nothing (component-helpers nodeaffinity). */
export function matchesNodeSelector(selector: NodeSelector, node: SelectableNode): boolean {
  return selector.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

/** True where every requirement of `term` holds; an empty term matches nothing. */
export function matchesTerm(term: NodeSelectorTerm, node: SelectableNode): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length + fields.length === 0) return false;
  return (
    expressions.every((requirement) => holds(requirement, node.metadata.labels)) &&
    fields.every((requirement) => holds(requirement, { 'metadata.name': node.metadata.name }))
  );
}

/** True where `volume` may be used on `node`. */
export function isVolumeUsableOn(volume: PersistentVolume, node: SelectableNode): boolean {
  const required = volume.spec.nodeAffinity?.required;
  return required === undefined || matchesNodeSelector(required, node);
}

const OPERATORS: readonly LabelRequirement['operator'][] = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'];

function holds({ key, operator, values = [] }: NodeSelectorRequirement, labels: Readonly<Record<string, string>> | undefined): boolean {
  const known = OPERATORS.find((candidate) => candidate === operator);
  return known !== undefined && matchesRequirement({ key, operator: known, values }, labels);
}
