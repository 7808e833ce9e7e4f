import type { Namespace } from '../generated/kubernetes.ts';
import { invalid } from '../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../meta/kind.ts';
import { STANDARD_FINALIZERS, validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Label, qualifiedName } from '../meta/validate-name.ts';
import { namespaces } from '../resources.ts';
import { ageColumn, column, nameColumn } from './columns.ts';

/** The label by which selectors find a namespace by its name (core/v1 `LabelMetadataName`). */
const NAME_LABEL = 'kubernetes.io/metadata.name';

/** core/v1 Namespace. */
export const namespaceKind: KindDefinition<Namespace> = {
  resource: namespaces,
  schema: 'io.k8s.api.core.v1.Namespace',
  subresources: ['status', 'finalize'],
  unservedVerbs: ['deletecollection'],
  applyDefaults: (namespace) => ({
    ...namespace,
    metadata: { ...namespace.metadata, labels: { ...namespace.metadata.labels, [NAME_LABEL]: namespace.metadata.name } },
  }),
  prepareForCreate: (namespace) => {
    const finalizers = namespace.spec?.finalizers ?? [];
    return {
      ...namespace,
      spec: { finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'] },
      status: { phase: 'Active' },
    };
  },
  // why: only the finalize subresource, which the server handles before this, takes finalizers out of the spec
  prepareForUpdate: (next, previous) => ({ ...next, spec: previous.spec }),
  validate: (namespace) => [
    ...validateMetadata(namespace.metadata, { isNamespaced: false, name: dns1123Label }),
    ...(namespace.spec?.finalizers ?? []).flatMap(validateFinalizer),
  ],
  validateUpdate: () => [],
  selectableFields: { 'status.phase': (namespace) => namespace.status?.phase ?? '', name: (namespace) => namespace.metadata.name },
  columns: [
    nameColumn(),
    column({ name: 'Status', description: 'The phase of the namespace.' }, (namespace) => namespace.status?.phase ?? ''),
    ageColumn(),
  ],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

/** Core validation `validateFinalizerName`. */
function validateFinalizer(name: string): readonly FieldError[] {
  const field = 'spec.finalizers';
  const isKnown = name.includes('/') || STANDARD_FINALIZERS.has(name);
  return [
    ...qualifiedName(name).map((fault) => invalid(field, name, fault)),
    ...(isKnown ? [] : [invalid(field, name, 'name is neither a standard finalizer name nor is it fully qualified')]),
  ];
}
