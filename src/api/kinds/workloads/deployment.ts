import type { Deployment, DeploymentSpec, DeploymentStrategy } from '../../generated/kubernetes.ts';
import { forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { immutableField, validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { amountOf, validateAtMostAll, validateCountOrPercent, validateNonNegative } from '../../meta/validate-numbers.ts';
import { deployments } from '../../resources.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { withAbsent, withDefaults } from '../defaulting.ts';
import { containerColumns, countColumn, selectorColumn } from './columns.ts';
import { defaultPodTemplate, validatePodSet } from './pod-template.ts';
import { REPLICAS_SCALE } from './scale.ts';
import { templateWarnings } from '../pod-warnings.ts';

/** apps/v1 Deployment. */
export const deploymentKind: KindDefinition<Deployment> = {
  resource: deployments,
  schema: 'io.k8s.api.apps.v1.Deployment',
  subresources: ['status', 'scale'],
  metadataKeptByStatus: ['labels'],
  scale: REPLICAS_SCALE,
  applyDefaults,
  prepareForCreate: (deployment) => ({ ...deployment, status: {} }),
  validate: ({ metadata, spec, status }) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...validateSpec(spec),
    ...validateNonNegative({ replicas: status?.replicas, readyReplicas: status?.readyReplicas }, 'status'),
  ],
  validateUpdate: (next, previous) => immutableField(next.spec.selector, previous.spec.selector, 'spec.selector'),
  warnings: (next, previous) => templateWarnings({ template: next.spec.template, field: 'spec.template' }, next, previous),
  selectableFields: {},
  columns: [
    nameColumn(),
    column({ name: 'Ready', description: 'Pods that are ready, of those that it asks for.' }, readyText),
    countColumn({ name: 'Up-to-date', description: 'Pods made from the template as it is now.' }, ({ status }) => status?.updatedReplicas),
    countColumn(
      { name: 'Available', description: 'Pods that have been ready for long enough.' },
      ({ status }) => status?.availableReplicas,
    ),
    ageColumn(),
    ...containerColumns<Deployment>(({ spec }) => spec.template),
    selectorColumn(({ spec }) => spec.selector),
  ],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

/** The share of pods that may be missing, or be there in addition, while a deployment changes (apps/v1 defaults.go). */
const ROLLING_SHARE = '25%';

function applyDefaults(deployment: Deployment): Deployment {
  const spec = withDefaults<DeploymentSpec>(deployment.spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
  const strategy = withDefaults<DeploymentStrategy>(spec.strategy, { type: 'RollingUpdate' });
  const isRolling = strategy.type === 'RollingUpdate';
  const shares = { maxUnavailable: ROLLING_SHARE, maxSurge: ROLLING_SHARE };
  return {
    ...deployment,
    spec: {
      ...spec,
      template: defaultPodTemplate(spec.template),
      strategy: isRolling ? { ...strategy, rollingUpdate: withAbsent(strategy.rollingUpdate, shares) } : strategy,
    },
  };
}

function readyText({ spec, status }: Deployment): string {
  return `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`;
}

/** Apps validation `ValidateDeploymentSpec`. */
function validateSpec(spec: DeploymentSpec): readonly FieldError[] {
  const { replicas, minReadySeconds = 0, revisionHistoryLimit, progressDeadlineSeconds } = spec;
  const faults = [
    ...validateNonNegative({ replicas }, 'spec'),
    ...validatePodSet(spec, { selector: 'deployment', pods: 'ReplicaSet' }),
    ...validateStrategy(spec.strategy ?? {}, 'spec.strategy'),
    ...validateNonNegative({ minReadySeconds, revisionHistoryLimit, progressDeadlineSeconds }, 'spec'),
  ];
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= minReadySeconds) {
    faults.push(invalid('spec.progressDeadlineSeconds', progressDeadlineSeconds, 'must be greater than minReadySeconds'));
  }
  return faults;
}

function validateStrategy({ type, rollingUpdate }: DeploymentStrategy, field: string): readonly FieldError[] {
  if (type === 'Recreate') {
    return rollingUpdate === undefined
      ? []
      : [forbidden(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
  }
  if (type !== 'RollingUpdate') return [notSupported(field, { type, rollingUpdate }, ['Recreate', 'RollingUpdate'])];
  if (rollingUpdate === undefined) return [required(`${field}.rollingUpdate`, 'this should be defaulted and never be nil')];
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  const isStuck = amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0;
  return [
    ...validateCountOrPercent(maxUnavailable, `${field}.rollingUpdate.maxUnavailable`),
    ...validateCountOrPercent(maxSurge, `${field}.rollingUpdate.maxSurge`),
    ...(isStuck ? [invalid(`${field}.rollingUpdate.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')] : []),
    ...validateAtMostAll(maxUnavailable, `${field}.rollingUpdate.maxUnavailable`),
  ];
}
