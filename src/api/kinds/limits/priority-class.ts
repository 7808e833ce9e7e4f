import type { PriorityClass } from '../../generated/kubernetes.ts';
import { forbidden, notSupported } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { immutableField, validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { SYSTEM_PRIORITY_CLASSES } from '../../priority.ts';
import { priorityClasses } from '../../resources.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { withDefaults } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';

/** Highest priority of a class that a user makes (scheduling/v1 `HighestUserDefinablePriority`). */
const HIGHEST_OF_USERS = 1_000_000_000;
const POLICIES = ['Never', 'PreemptLowerPriority'];
const SYSTEM_PREFIX = 'system-';

/** scheduling.k8s.io/v1 PriorityClass. */
export const priorityClassKind: KindDefinition<PriorityClass> = {
  ...PLAIN_KIND,
  resource: priorityClasses,
  schema: 'io.k8s.api.scheduling.v1.PriorityClass',
  applyDefaults: (priorityClass) => withDefaults(priorityClass, { preemptionPolicy: 'PreemptLowerPriority', value: 0 }),
  validate: (priorityClass) => [
    ...validateMetadata(priorityClass.metadata, { isNamespaced: false, name: dns1123Subdomain }),
    ...validateRank(priorityClass),
    ...(POLICIES.includes(priorityClass.preemptionPolicy ?? '')
      ? []
      : [notSupported('preemptionPolicy', priorityClass.preemptionPolicy, POLICIES)]),
  ],
  validateUpdate: (next, previous) => [
    ...(next.value === previous.value ? [] : [forbidden('value', 'may not be changed in an update.')]),
    ...immutableField(next.preemptionPolicy, previous.preemptionPolicy, 'preemptionPolicy'),
  ],
  columns: [
    nameColumn(),
    column({ name: 'Value', type: 'integer', description: 'The priority of its pods; more comes first.' }, ({ value }) => value ?? 0),
    column(
      { name: 'Global-Default', type: 'boolean', description: 'Whether pods that name no class have this one.' },
      ({ globalDefault }) => globalDefault === true,
    ),
    ageColumn(),
    column(
      { name: 'PreemptionPolicy', description: 'Whether its pods may take the place of others.' },
      ({ preemptionPolicy }) => preemptionPolicy ?? '',
    ),
  ],
};

/** Scheduling validation `ValidatePriorityClass`. */
function validateRank({ metadata: { name }, value = 0, globalDefault = false }: PriorityClass): readonly FieldError[] {
  if (!name.startsWith(SYSTEM_PREFIX)) {
    const detail = `maximum allowed value of a user defined priority is ${HIGHEST_OF_USERS}`;
    return value > HIGHEST_OF_USERS ? [forbidden('value', detail)] : [];
  }
  if (SYSTEM_PRIORITY_CLASSES.get(name) === value && !globalDefault) return [];
  const detail = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${name} is not a known system priority class`;
  return [forbidden('metadata.name', detail)];
}
