import type { PolicyRule } from '#api/generated/kubernetes.ts';
import type { Attributes } from '../../contract/authorizer.ts';

const ALL = '*';

/** True where `rule` allows what is asked (upstream pkg/apis/rbac/v1/evaluation_helpers.go). */
export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!hasOrAll(rule.verbs, attributes.verb)) return false;
  if (attributes.type === 'path') return (rule.nonResourceURLs ?? []).some((pattern) => pathMatches(pattern, attributes.path));
  const { resource, subresource, name } = attributes;
  return hasOrAll(rule.apiGroups, resource.group) && resourceMatches(rule, resource.plural, subresource) && nameMatches(rule, name);
}

/** True where `pattern` is `path`, or ends in `*` and is its beginning. */
export function pathMatches(pattern: string, path: string): boolean {
  return pattern === path || (pattern.endsWith(ALL) && path.startsWith(pattern.replace(/\*+$/, '')));
}

function hasOrAll(list: readonly string[] | undefined, wanted: string): boolean {
  return list !== undefined && (list.includes(ALL) || list.includes(wanted));
}

function resourceMatches({ resources }: PolicyRule, plural: string, subresource: string): boolean {
  if (resources === undefined) return false;
  const combined = subresource === '' ? plural : `${plural}/${subresource}`;
  return hasOrAll(resources, combined) || (subresource !== '' && resources.includes(`*/${subresource}`));
}

/** A rule without names is for all; one with names never allows what has no name yet, such as a creation. */
function nameMatches({ resourceNames }: PolicyRule, name: string): boolean {
  return resourceNames === undefined || resourceNames.length === 0 || resourceNames.includes(name);
}
