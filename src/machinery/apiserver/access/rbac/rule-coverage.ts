import type { PolicyRule } from '#api/generated/kubernetes.ts';
import { pathMatches } from './rule-matching.ts';

/** Most single rights that one rule is taken apart into; a larger rule must be covered by one held rule as a whole. */
const MAX_PARTS = 10_000;

/** The rights of `wanted` that `held` does not cover, as single rules in order; empty where nothing would be gained (upstream component-helpers auth/rbac/validation). */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap((rule) => {
    if (held.some((owner) => covers(owner, rule))) return [];
    if (countParts(rule) > MAX_PARTS) return [rule];
    return takeApart(rule).filter((part) => !held.some((owner) => covers(owner, part)));
  });
}

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`, as upstream prints a right. */
export function describeRule(rule: PolicyRule): string {
  const parts: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  return `{${parts.flatMap(([name, list]) => (list === undefined || list.length === 0 ? [] : [`${name}:${quoteList(list)}`])).join(', ')}}`;
}

/** `["a" "b"]`: Go's form of a list of texts. */
export function quoteList(list: readonly string[]): string {
  return `[${list.map((item) => JSON.stringify(item)).join(' ')}]`;
}

/** Rules that differ only in their verbs become one. */
export function compactRules(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const groups = Map.groupBy(rules, (rule) => JSON.stringify({ ...rule, verbs: [] }));
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    return first === undefined ? [] : [{ ...first, verbs: [...new Set(members.flatMap(({ verbs }) => verbs))] }];
  });
}

function covers(owner: PolicyRule, wanted: PolicyRule): boolean {
  return (
    hasAllOf(owner.verbs, wanted.verbs) &&
    hasAllOf(owner.apiGroups, wanted.apiGroups) &&
    (wanted.resources ?? []).every((resource) => coversResource(owner.resources ?? [], resource)) &&
    (wanted.nonResourceURLs ?? []).every((path) => (owner.nonResourceURLs ?? []).some((pattern) => pathMatches(pattern, path))) &&
    coversNames(owner, wanted)
  );
}

function hasAllOf(held: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return held.includes('*') || wanted.every((item) => held.includes(item));
}

function coversResource(held: readonly string[], wanted: string): boolean {
  if (held.includes('*') || held.includes(wanted)) return true;
  const slash = wanted.indexOf('/');
  return slash >= 0 && held.includes(`*${wanted.slice(slash)}`);
}

function coversNames({ resourceNames: held = [] }: PolicyRule, { resourceNames: wanted = [] }: PolicyRule): boolean {
  return held.length === 0 || (wanted.length > 0 && wanted.every((name) => held.includes(name)));
}

function countParts(rule: PolicyRule): number {
  const count = (list: readonly string[] | undefined): number => Math.max(1, list?.length ?? 0);
  const where = count(rule.apiGroups) * count(rule.resources) * count(rule.resourceNames);
  return rule.verbs.length * (where + (rule.nonResourceURLs?.length ?? 0));
}

/** One rule per verb and thing; a rule with neither groups nor paths grants nothing and gives none. */
function takeApart({ apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs }: PolicyRule): readonly PolicyRule[] {
  const names = resourceNames.length === 0 ? [{}] : resourceNames.map((name) => ({ resourceNames: [name] }));
  const onResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) => names.map((name) => ({ apiGroups: [group], resources: [resource], verbs: [verb], ...name }))),
    ),
  );
  return [...onResources, ...nonResourceURLs.flatMap((path) => verbs.map((verb) => ({ nonResourceURLs: [path], verbs: [verb] })))];
}
