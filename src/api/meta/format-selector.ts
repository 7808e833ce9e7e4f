import type { LabelSelector, LabelSelectorRequirement } from '../generated/kubernetes.ts';

const WORDS: ReadonlyMap<string, string> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
]);

/** A `LabelSelector` in the text form of requests (`app=web,tier in (a,b)`); the empty text where it asks nothing. */
export function formatLabelSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => ({ key, text: `${key}=${value}` }));
  const others = matchExpressions.map((requirement) => ({ key: requirement.key, text: formatRequirement(requirement) }));
  return [...equal, ...others]
    .toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ text }) => text)
    .join(',');
}

/** Labels as kubectl prints them: `a=b,c=d`, sorted by key; the empty text where there are none. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  return formatLabelSelector({ matchLabels: labels });
}

function formatRequirement({ key, operator, values = [] }: LabelSelectorRequirement): string {
  if (operator === 'Exists') return key;
  if (operator === 'DoesNotExist') return `!${key}`;
  return `${key} ${WORDS.get(operator) ?? operator} (${values.toSorted().join(',')})`;
}
