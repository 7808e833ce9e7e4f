import { deepEqual } from '#kit/json.ts';
import type { Container, Pod, PodSpec, Toleration } from '../generated/kubernetes.ts';
import { forbidden, invalid } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { without } from './defaulting.ts';
import { validateEphemeralUpdate } from './ephemeral-containers.ts';
import { validateAppArmorUpdate } from './pod-app-armor.ts';
import { isGated, validateNarrowing, withPlaceOf } from './pod-gated-update.ts';

const MUTABLE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,' +
  '`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** Faults of a change of a pod: nearly everything about it is settled once it is there (core validation `ValidatePodUpdate`). */
export function validatePodUpdate(next: Pod, previous: Pod, subresource = ''): readonly FieldError[] {
  if (subresource === 'ephemeralcontainers') return validateEphemeralUpdate(next, previous);
  const [after, before] = [next.spec, previous.spec];
  const isCountChanged = (list: 'containers' | 'initContainers'): boolean => (after[list] ?? []).length !== (before[list] ?? []).length;
  if (isCountChanged('containers')) return [forbidden('spec.containers', 'pod updates may not add or remove containers')];
  if (isCountChanged('initContainers')) return [forbidden('spec.initContainers', 'pod updates may not add or remove containers')];
  return [
    ...validateAppArmorUpdate(next.metadata.annotations, previous.metadata.annotations, 'metadata.annotations'),
    ...validateDeadline(after, before),
    ...validateTolerations(after, before),
    ...validateGates(after, before),
    ...(isGated(before) ? validateNarrowing(after, before) : []),
    ...validateRest(isGated(before) ? withPlaceOf(after, before) : after, before),
  ];
}

function validateDeadline({ activeDeadlineSeconds: after }: PodSpec, { activeDeadlineSeconds: before }: PodSpec): readonly FieldError[] {
  const field = 'spec.activeDeadlineSeconds';
  if (before === undefined) return [];
  if (after === undefined) return [invalid(field, after, 'must not update from a positive integer to nil value')];
  return after > before ? [invalid(field, after, 'must be less than or equal to previous value')] : [];
}

function validateTolerations(after: PodSpec, before: PodSpec): readonly FieldError[] {
  const kept = (after.tolerations ?? []).map((toleration) => without(toleration, 'tolerationSeconds'));
  const isKept = (old: Toleration): boolean => kept.some((toleration) => deepEqual(without(old, 'tolerationSeconds'), toleration));
  const lost = (before.tolerations ?? []).filter((old) => !isKept(old));
  return lost.length === 0 ? [] : [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

function validateGates(after: PodSpec, before: PodSpec): readonly FieldError[] {
  const known = new Set((before.schedulingGates ?? []).map(({ name }) => name));
  return (after.schedulingGates ?? []).flatMap(({ name }, index) =>
    known.has(name)
      ? []
      : [forbidden(`spec.schedulingGates[${index}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`)],
  );
}

function validateRest(after: PodSpec, before: PodSpec): readonly FieldError[] {
  const settled: PodSpec = {
    ...after,
    containers: keepImages(after.containers, before.containers),
    initContainers: after.initContainers === undefined ? undefined : keepImages(after.initContainers, before.initContainers ?? []),
    activeDeadlineSeconds: before.activeDeadlineSeconds,
    tolerations: before.tolerations,
    schedulingGates: before.schedulingGates,
    ...(isGraceRepaired(after, before) ? { terminationGracePeriodSeconds: before.terminationGracePeriodSeconds } : {}),
  };
  const changed = changedMembers(settled, before);
  return changed.length === 0 ? [] : [forbidden('spec', `${MUTABLE} (changed: ${changed.join(', ')}); delete the pod and create it anew`)];
}

function keepImages(after: readonly Container[], before: readonly Container[]): readonly Container[] {
  return after.map((container, index) => ({ ...container, image: before[index]?.image }));
}

function isGraceRepaired(after: PodSpec, before: PodSpec): boolean {
  return (before.terminationGracePeriodSeconds ?? 0) < 0 && after.terminationGracePeriodSeconds === 1;
}

function changedMembers(after: PodSpec, before: PodSpec): readonly string[] {
  const [left, right] = [new Map<string, unknown>(Object.entries(after)), new Map<string, unknown>(Object.entries(before))];
  return [...new Set([...left.keys(), ...right.keys()])].filter((key) => !deepEqual(left.get(key), right.get(key))).toSorted();
}
