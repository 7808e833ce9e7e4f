import type { NamedRuleWithOperations } from '#api/generated/kubernetes.ts';
import type { Resource } from '#api/meta/resource.ts';

/** What is about to happen, as rules name it. */
export interface RuleSubject {
  readonly operation: Operation;
  readonly resource: Pick<Resource, 'group' | 'version' | 'plural' | 'isNamespaced'>;
  /** `''` = the object itself. */
  readonly subresource: string;
  /** For rules that name objects. */
  readonly name: string;
}

/** `CONNECT` = somebody reaches into a pod. */
export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** True where one of the rules covers what happens. */
export type RuleMatcher = (subject: RuleSubject) => boolean;

const ALL = '*';

/** Rules as apiserver's pkg/admission/plugin/webhook/predicates/rules reads them. */
export function ruleMatcher(rules: readonly NamedRuleWithOperations[]): RuleMatcher {
  return (subject) => rules.some((rule) => covers(rule, subject));
}

/** What rules may be about, apart from versions and names. */
type ResourceSubject = Omit<RuleSubject, 'name' | 'resource'> & { readonly resource: Pick<Resource, 'group' | 'plural'> };

/** Tells of a resource whether one of the rules can be about objects of it, in whatever version. */
export function resourceMatcher(rules: readonly NamedRuleWithOperations[]): (subject: ResourceSubject) => boolean {
  return (subject) => rules.some((rule) => mayCover(rule, subject));
}

function mayCover(rule: NamedRuleWithOperations, { operation, resource, subresource }: ResourceSubject): boolean {
  return (
    has(rule.operations, operation) &&
    has(rule.apiGroups, resource.group) &&
    (rule.resources ?? []).some((pattern) => resourceMatches(pattern, resource.plural, subresource))
  );
}

function covers(rule: NamedRuleWithOperations, subject: RuleSubject): boolean {
  const { resource, name } = subject;
  return (
    mayCover(rule, subject) &&
    has(rule.apiVersions, resource.version) &&
    scopeMatches(rule.scope, resource.isNamespaced) &&
    (rule.resourceNames === undefined || rule.resourceNames.length === 0 || rule.resourceNames.includes(name))
  );
}

function has(values: readonly string[] | undefined, wanted: string): boolean {
  return values !== undefined && (values.includes(ALL) || values.includes(wanted));
}

function scopeMatches(scope: string | undefined, isNamespaced: boolean): boolean {
  if (scope === undefined || scope === ALL) return true;
  return (scope === 'Namespaced') === isNamespaced;
}

/** `pods`, `pods/status`, `pods/*`, `*` (all but subresources), `*\/scale`, `*\/*`. */
function resourceMatches(pattern: string, plural: string, subresource: string): boolean {
  const [wanted = '', part = ''] = pattern.split('/', 2);
  return (wanted === ALL || wanted === plural) && (part === ALL || part === subresource);
}
