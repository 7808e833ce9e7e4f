import type { ControllerRevision } from '../../generated/kubernetes.ts';
import { required } from '../../meta/field-error.ts';
import type { KindDefinition } from '../../meta/kind.ts';
import { immutableField, validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { validateNonNegative } from '../../meta/validate-numbers.ts';
import { controllerRevisions } from '../../resources.ts';
import { ageColumn, column, nameColumn, NONE } from '../columns.ts';

/** apps/v1 ControllerRevision. */
export const controllerRevisionKind: KindDefinition<ControllerRevision> = {
  resource: controllerRevisions,
  schema: 'io.k8s.api.apps.v1.ControllerRevision',
  subresources: [],
  applyDefaults: (revision) => revision,
  prepareForCreate: (revision) => revision,
  validate: ({ metadata, data, revision }) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...(data === undefined ? [required('data', 'data is mandatory')] : []),
    // why: upstream names no parent for this one field
    ...validateNonNegative({ revision }, '').map((fault) => ({ ...fault, field: 'revision' })),
  ],
  validateUpdate: (next, previous) => immutableField(next.data, previous.data, 'data'),
  selectableFields: {},
  columns: [
    nameColumn(),
    column({ name: 'Controller', description: 'The object whose state it keeps.' }, controllerText),
    column({ name: 'Revision', type: 'integer', description: 'Its number; the highest is the newest.' }, ({ revision }) => revision ?? 0),
    ageColumn(),
  ],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

function controllerText({ metadata }: ControllerRevision): string {
  const owner = (metadata.ownerReferences ?? []).find(({ controller }) => controller === true);
  if (owner === undefined) return NONE;
  const [group = ''] = owner.apiVersion.includes('/') ? owner.apiVersion.split('/') : [];
  const kind = owner.kind.toLowerCase();
  return `${group === '' ? kind : `${kind}.${group}`}/${owner.name}`;
}
