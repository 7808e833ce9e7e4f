import type { ClusterRole, CustomResourceDefinition, PolicyRule } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { broughtBy, inWords, leftovers } from '#controllers/stowage/plugins/brought.ts';
import type { Brought, Plugin } from '#controllers/stowage/plugins/plugin.ts';
import { deepEqual, isRecord } from '#kit/json.ts';
import { describeRule, missingRules } from '#machinery/apiserver/access/rbac/rule-coverage.ts';

/** What is there of the version that is installed. */
export interface InstalledParts {
  readonly brought: readonly Brought[];
  readonly definitions: readonly CustomResourceDefinition[];
  readonly roles: readonly ClusterRole[];
}

/** So many fields of a kind are named. */
const MAX_FIELDS = 12;
/** Deeper than this fields are not told apart. */
const MAX_DEPTH = 12;

/** What an upgrade brings, changes and takes away, a line each. Pure. */
export function previewUpgrade(next: Plugin, { brought, definitions, roles }: InstalledParts): readonly string[] {
  const before = new Set(brought.map(inWords));
  const comes = broughtBy(next)
    .map(inWords)
    .filter((words) => !before.has(words));
  const changed = [
    ...next.definitions.flatMap((draft) => changesOfKind(draft, definitions)),
    ...next.roles.flatMap((draft) => changesOfRole(draft, roles)),
  ];
  const lines = [
    ...comes.map((words) => `comes: ${words}`),
    ...changed.map((words) => `changes: ${words}`),
    ...leftovers(brought, next).map((item) => `goes: ${inWords(item)}`),
  ];
  return lines.length === 0 ? ['nothing of its kinds, roles and objects changes'] : lines;
}

function changesOfKind(draft: Draft<CustomResourceDefinition>, definitions: readonly CustomResourceDefinition[]): readonly string[] {
  const found = definitions.find(({ metadata }) => metadata.name === draft.metadata.name);
  if (found === undefined || deepEqual(found.spec.versions, draft.spec.versions)) return [];
  const differences = [
    ...difference('version', { before: found.spec.versions.map(({ name }) => name), now: draft.spec.versions.map(({ name }) => name) }),
    ...difference('field', { before: fieldsOf(found.spec), now: fieldsOf(draft.spec) }),
  ];
  return [`kind ${draft.metadata.name}: ${differences.join('; ') || 'its rules, defaults or columns'}`];
}

/** `field spec.size comes`, the first of them. */
function difference(
  what: string,
  { before, now }: { readonly before: readonly string[]; readonly now: readonly string[] },
): readonly string[] {
  const coming = now.filter((word) => !before.includes(word));
  const going = before.filter((word) => !now.includes(word));
  return [...said(`${what} `, coming, ['comes', 'come']), ...said(`${what} `, going, ['goes', 'go'])];
}

function said(what: string, words: readonly string[], [ofOne, ofMany]: readonly [string, string]): readonly string[] {
  if (words.length === 0) return [];
  const more = words.length > MAX_FIELDS ? `, and ${words.length - MAX_FIELDS} more` : '';
  return [`${what}${words.slice(0, MAX_FIELDS).join(', ')}${more} ${words.length === 1 ? ofOne : ofMany}`];
}

/** The paths of all fields, of all versions, with their types. */
function fieldsOf({ versions }: Pick<CustomResourceDefinition['spec'], 'versions'>): readonly string[] {
  const paths = new Set<string>();
  for (const { schema } of versions) collectFields(schema?.openAPIV3Schema, { path: '', depth: 0, paths });
  return [...paths];
}

function collectFields(
  schema: unknown,
  { path, depth, paths }: { readonly path: string; readonly depth: number; readonly paths: Set<string> },
): void {
  if (!isRecord(schema) || depth > MAX_DEPTH) return;
  if (path !== '' && typeof schema['type'] === 'string') paths.add(`${path} (${schema['type']})`);
  const { properties, items, additionalProperties } = schema;
  if (isRecord(properties))
    for (const [name, inner] of Object.entries(properties))
      collectFields(inner, { path: path === '' ? name : `${path}.${name}`, depth: depth + 1, paths });
  collectFields(items, { path: `${path}[]`, depth: depth + 1, paths });
  collectFields(additionalProperties, { path: `${path}.*`, depth: depth + 1, paths });
}

function changesOfRole(draft: Draft<ClusterRole>, roles: readonly ClusterRole[]): readonly string[] {
  const found = roles.find(({ metadata }) => metadata.name === draft.metadata.name);
  if (found === undefined) return [];
  const [wanted, held] = [draft.rules ?? [], found.rules ?? []];
  const told = (verb: string, rules: readonly PolicyRule[]): readonly string[] =>
    rules.length === 0 ? [] : [`${verb} ${rules.map(describeRule).join(', ')}`];
  const changes = [...told('gains', missingRules(held, wanted)), ...told('loses', missingRules(wanted, held))];
  return changes.length === 0 ? [] : [`clusterrole ${draft.metadata.name}: ${changes.join('; ')}`];
}
