import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from '../../generated/kubernetes.ts';
import { invalid, notSupported } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateLabelSelector } from '../../meta/validate-label-selector.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { validateAtMostAll, validateCountOrPercent } from '../../meta/validate-numbers.ts';
import { podDisruptionBudgets } from '../../resources.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { withDefaults } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';

const NOT_ASKED = 'N/A';
const POLICIES = ['AlwaysAllow', 'IfHealthyBudget'];

/** policy/v1 PodDisruptionBudget. */
export const podDisruptionBudgetKind: KindDefinition<PodDisruptionBudget> = {
  ...PLAIN_KIND,
  resource: podDisruptionBudgets,
  schema: 'io.k8s.api.policy.v1.PodDisruptionBudget',
  needsVersionForUpdate: true,
  subresources: ['status'],
  applyDefaults: (budget) => ({ ...budget, spec: withDefaults(budget.spec, {}) }),
  prepareForCreate: (budget) => ({
    ...budget,
    status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  }),
  validate: ({ metadata, spec }) => [...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }), ...validateSpec(spec)],
  columns: [
    nameColumn(),
    column({ name: 'Min Available', description: 'Pods that have to stay.' }, ({ spec }) => String(spec.minAvailable ?? NOT_ASKED)),
    column({ name: 'Max Unavailable', description: 'Pods that may be missing.' }, ({ spec }) => String(spec.maxUnavailable ?? NOT_ASKED)),
    column(
      { name: 'Allowed Disruptions', type: 'integer', description: 'Pods that may be evicted now.' },
      ({ status }) => status?.disruptionsAllowed ?? 0,
    ),
    ageColumn(),
  ],
};

/** Policy validation `ValidatePodDisruptionBudgetSpec`. */
function validateSpec(spec: PodDisruptionBudgetSpec): readonly FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec;
  const faults: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined)
    faults.push(invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set'));
  for (const [name, value] of [
    ['minAvailable', minAvailable],
    ['maxUnavailable', maxUnavailable],
  ] as const) {
    if (value !== undefined) faults.push(...validateCountOrPercent(value, `spec.${name}`), ...validateAtMostAll(value, `spec.${name}`));
  }
  if (selector !== undefined) faults.push(...validateLabelSelector(selector, 'spec.selector'));
  if (policy !== undefined && !POLICIES.includes(policy)) faults.push(notSupported('spec.unhealthyPodEvictionPolicy', policy, POLICIES));
  return faults;
}
