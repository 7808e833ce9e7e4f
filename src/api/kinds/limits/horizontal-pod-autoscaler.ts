import type {
  AutoscalingHorizontalPodAutoscaler as HorizontalPodAutoscaler,
  AutoscalingHorizontalPodAutoscalerSpec as Spec,
  MetricSpec,
  MetricTarget,
} from '../../generated/kubernetes.ts';
import { forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain, pathSegment } from '../../meta/validate-name.ts';
import { horizontalPodAutoscalers } from '../../resources.ts';
import { ageColumn, column, nameColumn, UNSET } from '../columns.ts';
import { withDefaults } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';

/** Share of the requested CPU that is aimed at where nothing is said, in percent (autoscaling/v2 defaults.go). */
const DEFAULT_CPU = 80;
const METRICS = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'] as const;
const SHOWN_METRICS = 2;

/** autoscaling/v2 HorizontalPodAutoscaler. */
export const horizontalPodAutoscalerKind: KindDefinition<HorizontalPodAutoscaler> = {
  ...PLAIN_KIND,
  resource: horizontalPodAutoscalers,
  schema: 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
  subresources: ['status'],
  applyDefaults: (autoscaler) => ({ ...autoscaler, spec: defaultSpec(autoscaler.spec) }),
  prepareForCreate: (autoscaler) => ({ ...autoscaler, status: { currentReplicas: 0, desiredReplicas: 0, currentMetrics: [] } }),
  validate: ({ metadata, spec }) => [...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }), ...validateSpec(spec)],
  columns: [
    nameColumn(),
    column(
      { name: 'Reference', description: 'What it scales.' },
      ({ spec }) => `${spec.scaleTargetRef?.kind}/${spec.scaleTargetRef?.name}`,
    ),
    column({ name: 'Targets', description: 'What is measured, of what is aimed at.' }, ({ spec }) => targetsText(spec.metrics ?? [])),
    column({ name: 'MinPods', description: 'Fewest pods.' }, ({ spec }) => String(spec.minReplicas ?? UNSET)),
    column({ name: 'MaxPods', type: 'integer', description: 'Most pods.' }, ({ spec }) => spec.maxReplicas ?? 0),
    column({ name: 'Replicas', type: 'integer', description: 'Pods that there are.' }, ({ status }) => status?.currentReplicas ?? 0),
    ageColumn(),
  ],
};

function defaultSpec(given: Spec | undefined): Spec {
  const spec = withDefaults<Spec>(given, { minReplicas: 1 });
  const hasMetrics = (spec.metrics ?? []).length > 0;
  const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: DEFAULT_CPU } } };
  return hasMetrics ? spec : { ...spec, metrics: [cpu] };
}

/** Nothing measures the pods here, so that what is measured is never known. */
function targetsText(metrics: readonly MetricSpec[]): string {
  const texts = metrics.map((metric) => `${nameOf(metric)}<unknown>/${aimOf(targetOf(metric))}`);
  const shown = texts.slice(0, SHOWN_METRICS).join(', ');
  return texts.length > SHOWN_METRICS ? `${shown} + ${texts.length - SHOWN_METRICS} more...` : shown;
}

function nameOf({ resource, containerResource }: MetricSpec): string {
  const name = resource?.name ?? containerResource?.name;
  return name === undefined ? '' : `${name}: `;
}

function targetOf({ resource, containerResource, pods, object, external }: MetricSpec): MetricTarget | undefined {
  return (resource ?? containerResource ?? pods ?? object ?? external)?.target;
}

function aimOf(target: MetricTarget | undefined): string {
  if (target?.averageUtilization !== undefined) return `${target.averageUtilization}%`;
  return target?.averageValue === undefined ? (target?.value ?? '<auto>') : target.averageValue;
}

/** Autoscaling validation `validateHorizontalPodAutoscalerSpec`. */
function validateSpec({ minReplicas = 1, maxReplicas = 0, metrics = [], scaleTargetRef }: Partial<Spec>): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (minReplicas < 1) faults.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  if (maxReplicas === 0) faults.push(required('spec.maxReplicas', 'must be set and greater than 0'));
  if (maxReplicas < 0) faults.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to 1'));
  if (maxReplicas < minReplicas) faults.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  return [
    ...faults,
    ...validateReference(scaleTargetRef ?? {}, 'spec.scaleTargetRef'),
    ...metrics.flatMap((metric, index) => validateMetric(metric, `spec.metrics[${index}]`)),
  ];
}

function validateReference(
  { apiVersion = '', kind = '', name = '' }: Partial<Spec['scaleTargetRef']>,
  field: string,
): readonly FieldError[] {
  const parts = Object.entries({ kind, name }).flatMap(([member, value]) =>
    value === '' ? [required(`${field}.${member}`)] : pathSegment(value).map((fault) => invalid(`${field}.${member}`, value, fault)),
  );
  return [...parts, ...validateVersion(apiVersion, kind).map((fault) => invalid(`${field}.apiVersion`, apiVersion, fault))];
}

/** Only one kind that can be scaled has no group. */
function validateVersion(apiVersion: string, kind: string): readonly string[] {
  const slashes = apiVersion.split('/').length - 1;
  if (slashes > 1) return [`unexpected GroupVersion string: ${apiVersion}`];
  const hasGroup = slashes === 1 && !apiVersion.startsWith('/');
  return hasGroup || kind === 'ReplicationController' ? [] : ['apiVersion must specify API group, for example apps/v1'];
}

function validateMetric(metric: Partial<MetricSpec>, field: string): readonly FieldError[] {
  const { type = '' } = metric;
  const known = METRICS.find((name) => name === type);
  const missing = type === '' ? [required(`${field}.type`, 'must specify a metric source type')] : [];
  if (known === undefined) return [...missing, notSupported(`${field}.type`, type, METRICS)];
  const member = `${known.slice(0, 1).toLowerCase()}${known.slice(1)}`;
  const isThere = new Map<string, unknown>(Object.entries(metric)).get(member) !== undefined;
  if (!isThere) return [required(`${field}.${member}`, 'must populate information for the given metric source')];
  return known === 'Resource' ? validateResource(metric.resource ?? {}, `${field}.resource`) : [];
}

/** Autoscaling validation `validateResourceSource`. */
function validateResource({ name = '', target = {} }: ResourceSource, field: string): readonly FieldError[] {
  return [
    ...(name === '' ? [required(`${field}.name`, 'must specify a resource name')] : []),
    ...validateTargetType(target.type ?? '', `${field}.target.type`),
    ...validateAim(target, `${field}.target`),
  ];
}

function validateTargetType(type: string, field: string): readonly FieldError[] {
  return [
    ...(type === '' ? [required(field, 'must specify a metric target type')] : []),
    ...(TARGETS.includes(type) ? [] : [invalid(field, type, 'must be either Utilization, Value, or AverageValue')]),
  ];
}

function validateAim({ averageUtilization: share, averageValue }: Partial<MetricTarget>, field: string): readonly FieldError[] {
  const [ofShare, ofValue] = [`${field}.averageUtilization`, `${field}.averageValue`];
  if (share === undefined)
    return averageValue === undefined ? [required(ofShare, 'must set either a target raw value or a target utilization')] : [];
  return [
    ...(share < 1 ? [invalid(ofShare, share, 'must be greater than 0')] : []),
    ...(averageValue === undefined ? [] : [forbidden(ofValue, 'may not set both a target raw value and a target utilization')]),
  ];
}

interface ResourceSource {
  readonly name?: string;
  readonly target?: Partial<MetricTarget>;
}

const TARGETS = ['AverageValue', 'Utilization', 'Value'];
