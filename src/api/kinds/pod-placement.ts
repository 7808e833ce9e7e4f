import type {
  Affinity,
  LabelSelector,
  PodAffinity,
  PodAffinityTerm,
  PodSpec,
  PreferredSchedulingTerm,
  TopologySpreadConstraint,
} from '../generated/kubernetes.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { validateLabelSelector } from '../meta/validate-label-selector.ts';
import { dns1123Label, qualifiedName } from '../meta/validate-name.ts';
import { validateNodeSelector, validateRequirements } from './node-selector.ts';

const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway'];
const POLICIES = ['Honor', 'Ignore'];
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

/** Faults of where a pod wants to be, beside its tolerations and its node selector, at `field`. */
export function validateWishes(
  { affinity, topologySpreadConstraints = [], schedulingGates = [] }: PodSpec,
  field: string,
): readonly FieldError[] {
  const gates = schedulingGates.map(({ name }) => name ?? '');
  return [
    ...gates.flatMap((name, index) => [
      ...qualifiedName(name).map((fault) => invalid(`${field}.schedulingGates[${index}]`, name, fault)),
      ...(gates.indexOf(name) < index ? [duplicate(`${field}.schedulingGates[${index}]`, name)] : []),
    ]),
    ...(affinity === undefined ? [] : validateAffinity(affinity, `${field}.affinity`)),
    ...topologySpreadConstraints.flatMap((constraint, index) =>
      validateSpread(constraint, topologySpreadConstraints.slice(index + 1), `${field}.topologySpreadConstraints[${index}]`),
    ),
  ];
}

function validateAffinity({ nodeAffinity, podAffinity, podAntiAffinity }: Affinity, field: string): readonly FieldError[] {
  const needed = nodeAffinity?.[REQUIRED];
  const preferred = nodeAffinity?.[PREFERRED] ?? [];
  return [
    ...(needed === undefined ? [] : validateNodeSelector(needed, `${field}.nodeAffinity.${REQUIRED}`)),
    ...preferred.flatMap((term, index) => validatePreferred(term, `${field}.nodeAffinity.${PREFERRED}[${index}]`)),
    ...validatePods(podAffinity, `${field}.podAffinity`),
    ...validatePods(podAntiAffinity, `${field}.podAntiAffinity`),
  ];
}

function validatePreferred({ weight = 0, preference = {} }: Partial<PreferredSchedulingTerm>, field: string): readonly FieldError[] {
  return [
    ...validateWeight(weight, field),
    ...validateRequirements(preference.matchExpressions ?? [], `${field}.preference.matchExpressions`),
  ];
}

function validateWeight(weight: number, field: string): readonly FieldError[] {
  return weight > 0 && weight <= 100 ? [] : [invalid(`${field}.weight`, weight, 'must be in the range 1-100')];
}

function validatePods(affinity: PodAffinity | undefined, field: string): readonly FieldError[] {
  return [
    ...(affinity?.[REQUIRED] ?? []).flatMap((term, index) => validateTerm(term, `${field}.${REQUIRED}[${index}]`)),
    ...(affinity?.[PREFERRED] ?? []).flatMap(({ weight, podAffinityTerm }, index) => {
      const at = `${field}.${PREFERRED}[${index}]`;
      return [...validateWeight(weight, at), ...validateTerm(podAffinityTerm, `${at}.podAffinityTerm`)];
    }),
  ];
}

function validateTerm(term: Partial<PodAffinityTerm> | undefined, field: string): readonly FieldError[] {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey = '' } = term ?? {};
  return [
    ...(labelSelector === undefined ? [] : validateLabelSelector(labelSelector, `${field}.labelSelector`)),
    ...(namespaceSelector === undefined ? [] : validateLabelSelector(namespaceSelector, `${field}.namespaceSelector`)),
    ...namespaces.flatMap((name) => dns1123Label(name).map((fault) => invalid(`${field}.namespace`, name, fault))),
    ...validateKeys(term ?? {}, field),
    ...(topologyKey === '' ? [required(`${field}.topologyKey`, 'can not be empty')] : []),
    ...qualifiedName(topologyKey).map((fault) => invalid(`${field}.topologyKey`, topologyKey, fault)),
  ];
}

interface Keyed {
  readonly labelSelector?: LabelSelector | undefined;
  readonly matchLabelKeys?: readonly string[] | undefined;
  readonly mismatchLabelKeys?: readonly string[] | undefined;
}

/** Core validation `ValidateMatchLabelKeysAndMismatchLabelKeys`. */
function validateKeys({ labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: Keyed, field: string): readonly FieldError[] {
  const check = (keys: readonly string[], at: string): readonly FieldError[] => {
    if (keys.length > 0 && labelSelector === undefined) return [forbidden(at, 'must not be specified when labelSelector is not set')];
    return keys.flatMap((key, index) => qualifiedName(key).map((fault) => invalid(`${at}[${index}]`, key, fault)));
  };
  return [
    ...check(matchLabelKeys, `${field}.matchLabelKeys`),
    ...check(mismatchLabelKeys, `${field}.mismatchLabelKeys`),
    ...matchLabelKeys.flatMap((key, index) =>
      mismatchLabelKeys.includes(key)
        ? [invalid(`${field}.matchLabelKeys[${index}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys')]
        : [],
    ),
  ];
}

function validateSpread(
  constraint: Partial<TopologySpreadConstraint>,
  others: readonly TopologySpreadConstraint[],
  field: string,
): readonly FieldError[] {
  const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '', labelSelector } = constraint;
  const isRepeated = others.some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
  return [
    ...(maxSkew > 0 ? [] : [invalid(`${field}.maxSkew`, maxSkew, 'must be greater than zero')]),
    ...(topologyKey === '' ? [required(`${field}.topologyKey`, 'can not be empty')] : []),
    ...(ACTIONS.includes(whenUnsatisfiable) ? [] : [notSupported(`${field}.whenUnsatisfiable`, whenUnsatisfiable, ACTIONS)]),
    ...(isRepeated ? [duplicate(`${field}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`)] : []),
    ...validateDomains(constraint, field),
    ...(['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const).flatMap((name) => {
      const policy = constraint[name];
      return policy === undefined || POLICIES.includes(policy) ? [] : [notSupported(`${field}.${name}`, policy, POLICIES)];
    }),
    ...validateKeys(constraint, field),
    ...(labelSelector === undefined ? [] : validateLabelSelector(labelSelector, `${field}.labelSelector`)),
  ];
}

function validateDomains({ minDomains, whenUnsatisfiable = '' }: Partial<TopologySpreadConstraint>, field: string): readonly FieldError[] {
  if (minDomains === undefined) return [];
  const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
  return [
    ...(minDomains > 0 ? [] : [invalid(`${field}.minDomains`, minDomains, 'must be greater than 0')]),
    ...(whenUnsatisfiable === 'DoNotSchedule' ? [] : [invalid(`${field}.minDomains`, minDomains, detail)]),
  ];
}
