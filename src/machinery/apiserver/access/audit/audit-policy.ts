import { CORE_SCHEMA, load } from 'js-yaml';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import type { AuditRecord } from '../../contract/audit.ts';
import type { AuditLevel } from './audit-event.ts';

/** Says how much of each request is kept. */
export interface AuditPolicy {
  readonly recordsReads: boolean;
  readonly keepsBodies: boolean;
  levelOf(record: AuditRecord): AuditLevel;
}

/** The file of the policy can't be used. */
export class AuditPolicyInvalid extends PlatformError {
  constructor(why: string, cause?: unknown) {
    super({
      code: 'InvalidArgument',
      reason: 'AuditPolicyInvalid',
      message: `the audit policy ${why}: write apiVersion: audit.k8s.io/v1, kind: Policy, and rules with a level each`,
      ...(cause === undefined ? {} : { cause }),
      retry: 'never',
    });
  }
}

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);
const LEVELS: readonly AuditLevel[] = ['None', 'Metadata', 'Request', 'RequestResponse'];

/** What works in a pod whatever its verb: over WebSocket, a command is a GET. */
const COMMANDS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward']);

/** Writes, and what reaches into pods, refused or not, without what was written: it may be secret. */
export const DEFAULT_AUDIT_POLICY: AuditPolicy = {
  recordsReads: false,
  keepsBodies: false,
  levelOf: ({ verb, subresource }) => (READS.has(verb) && !COMMANDS.has(subresource) ? 'None' : 'Metadata'),
};

interface ResourceRule {
  readonly group: string;
  readonly resources: readonly string[];
  readonly names: readonly string[];
}

interface Rule {
  readonly level: AuditLevel;
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly verbs: readonly string[];
  readonly namespaces: readonly string[];
  readonly resources: readonly ResourceRule[];
}

/** Reads a policy (audit.k8s.io/v1 Policy, YAML); the first rule that matches decides, and what none matches is not kept. @throws AuditPolicyInvalid */
export function parseAuditPolicy(text: string): AuditPolicy {
  let document: unknown;
  try {
    document = load(text, { schema: CORE_SCHEMA });
  } catch (thrown) {
    throw new AuditPolicyInvalid('is no YAML', thrown);
  }
  if (!isRecord(document) || document['apiVersion'] !== 'audit.k8s.io/v1' || document['kind'] !== 'Policy')
    throw new AuditPolicyInvalid('is no Policy of audit.k8s.io/v1');
  const { rules: given } = document;
  if (!Array.isArray(given) || given.length === 0) throw new AuditPolicyInvalid('has no rules');
  // why: rules for paths that are no resources are about requests that are not in this log
  const rules = given.map(readRule).filter((rule) => rule !== undefined);
  return {
    recordsReads: rules.some(({ level, verbs }) => level !== 'None' && (verbs.length === 0 || verbs.some((verb) => READS.has(verb)))),
    keepsBodies: rules.some(({ level }) => level === 'Request' || level === 'RequestResponse'),
    levelOf: (record) => rules.find((rule) => covers(rule, record))?.level ?? 'None',
  };
}

function readRule(value: unknown, index: number): Rule | undefined {
  const fields = isRecord(value) ? value : {};
  const level = LEVELS.find((known) => known === fields['level']);
  if (level === undefined) throw new AuditPolicyInvalid(`has no level in rule ${index} (one of ${LEVELS.join(', ')})`);
  const texts = (name: string): readonly string[] => textsOf(fields[name], `${name} of rule ${index}`);
  if (texts('nonResourceURLs').length > 0) return undefined;
  const { resources = [] } = fields;
  if (!Array.isArray(resources)) throw new AuditPolicyInvalid(`has resources in rule ${index} that are no list`);
  return {
    level,
    users: texts('users'),
    groups: texts('userGroups'),
    verbs: texts('verbs'),
    namespaces: texts('namespaces'),
    resources: resources.map((entry: unknown) => {
      const named = isRecord(entry) ? entry : {};
      return {
        group: typeof named['group'] === 'string' ? named['group'] : '',
        resources: textsOf(named['resources'], `resources of rule ${index}`),
        names: textsOf(named['resourceNames'], `resourceNames of rule ${index}`),
      };
    }),
  };
}

function textsOf(value: unknown, what: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new AuditPolicyInvalid(`has ${what} that are no list of texts`);
}

/** As apiserver's pkg/audit/policy/checker.go reads them: an empty list means all. */
function covers({ users, groups, verbs, namespaces, resources }: Rule, record: AuditRecord): boolean {
  return (
    isIn(users, record.user.name) &&
    (groups.length === 0 || groups.some((group) => record.user.groups.includes(group))) &&
    isIn(verbs, record.verb) &&
    isIn(namespaces, record.namespace) &&
    (resources.length === 0 || resources.some((rule) => coversResource(rule, record)))
  );
}

function isIn(list: readonly string[], value: string): boolean {
  return list.length === 0 || list.includes(value);
}

function coversResource({ group, resources, names }: ResourceRule, { resource, subresource, name }: AuditRecord): boolean {
  if (group !== resource.group || !isIn(names, name)) return false;
  const { plural } = resource;
  const combined = subresource === '' ? plural : `${plural}/${subresource}`;
  const patterns = [combined, '*', ...(subresource === '' ? [] : [`${plural}/*`, `*/${subresource}`])];
  return resources.length === 0 || patterns.some((pattern) => resources.includes(pattern));
}
