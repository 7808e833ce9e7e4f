import type { ReplicaSet } from '../../generated/kubernetes.ts';
import type { KindDefinition } from '../../meta/kind.ts';
import { immutableField, validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { validateNonNegative } from '../../meta/validate-numbers.ts';
import { replicaSets } from '../../resources.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { withDefaults } from '../defaulting.ts';
import { containerColumns, countColumn, selectorColumn } from './columns.ts';
import { defaultPodTemplate, validatePodSet } from './pod-template.ts';
import { REPLICAS_SCALE } from './scale.ts';
import { templateWarnings } from '../pod-warnings.ts';

/** apps/v1 ReplicaSet. */
export const replicaSetKind: KindDefinition<ReplicaSet> = {
  resource: replicaSets,
  schema: 'io.k8s.api.apps.v1.ReplicaSet',
  subresources: ['status', 'scale'],
  scale: REPLICAS_SCALE,
  applyDefaults: (set) => ({
    ...set,
    spec: { ...withDefaults(set.spec, { replicas: 1 }), template: defaultPodTemplate(set.spec?.template) },
  }),
  prepareForCreate: (set) => ({ ...set, status: { replicas: 0 } }),
  validate: ({ metadata, spec, status }) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...validateNonNegative({ replicas: spec.replicas, minReadySeconds: spec.minReadySeconds }, 'spec'),
    ...validatePodSet({ selector: spec.selector, template: spec.template ?? {} }, { selector: 'deployment', pods: 'ReplicaSet' }),
    ...validateNonNegative({ replicas: status?.replicas, readyReplicas: status?.readyReplicas }, 'status'),
  ],
  validateUpdate: (next, previous) => immutableField(next.spec.selector, previous.spec.selector, 'spec.selector'),
  warnings: (next, previous) => templateWarnings({ template: next.spec.template, field: 'spec.template' }, next, previous),
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  columns: [
    nameColumn(),
    countColumn({ name: 'Desired', description: 'Pods that it asks for.' }, ({ spec }) => spec.replicas),
    countColumn({ name: 'Current', description: 'Pods that there are.' }, ({ status }) => status?.replicas),
    countColumn({ name: 'Ready', description: 'Pods that are ready.' }, ({ status }) => status?.readyReplicas),
    ageColumn(),
    ...containerColumns<ReplicaSet>(({ spec }) => spec.template ?? {}),
    selectorColumn(({ spec }) => spec.selector),
  ],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};
