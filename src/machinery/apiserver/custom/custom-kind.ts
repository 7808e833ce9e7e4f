import type { CustomResourceDefinition, CustomResourceDefinitionVersion, SelectableField } from '#api/generated/kubernetes.ts';
import { schemaOf } from '#api/kinds/definition-version-validation.ts';
import type { KindDefinition, OwnSchema, ScalePaths } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { apiVersionOf, type Resource } from '#api/meta/resource.ts';
import { validateMetadata } from '#api/meta/validate-metadata.ts';
import { dns1123Subdomain } from '#api/meta/validate-name.ts';
import { applyStructuralDefaults, hasDefaults } from '#api/structural/defaults.ts';
import { findByPath, parseJsonPath, plainMembers } from '#api/structural/json-path.ts';
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
  const schema: StructuralSchema = schemaOf(version) ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
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
    ...deprecationOf(resource, version),
    ...(scale === undefined ? {} : { scale }),
    ...formsOf(definition, version, schema),
    subresources: [...(hasStatus ? (['status'] as const) : []), ...(scale === undefined ? [] : (['scale'] as const))],
    applyDefaults: (object) => withDefaults(schema, object),
    prepareForCreate: hasStatus ? withoutStatus : (object) => object,
    validate: (object) => [
      ...validateMetadata(object.metadata, { isNamespaced: resource.isNamespaced, name: dns1123Subdomain, hasPlainFinalizers: true }),
      ...validateStructural(schema, object),
    ],
    validateUpdate: () => [],
    selectableFields: Object.fromEntries((version.selectableFields ?? []).map(selectableField)),
    columns: columnsOf(version.additionalPrinterColumns ?? []),
    initialFinalizers: [],
    deletionGraceSec: () => 0,
  };
}

function hasRules(schema: StructuralSchema): boolean {
  return JSON.stringify(schema).includes('"x-kubernetes-validations"');
}

/** The rules of a schema, compiled when the first object asks: most kinds that are served have none for long, and rules take time and memory. */
function lazyRules(schema: StructuralSchema): NonNullable<OwnSchema['checkRules']> {
  let compiled: ReturnType<typeof compileRules> | undefined;
  return (next, previous) => {
    compiled ??= compileRules(schema, '');
    return compiled.tree === undefined ? [] : checkRules(compiled.tree, next, previous);
  };
}

/** What users of a version are told that is on its way out (apiextensions-apiserver `deprecationWarning`). */
function deprecationOf(resource: Resource, version: CustomResourceDefinitionVersion): Pick<KindDefinition, 'deprecation'> {
  if (version.deprecated !== true) return {};
  return { deprecation: version.deprecationWarning ?? `${apiVersionOf(resource)} ${resource.kind} is deprecated` };
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

type Forms = Pick<KindDefinition, 'fromStored' | 'toStored'>;

/** Versions differ in nothing but their name (conversion strategy None); a default that came later shows in older objects, too. */
function formsOf({ spec, status }: CustomResourceDefinition, version: CustomResourceDefinitionVersion, schema: StructuralSchema): Forms {
  const stored = spec.versions.find(({ storage }) => storage)?.name ?? version.name;
  const apiVersion = `${spec.group}/${version.name}`;
  const storedApiVersion = `${spec.group}/${stored}`;
  const hasOneVersion = stored === version.name && (status?.storedVersions ?? []).every((name) => name === stored);
  if (hasOneVersion && !hasDefaults(schema)) return {};
  return {
    fromStored: (object) => withDefaults(schema, object.apiVersion === apiVersion ? object : { ...object, apiVersion }),
    ...(stored === version.name ? {} : { toStored: (object) => ({ ...object, apiVersion: storedApiVersion }) }),
  };
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
