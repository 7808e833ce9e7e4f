import type { DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy } from '../../generated/kubernetes.ts';
import { invalid, notSupported, required } from '../../meta/field-error.ts';
import { formatLabels } from '../../meta/format-selector.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { immutableField, validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { amountOf, validateAtMostAll, validateCountOrPercent, validateNonNegative } from '../../meta/validate-numbers.ts';
import { daemonSets } from '../../resources.ts';
import { ageColumn, column, nameColumn, NONE } from '../columns.ts';
import { withDefaults } from '../defaulting.ts';
import { containerColumns, countColumn, selectorColumn } from './columns.ts';
import { defaultPodTemplate, validatePodSet } from './pod-template.ts';
import { templateWarnings } from '../pod-warnings.ts';

/** apps/v1 DaemonSet. */
export const daemonSetKind: KindDefinition<DaemonSet> = {
  resource: daemonSets,
  schema: 'io.k8s.api.apps.v1.DaemonSet',
  subresources: ['status'],
  applyDefaults,
  prepareForCreate: (set) => ({
    ...set,
    status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  }),
  validate: ({ metadata, spec }) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...validatePodSet(spec, { selector: 'daemonset', pods: 'DaemonSet' }),
    ...validateNonNegative({ minReadySeconds: spec.minReadySeconds, revisionHistoryLimit: spec.revisionHistoryLimit }, 'spec'),
    ...validateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy'),
  ],
  validateUpdate: (next, previous) => immutableField(next.spec.selector, previous.spec.selector, 'spec.selector'),
  warnings: (next, previous) => templateWarnings({ template: next.spec.template, field: 'spec.template' }, next, previous),
  selectableFields: {},
  columns: [
    nameColumn(),
    countColumn({ name: 'Desired', description: 'Nodes that should run its pod.' }, ({ status }) => status?.desiredNumberScheduled),
    countColumn({ name: 'Current', description: 'Nodes that have its pod.' }, ({ status }) => status?.currentNumberScheduled),
    countColumn({ name: 'Ready', description: 'Pods that are ready.' }, ({ status }) => status?.numberReady),
    countColumn(
      { name: 'Up-to-date', description: 'Pods made from the template as it is now.' },
      ({ status }) => status?.updatedNumberScheduled,
    ),
    countColumn({ name: 'Available', description: 'Pods that have been ready for long enough.' }, ({ status }) => status?.numberAvailable),
    column({ name: 'Node Selector', description: 'Labels of the nodes that it is for.' }, ({ spec }) => {
      const text = formatLabels(spec.template.spec?.nodeSelector);
      return text === '' ? NONE : text;
    }),
    ageColumn(),
    ...containerColumns<DaemonSet>(({ spec }) => spec.template),
    selectorColumn(({ spec }) => spec.selector),
  ],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

function applyDefaults(set: DaemonSet): DaemonSet {
  const spec = withDefaults<DaemonSetSpec>(set.spec, { revisionHistoryLimit: 10 });
  const strategy = withDefaults<DaemonSetUpdateStrategy>(spec.updateStrategy, { type: 'RollingUpdate' });
  const isRolling = strategy.type === 'RollingUpdate';
  const updateStrategy = isRolling
    ? { ...strategy, rollingUpdate: withDefaults(strategy.rollingUpdate, { maxUnavailable: 1, maxSurge: 0 }) }
    : strategy;
  return { ...set, spec: { ...spec, template: defaultPodTemplate(spec.template), updateStrategy } };
}

/** Apps validation `ValidateDaemonSetUpdateStrategy`. */
function validateStrategy({ type, rollingUpdate }: DaemonSetUpdateStrategy, field: string): readonly FieldError[] {
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') return [notSupported(`${field}.type`, type, ['OnDelete', 'RollingUpdate'])];
  if (rollingUpdate === undefined) return [required(`${field}.rollingUpdate`)];
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  const [lacking, extra] = [`${field}.rollingUpdate.maxUnavailable`, `${field}.rollingUpdate.maxSurge`];
  const faults = [...validateCountOrPercent(maxUnavailable, lacking), ...validateCountOrPercent(maxSurge, extra)];
  const [hasLack, hasExtra] = [amountOf(maxUnavailable) !== 0, amountOf(maxSurge) !== 0];
  if (hasLack && hasExtra) faults.push(invalid(extra, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (!hasLack && !hasExtra) faults.push(required(lacking, 'cannot be 0 when maxSurge is 0'));
  return [...faults, ...validateAtMostAll(maxUnavailable, lacking), ...validateAtMostAll(maxSurge, extra)];
}
