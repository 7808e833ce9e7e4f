import { deepEqual } from '#kit/json.ts';
import type { StorageClass, TopologySelectorTerm } from '../generated/kubernetes.ts';
import { duplicate, invalid, notSupported, required, tooLong } from '../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../meta/kind.ts';
import { validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Subdomain, qualifiedName } from '../meta/validate-name.ts';
import { storageClasses } from '../resources.ts';
import { isDefaultClass } from '../storage/default-class.ts';
import { validateDeletionGrace } from '../undelete/deletion-grace.ts';
import { ageColumn, column } from './columns.ts';
import { withAbsent } from './defaulting.ts';

/** Bounds of upstream pkg/apis/storage/validation. */
const MAX_PARAMETERS = 512;
const MAX_PARAMETER_BYTES = 256 * 1024;

/** CLASS-12: what can't be changed, and the way out. */
const FIXED = ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'] as const;
const REMEDY = 'create a new StorageClass with the values you want';

/** storage.k8s.io/v1 StorageClass. */
export const storageClassKind: KindDefinition<StorageClass> = {
  resource: storageClasses,
  schema: 'io.k8s.api.storage.v1.StorageClass',
  subresources: [],
  applyDefaults: (storageClass) => withAbsent(storageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  prepareForCreate: (storageClass) => storageClass,
  validate: (storageClass) => [
    ...validateMetadata(storageClass.metadata, { isNamespaced: false, name: dns1123Subdomain }),
    ...validateProvisioner(storageClass.provisioner),
    ...validateParameters(storageClass.parameters),
    ...validateModes(storageClass),
    ...validateTopologies(storageClass.allowedTopologies ?? []),
    ...validateDeletionGrace(storageClass),
  ],
  validateUpdate,
  selectableFields: {},
  columns: [
    column({ name: 'Name', description: 'Name of the class; marked where it is the default.' }, (storageClass) =>
      isDefaultClass(storageClass) ? `${storageClass.metadata.name} (default)` : storageClass.metadata.name,
    ),
    column({ name: 'Provisioner', description: 'The CSI driver that makes the volumes.' }, (storageClass) => storageClass.provisioner),
    column(
      { name: 'ReclaimPolicy', description: 'What happens to a volume whose claim is deleted.' },
      (storageClass) => storageClass.reclaimPolicy ?? 'Delete',
    ),
    column(
      { name: 'VolumeBindingMode', description: 'When volumes are made: at once, or when a pod needs them.' },
      (storageClass) => storageClass.volumeBindingMode ?? 'Immediate',
    ),
    column(
      { name: 'AllowVolumeExpansion', type: 'boolean', description: 'Whether volumes can grow.' },
      (storageClass) => storageClass.allowVolumeExpansion === true,
    ),
    ageColumn(),
  ],
  initialFinalizers: [],
  answersDeletedObject: true,
  deletionGraceSec: () => 0,
};

function validateProvisioner(provisioner: string | undefined): readonly FieldError[] {
  if (provisioner === undefined || provisioner === '') return [required('provisioner', 'name the CSI driver that makes the volumes')];
  return qualifiedName(provisioner.toLowerCase()).map((fault) => invalid('provisioner', provisioner, fault));
}

function validateParameters(parameters: StorageClass['parameters']): readonly FieldError[] {
  const entries = Object.entries(parameters ?? {});
  if (entries.length > MAX_PARAMETERS) return [tooLong('parameters', MAX_PARAMETERS)];
  const size = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  return [
    ...entries.filter(([key]) => key === '').map(([key]) => invalid('parameters', key, 'field can not be empty.')),
    ...(size > MAX_PARAMETER_BYTES ? [tooLong('parameters', MAX_PARAMETER_BYTES)] : []),
  ];
}

function validateModes({ reclaimPolicy, volumeBindingMode }: StorageClass): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (reclaimPolicy !== 'Delete' && reclaimPolicy !== 'Retain')
    faults.push(notSupported('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']));
  if (volumeBindingMode !== 'Immediate' && volumeBindingMode !== 'WaitForFirstConsumer') {
    faults.push(notSupported('volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']));
  }
  return faults;
}

/** What `term` asks for, whatever the order; nothing at all asks for the same as another that asks for nothing. */
function meaningOf({ matchLabelExpressions = [] }: TopologySelectorTerm): string {
  const byKey = matchLabelExpressions.map(({ key, values }): [string, readonly string[]] => [key, [...new Set(values)].toSorted()]);
  return JSON.stringify([...new Map(byKey)].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function validateTopologies(terms: readonly TopologySelectorTerm[]): readonly FieldError[] {
  // why one that asks for nothing: upstream counts it as a repetition from the first on
  const seen = new Set([meaningOf({})]);
  return terms.flatMap((term, index) => {
    const field = `allowedTopologies[${index}]`;
    const meaning = meaningOf(term);
    const faults = [...validateTopology(term, field), ...(seen.has(meaning) ? [duplicate(`${field}.matchLabelExpressions`, '')] : [])];
    seen.add(meaning);
    return faults;
  });
}

function validateTopology(term: TopologySelectorTerm, field: string): readonly FieldError[] {
  const keys = new Set<string>();
  return (term.matchLabelExpressions ?? []).flatMap((expression, index) => {
    const at = `${field}.matchLabelExpressions[${index}]`;
    const values = expression.values ?? [];
    const faults = [
      ...qualifiedName(expression.key ?? '').map((fault) => invalid(`${at}.key`, expression.key, fault)),
      ...(values.length === 0 ? [required(`${at}.values`)] : []),
      ...values.flatMap((value, place) => (values.indexOf(value) < place ? [duplicate(`${at}.values[${place}]`, value)] : [])),
      ...(keys.has(expression.key) ? [duplicate(`${at}.key`, expression.key)] : []),
    ];
    keys.add(expression.key);
    return faults;
  });
}

function validateUpdate(next: StorageClass, previous: StorageClass): readonly FieldError[] {
  const isChanged = (field: (typeof FIXED)[number]): boolean => !deepEqual(next[field] ?? {}, previous[field] ?? {});
  return FIXED.filter(isChanged).map((field) => invalid(field, next[field], `field is immutable: ${REMEDY}`));
}
