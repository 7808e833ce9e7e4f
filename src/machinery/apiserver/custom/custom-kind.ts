import type { CustomResourceDefinition, CustomResourceDefinitionVersion, SelectableField } from '#api/generated/kubernetes.ts';
import { schemaOf } from '#api/kinds/definition-version-validation.ts';
import type { KindDefinition, OwnSchema, ScalePaths } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { compareVersions } from '#api/meta/version-priority.ts';
import { validateMetadata } from '#api/meta/validate-metadata.ts';
import { dns1123Subdomain } from '#api/meta/validate-name.ts';
import { applyStructuralDefaults, hasDefaults } from '#api/structural/defaults.ts';
import { findByPath, parseJsonPath, plainMembers } from '#api/structural/json-path.ts';
import { pruneStructural } from '#api/structural/prune.ts';
import type { StructuralSchema } from '#api/structural/schema.ts';
import { validateStructural } from '#api/structural/validate.ts';
import { isNumeric, trusted } from '#kit/json.ts';
import { checkRules } from './rules/check-rules.ts';
import { compileRules } from './rules/rule-tree.ts';
import { readStructural } from './read-structural.ts';
import { openApiOf } from './open-api-of.ts';
import { columnsOf } from './printer-columns.ts';

/** The kind that a version of an established definition describes. */
export function customKind(definition: CustomResourceDefinition, version: CustomResourceDefinitionVersion): KindDefinition {
  const resource = resourceOf(definition, version);
  const schema = schemaOf(version) ?? KEEPS_ALL;
  const { subresources } = version;
  const hasStatus = subresources?.status !== undefined;
  const scale = scaleOf(version);
  return {
    resource,
    schema: openApiName(resource),
    own: {
      read: (body) => readStructural(schema, body),
      openApi: () => openApiOf(schema, resource),
      ...(hasRules(schema) ? { checkRules: lazyRules(schema) } : {}),
    },
    ...deprecationOf(definition, version),
    ...(scale === undefined ? {} : { scale }),
    ...formsOf(definition, version, schema),
    subresources: [...(hasStatus ? (['status'] as const) : []), ...(scale === undefined ? [] : (['scale'] as const))],
    metadataKeptByStatus: 'all',
    needsVersionForUpdate: true,
    applyDefaults: (object) => withDefaults(schema, object),
    prepareForCreate: hasStatus ? withoutStatus : (object) => object,
    validate: (object, previous) => [
      ...validateMetadata(object.metadata, { isNamespaced: resource.isNamespaced, name: dns1123Subdomain, hasPlainFinalizers: true }),
      ...validateStructural(schema, object, { previous }),
    ],
    validateUpdate: () => [],
    warnings: finalizerWarnings,
    selectableFields: Object.fromEntries((version.selectableFields ?? []).map(selectableField)),
    columns: columnsOf(version.additionalPrinterColumns ?? []),
    initialFinalizers: [],
    deletionGraceSec: () => 0,
  };
}

const OWN_FINALIZERS = ['orphan', 'foregroundDeletion', 'kubernetes'];

/** New finalizers that others may choose, too (apiextensions registry/customresource/validator.go). */
function finalizerWarnings({ metadata }: KubeObject, previous: KubeObject | undefined): readonly string[] {
  const before = new Set(previous?.metadata.finalizers);
  return (metadata.finalizers ?? []).flatMap((finalizer) => {
    if (before.has(finalizer) || finalizer.includes('/') || OWN_FINALIZERS.includes(finalizer)) return [];
    const better = `prefer a domain-qualified finalizer name${finalizer.includes('.') ? ' including a path (/)' : ''}`;
    return [`metadata.finalizers: ${JSON.stringify(finalizer)}: ${better} to avoid accidental conflicts with other finalizer writers`];
  });
}

function hasRules(schema: StructuralSchema): boolean {
  return JSON.stringify(schema).includes('"x-kubernetes-validations"');
}

/** The rules of a schema, compiled when the first object asks: most kinds that are served have none for long, and rules take time and memory. */
function lazyRules(schema: StructuralSchema): NonNullable<OwnSchema['checkRules']> {
  let compiled: ReturnType<typeof compileRules> | undefined;
  return (next, previous) => {
    compiled ??= compileRules(schema, '');
    return compiled.tree === undefined ? { faults: [], warnings: [] } : checkRules(compiled.tree, next, previous);
  };
}

/** What users of a version are told that is on its way out (apiextensions-apiserver `deprecationWarning`). */
function deprecationOf({ spec }: CustomResourceDefinition, version: CustomResourceDefinitionVersion): Pick<KindDefinition, 'deprecation'> {
  if (version.deprecated !== true) return {};
  if (version.deprecationWarning !== undefined) return { deprecation: version.deprecationWarning };
  const named = (name: string): string => `${spec.group}/${name} ${spec.names.kind}`;
  const [successor] = spec.versions
    .filter(({ name, served, deprecated }) => served && deprecated !== true && compareVersions(name, version.name) < 0)
    .map(({ name }) => name)
    .toSorted(compareVersions);
  return { deprecation: `${named(version.name)} is deprecated${successor === undefined ? '' : `; use ${named(successor)}`}` };
}

function resourceOf({ spec, status }: CustomResourceDefinition, version: CustomResourceDefinitionVersion): Resource {
  const names = status?.acceptedNames ?? spec.names;
  return {
    group: spec.group,
    version: version.name,
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    isNamespaced: spec.scope === 'Namespaced',
  };
}

/** `stable.example.com` v1 CronTab is `com.example.stable.v1.CronTab`. */
function openApiName({ group, version, kind }: Resource): string {
  return [...group.split('.').toReversed(), version, kind].join('.');
}

/** Of a definition without a schema, as they were before apiextensions/v1. */
const KEEPS_ALL: StructuralSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

type Forms = Pick<KindDefinition, 'fromStored' | 'toStored' | 'shownAsStoredAfter'>;

/**
 * Versions differ in their name and in what their schema knows (conversion strategy None): a version shows and stores nothing else.
 * A default or a narrower schema that came later shows in older objects, too.
 */
function formsOf(definition: CustomResourceDefinition, version: CustomResourceDefinitionVersion, schema: StructuralSchema): Forms {
  const { spec } = definition;
  const stored = spec.versions.find(({ storage }) => storage) ?? version;
  const isStored = stored.name === version.name;
  const prunedUntil = prunedUntilOf(definition, isStored);
  if (prunedUntil === 0 && !hasDefaults(schema)) return {};
  const isPruned = ({ metadata }: KubeObject): boolean => Number(metadata.resourceVersion) > prunedUntil;
  const shown = (object: KubeObject): KubeObject => inVersion(object, schema, `${spec.group}/${version.name}`);
  const kept = (object: KubeObject): KubeObject => inVersion(object, schemaOf(stored) ?? KEEPS_ALL, `${spec.group}/${stored.name}`);
  return {
    fromStored: (object) => withDefaults(schema, isPruned(object) ? object : shown(object)),
    ...(hasDefaults(schema) ? {} : { shownAsStoredAfter: prunedUntil }),
    ...(isStored ? {} : { toStored: kept }),
  };
}

/** The last revision whose objects may have what a version does not know: its schema has seen all that were written since. */
function prunedUntilOf({ spec, status, metadata }: CustomResourceDefinition, isStored: boolean): number {
  const stored = spec.versions.find(({ storage }) => storage)?.name;
  const hasOneVersion = isStored && (status?.storedVersions ?? []).every((name) => name === stored);
  if (!hasOneVersion) return Number.POSITIVE_INFINITY;
  // why 0: the schema of a definition that never changed has seen every object
  return (metadata.generation ?? 1) > 1 ? Number(metadata.resourceVersion) : 0;
}

/** An object as a version has it: what its schema does not know is not there. */
function inVersion(object: KubeObject, schema: StructuralSchema, apiVersion: string): KubeObject {
  const pruned = trusted<KubeObject>(pruneStructural(schema, object).value);
  return { ...pruned, apiVersion, kind: object.kind, metadata: object.metadata };
}

/** Metadata is not the schema's to default. */
function withDefaults(schema: StructuralSchema, object: KubeObject): KubeObject {
  const defaulted = trusted<KubeObject>(applyStructuralDefaults(schema, object));
  return defaulted.metadata === object.metadata ? defaulted : { ...defaulted, metadata: object.metadata };
}

function withoutStatus(object: KubeObject): KubeObject {
  const { status: _status, ...rest } = trusted<KubeObject & { readonly status?: unknown }>(object);
  return rest;
}

function scaleOf({ subresources }: CustomResourceDefinitionVersion): ScalePaths | undefined {
  const scale = subresources?.scale;
  if (scale === undefined) return undefined;
  const labelSelector = plainMembers(scale.labelSelectorPath ?? '');
  return {
    specReplicas: plainMembers(scale.specReplicasPath) ?? [],
    statusReplicas: plainMembers(scale.statusReplicasPath) ?? [],
    ...(labelSelector === undefined ? {} : { labelSelector }),
  };
}

function selectableField({ jsonPath }: SelectableField): [string, (object: KubeObject) => string] {
  const path = parseJsonPath(jsonPath);
  const read = (object: KubeObject): string => {
    const [value] = path.ok ? findByPath(path.value, object) : [];
    return typeof value === 'string' || typeof value === 'boolean' || isNumeric(value) ? String(value) : '';
  };
  return [jsonPath.replace(/^\./, ''), read];
}
