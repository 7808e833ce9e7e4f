import { deepEqual } from '#kit/json.ts';
import type {
  PersistentVolumeClaim,
  PodTemplateSpec,
  StatefulSet,
  StatefulSetSpec,
  StatefulSetUpdateStrategy,
} from '../../generated/kubernetes.ts';
import { forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Label } from '../../meta/validate-name.ts';
import { validateAtMostAll, validateCountOrPercent, validateNonNegative } from '../../meta/validate-numbers.ts';
import { statefulSets } from '../../resources.ts';
import { defaultClaimSpec, validateClaimSpec } from '../claim-spec.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { withDefaults, without } from '../defaulting.ts';
import { containerColumns } from './columns.ts';
import { defaultPodTemplate, validatePodSet } from './pod-template.ts';
import { REPLICAS_SCALE } from './scale.ts';
import { templateWarnings } from '../pod-warnings.ts';
import { validateClaimTemplates } from './claim-templates.ts';

/** apps/v1 StatefulSet. */
export const statefulSetKind: KindDefinition<StatefulSet> = {
  resource: statefulSets,
  schema: 'io.k8s.api.apps.v1.StatefulSet',
  subresources: ['status', 'scale'],
  scale: REPLICAS_SCALE,
  applyDefaults,
  prepareForCreate: (set) => ({ ...set, status: { replicas: 0, availableReplicas: 0 } }),
  validate: ({ metadata, spec, status }, previous) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Label }),
    // why new ones only: neither can be changed, and older sets may have what is refused now
    ...(previous === undefined ? validateFixed(spec) : []),
    ...validateSpec(spec),
    ...validateNonNegative({ replicas: status?.replicas, readyReplicas: status?.readyReplicas }, 'status'),
  ],
  validateUpdate,
  warnings: (next, previous) => templateWarnings({ template: next.spec.template, field: 'spec.template' }, next, previous),
  selectableFields: {},
  columns: [
    nameColumn(),
    column(
      { name: 'Ready', description: 'Pods that are ready, of those that it asks for.' },
      ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    ),
    ageColumn(),
    ...containerColumns<StatefulSet>(({ spec }) => spec.template),
  ],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

function applyDefaults(set: StatefulSet): StatefulSet {
  const spec = withDefaults<StatefulSetSpec>(set.spec, {
    replicas: 1,
    revisionHistoryLimit: 10,
    podManagementPolicy: 'OrderedReady',
    volumeClaimUpdatePolicy: 'OnClaimDelete',
  });
  const strategy = withDefaults<StatefulSetUpdateStrategy>(spec.updateStrategy, { type: 'RollingUpdate' });
  // why: who says the type, and no more, is left with it
  const isRolling = strategy.type === 'RollingUpdate' && (isEmpty(spec.updateStrategy?.type) || strategy.rollingUpdate !== undefined);
  return {
    ...set,
    spec: {
      ...spec,
      template: defaultPodTemplate(spec.template),
      updateStrategy: isRolling ? { ...strategy, rollingUpdate: withDefaults(strategy.rollingUpdate, { partition: 0 }) } : strategy,
      persistentVolumeClaimRetentionPolicy: withDefaults(spec.persistentVolumeClaimRetentionPolicy, {
        whenDeleted: 'Retain',
        whenScaled: 'Retain',
      }),
      ...(spec.volumeClaimTemplates === undefined ? {} : { volumeClaimTemplates: spec.volumeClaimTemplates.map(defaultClaimTemplate) }),
    },
  };
}

function isEmpty(text: string | undefined): boolean {
  return text === undefined || text === '';
}

/** A claim template is stored as a whole claim, as upstream's codec leaves it. */
function defaultClaimTemplate(claim: PersistentVolumeClaim): PersistentVolumeClaim {
  return {
    ...claim,
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    spec: defaultClaimSpec(claim.spec ?? {}),
    status: withDefaults(claim.status, { phase: 'Pending' }),
  };
}

/** Apps validation `ValidateStatefulSetSpec`. */
function validateSpec(spec: StatefulSetSpec): readonly FieldError[] {
  const { replicas, minReadySeconds, revisionHistoryLimit } = spec;
  return [
    ...validatePodManagement(spec.podManagementPolicy),
    ...validateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy'),
    ...validateRetention(spec),
    ...validateClaimUpdatePolicy(spec.volumeClaimUpdatePolicy),
    ...validateNonNegative({ replicas, minReadySeconds, revisionHistoryLimit }, 'spec'),
    ...validateNonNegative({ start: spec.ordinals?.start }, 'spec.ordinals'),
    ...validatePodSet({ selector: spec.selector, template: withClaims(spec) }, { selector: 'statefulset', pods: 'StatefulSet' }),
  ];
}

/** What stays as it was made: the claims of its pods, and the service that names them. */
function validateFixed({ serviceName = '', volumeClaimTemplates = [] }: StatefulSetSpec): readonly FieldError[] {
  return [
    ...volumeClaimTemplates.flatMap(({ spec }, index) => validateClaimSpec(spec ?? {}, `spec.volumeClaimTemplates[${index}].spec`)),
    ...(serviceName === '' ? [] : dns1123Label(serviceName).map((fault) => invalid('spec.serviceName', serviceName, fault))),
  ];
}

/** The template as its pods will be: named after the set, and with a volume of the name of each claim template in place of one that the template has. */
function withClaims({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  if (template.spec === undefined) return template;
  const spec = without(template.spec, 'hostname', 'subdomain');
  if (volumeClaimTemplates.length === 0) return { ...template, spec };
  const names = [...new Set(volumeClaimTemplates.map(({ metadata }) => metadata?.name ?? ''))];
  const claimed = names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  const others = (spec.volumes ?? []).filter(({ name }) => !names.includes(name));
  return { ...template, spec: { ...spec, volumes: [...others, ...claimed] } };
}

function validatePodManagement(policy: string | undefined): readonly FieldError[] {
  if (policy === 'OrderedReady' || policy === 'Parallel') return [];
  return [invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'")];
}

function validateStrategy({ type, rollingUpdate }: StatefulSetUpdateStrategy, field: string): readonly FieldError[] {
  switch (type) {
    case 'OnDelete':
      return rollingUpdate === undefined
        ? []
        : [invalid(`${field}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")];
    case 'RollingUpdate': {
      const { partition, maxUnavailable } = rollingUpdate ?? {};
      const faults = [...validateNonNegative({ partition }, `${field}.rollingUpdate`)];
      if (maxUnavailable === undefined) return faults;
      const at = `${field}.rollingUpdate.maxUnavailable`;
      if (maxUnavailable === 0 || maxUnavailable === '0%') faults.push(invalid(at, maxUnavailable, 'cannot be 0'));
      return [...faults, ...validateCountOrPercent(maxUnavailable, at), ...validateAtMostAll(maxUnavailable, at)];
    }
    case undefined:
      return [required(`${field}.type`)];
    default:
      return [invalid(field, { type, rollingUpdate }, "must be 'RollingUpdate' or 'OnDelete'")];
  }
}

function validateRetention({ persistentVolumeClaimRetentionPolicy: policy = {} }: StatefulSetSpec): readonly FieldError[] {
  return (['whenDeleted', 'whenScaled'] as const)
    .filter((when) => policy[when] !== 'Retain' && policy[when] !== 'Delete')
    .map((when) => notSupported(`spec.persistentVolumeClaimRetentionPolicy.${when}`, policy[when], ['Delete', 'Retain']));
}

function validateClaimUpdatePolicy(policy: string | undefined): readonly FieldError[] {
  // why undefined: sets of an earlier version do not say it
  return policy === undefined || CLAIM_UPDATE_POLICIES.includes(policy)
    ? []
    : [notSupported('spec.volumeClaimUpdatePolicy', policy, CLAIM_UPDATE_POLICIES)];
}

/** KEP-4650: what becomes of existing claims when their template changes. */
const CLAIM_UPDATE_POLICIES: readonly string[] = ['InPlace', 'OnClaimDelete'];

/** What of a StatefulSet may be changed (apps validation `ValidateStatefulSetUpdate`). */
const MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

/** What of a StatefulSet may be changed that upstream's released rules do not know yet (KEP-4650). */
const MUTABLE_TOO = ['volumeClaimUpdatePolicy', 'volumeClaimTemplates'] as const;

function validateUpdate(next: StatefulSet, previous: StatefulSet): readonly FieldError[] {
  const [after, before] = [without(next.spec, ...MUTABLE, ...MUTABLE_TOO), without(previous.spec, ...MUTABLE, ...MUTABLE_TOO)];
  const ofClaims = validateClaimTemplates(next.spec.volumeClaimTemplates ?? [], previous.spec.volumeClaimTemplates ?? []);
  if (deepEqual(after, before)) return ofClaims;
  const [rest, last] = [MUTABLE.slice(0, -1), MUTABLE.at(-1)];
  const allowed = `${rest.map((name) => `'${name}'`).join(', ')} and '${last}'`;
  const too = "'volumeClaimUpdatePolicy', and sizes, attributes class, labels and annotations in 'volumeClaimTemplates', may change too";
  return [forbidden('spec', `updates to statefulset spec for fields other than ${allowed} are forbidden (${too})`), ...ofClaims];
}
