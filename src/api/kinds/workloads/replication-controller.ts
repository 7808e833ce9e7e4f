import type { PodTemplateSpec, ReplicationController, ReplicationControllerSpec } from '../../generated/kubernetes.ts';
import { required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { validateNonNegative } from '../../meta/validate-numbers.ts';
import { replicationControllers } from '../../resources.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { withDefaults } from '../defaulting.ts';
import { containerColumns, countColumn, selectorColumn } from './columns.ts';
import { defaultPodTemplate, validatePodSet } from './pod-template.ts';
import { REPLICAS_SCALE } from './scale.ts';
import { templateWarnings } from '../pod-warnings.ts';

/** core/v1 ReplicationController, what was there before ReplicaSets: its selector is a map of labels. */
export const replicationControllerKind: KindDefinition<ReplicationController> = {
  resource: replicationControllers,
  schema: 'io.k8s.api.core.v1.ReplicationController',
  subresources: ['status', 'scale'],
  scale: { ...REPLICAS_SCALE, selectorForm: 'labels' },
  applyDefaults: (controller) => {
    const { template } = controller.spec ?? {};
    const labels = template?.metadata?.labels;
    const metadata = isEmpty(controller.metadata.labels) && !isEmpty(labels) ? { ...controller.metadata, labels } : controller.metadata;
    return { ...controller, metadata, spec: defaultSpec(controller.spec ?? {}, labels) };
  },
  prepareForCreate: (controller) => ({ ...controller, status: { replicas: 0 } }),
  validate: ({ metadata, spec, status }) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...validateNonNegative({ replicas: spec?.replicas, minReadySeconds: spec?.minReadySeconds }, 'spec'),
    ...validateSpec(spec ?? {}),
    ...validateNonNegative({ replicas: status?.replicas, readyReplicas: status?.readyReplicas }, 'status'),
  ],
  validateUpdate: () => [],
  warnings: (next, previous) => templateWarnings({ template: next.spec.template, field: 'spec.template' }, next, previous),
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  columns: [
    nameColumn(),
    countColumn({ name: 'Desired', description: 'Pods that it asks for.' }, ({ spec }) => spec?.replicas),
    countColumn({ name: 'Current', description: 'Pods that there are.' }, ({ status }) => status?.replicas),
    countColumn({ name: 'Ready', description: 'Pods that are ready.' }, ({ status }) => status?.readyReplicas),
    ageColumn(),
    ...containerColumns<ReplicationController>(({ spec }) => spec?.template ?? {}),
    selectorColumn(({ spec }) => ({ matchLabels: spec?.selector })),
  ],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

function defaultSpec(spec: ReplicationControllerSpec, labels: Readonly<Record<string, string>> | undefined): ReplicationControllerSpec {
  const selector = isEmpty(spec.selector) && !isEmpty(labels) ? labels : spec.selector;
  return {
    ...withDefaults(spec, { replicas: 1 }),
    ...(selector === undefined ? {} : { selector }),
    ...(spec.template === undefined ? {} : { template: defaultPodTemplate(spec.template) }),
  };
}

function isEmpty(labels: Readonly<Record<string, string>> | undefined): boolean {
  return Object.keys(labels ?? {}).length === 0;
}

/** Faults of selector and template (core validation `ValidateReplicationControllerSpec`). */
function validateSpec({ selector = {}, template }: ReplicationControllerSpec): readonly FieldError[] {
  if (template === undefined) return [...(isEmpty(selector) ? [required('spec.selector')] : []), required('spec.template')];
  if (!isEmpty(selector)) return validatePodSet({ selector: { matchLabels: selector }, template }, WORDS).map(inMap);
  return [required('spec.selector'), ...validatePodSet({ selector: anySelector(template), template }, WORDS).filter(isOfTemplate)];
}

const WORDS = { selector: 'replication controllers', pods: 'ReplicationController' };

/** The selector is the map itself. */
function inMap(fault: FieldError): FieldError {
  return { ...fault, field: fault.field.replace('spec.selector.matchLabels', 'spec.selector') };
}

function anySelector({ metadata }: PodTemplateSpec): { readonly matchLabels: Readonly<Record<string, string>> } {
  return { matchLabels: metadata?.labels ?? {} };
}

function isOfTemplate({ field }: FieldError): boolean {
  return field.startsWith('spec.template');
}
