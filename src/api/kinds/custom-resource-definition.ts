import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
  CustomResourceSubresourceScale,
} from '../generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
import { invalid } from '../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../meta/kind.ts';
import { validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../meta/validate-name.ts';
import { customResourceDefinitions } from '../resources.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { withDefaults, withMember } from './defaulting.ts';
import { validateApproval } from './definition-approval.ts';
import { conditionOf, ESTABLISHED } from './definition-status.ts';
import { validateDefinitionSpec } from './definition-validation.ts';

/** Holds a definition until all its objects are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** apiextensions.k8s.io/v1 CustomResourceDefinition. */
export const customResourceDefinitionKind: KindDefinition<CustomResourceDefinition> = {
  resource: customResourceDefinitions,
  schema: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  needsVersionForUpdate: true,
  subresources: ['status'],
  applyDefaults,
  prepareForCreate: ({ status: _status, ...definition }) => definition,
  validate,
  validateUpdate,
  selectableFields: {},
  columns: [
    nameColumn(),
    column({ name: 'Created At', description: 'When the definition was created.' }, ({ metadata }) => metadata.creationTimestamp),
    column({ name: 'Established', description: 'Whether its objects are served.', isWide: true }, (definition) =>
      String(conditionOf(definition, ESTABLISHED)?.status === 'True'),
    ),
    { ...ageColumn<CustomResourceDefinition>(), priority: 1 },
  ],
  initialFinalizers: [CLEANUP_FINALIZER],
  answersDeletedObject: true,
  deletionGraceSec: () => 0,
};

function applyDefaults(definition: CustomResourceDefinition): CustomResourceDefinition {
  const spec = withDefaults(definition.spec, { group: '', scope: '', versions: [], conversion: { strategy: 'None' } });
  return { ...definition, spec: { ...spec, names: withNames(spec.names), versions: spec.versions.map(withVersionDefaults) } };
}

function withNames(given: CustomResourceDefinitionNames | undefined): CustomResourceDefinitionNames {
  const names = withDefaults(given, { plural: '', kind: '' });
  return withDefaults(names, { singular: names.kind.toLowerCase(), listKind: `${names.kind}List` });
}

/** What a client must give is there at least empty, so that everything after this may rely on it. */
function withVersionDefaults(given: CustomResourceDefinitionVersion): CustomResourceDefinitionVersion {
  const { additionalPrinterColumns = [], subresources, selectableFields, ...rest } = given;
  const columns = additionalPrinterColumns.map((item) => withDefaults(item, { name: '', type: '', jsonPath: '' }));
  return {
    ...withDefaults(trusted<CustomResourceDefinitionVersion>(rest), { name: '', served: false, storage: false }),
    ...(columns.length === 0 ? {} : { additionalPrinterColumns: columns }),
    ...(subresources === undefined ? {} : { subresources: withMember(subresources, 'scale', withPaths) }),
    ...(selectableFields === undefined ? {} : { selectableFields: selectableFields.map((item) => withDefaults(item, { jsonPath: '' })) }),
  };
}

function withPaths(scale: CustomResourceSubresourceScale): CustomResourceSubresourceScale {
  return withDefaults(scale, { specReplicasPath: '', statusReplicasPath: '' });
}

function validate(definition: CustomResourceDefinition, previous?: CustomResourceDefinition): readonly FieldError[] {
  const { metadata, spec } = definition;
  const faults: FieldError[] = [...validateMetadata(metadata, { isNamespaced: false, name: dns1123Subdomain, hasPlainFinalizers: true })];
  const expected = `${spec.names.plural}.${spec.group}`;
  if (metadata.name !== expected) faults.push(invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'));
  faults.push(...validateApproval(definition, previous), ...validateDefinitionSpec(spec));
  const known = new Set(spec.versions.map(({ name }) => name));
  for (const [index, stored] of (definition.status?.storedVersions ?? []).entries()) {
    if (!known.has(stored))
      faults.push(
        invalid(
          `status.storedVersions[${index}]`,
          stored,
          `missing from spec.versions; it must be there because it was once a storage version: ${STORED_REMEDY}`,
        ),
      );
  }
  return faults;
}

const STORED_REMEDY = 'rewrite all objects first, then remove it from status.storedVersions';

/** What others built on an established definition stays. */
function validateUpdate(next: CustomResourceDefinition, previous: CustomResourceDefinition): readonly FieldError[] {
  if (conditionOf(previous, ESTABLISHED)?.status !== 'True') return [];
  const fixed: readonly (readonly [string, unknown, unknown])[] = [
    ['spec.scope', next.spec.scope, previous.spec.scope],
    ['spec.names.kind', next.spec.names.kind, previous.spec.names.kind],
    ['spec.names.plural', next.spec.names.plural, previous.spec.names.plural],
    ['spec.group', next.spec.group, previous.spec.group],
  ];
  return fixed.filter(([, now, before]) => now !== before).map(([field, now]) => invalid(field, now, 'field is immutable'));
}
