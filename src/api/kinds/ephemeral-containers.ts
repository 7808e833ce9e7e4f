import { deepEqual } from '#kit/json.ts';
import type { EphemeralContainer, Pod, PodSpec } from '../generated/kubernetes.ts';
import { duplicate, forbidden, notFound } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { validateContainer } from './container-validation.ts';

const FIELD = 'spec.ephemeralContainers';
/** What a container for a look around does not have (core validation `validateEphemeralContainers`). */
const NOT_THEIRS = [
  'lifecycle', 'livenessProbe', 'ports', 'readinessProbe', 'resizePolicy', 'resources', 'restartPolicy', 'restartPolicyRules', 'startupProbe',
] as const satisfies readonly (keyof EphemeralContainer)[]; // prettier-ignore

/** Faults of the ephemeral containers of a new pod: they come later. */
export function refuseEphemeral({ ephemeralContainers = [] }: Partial<PodSpec>): readonly FieldError[] {
  return ephemeralContainers.length === 0 ? [] : [forbidden(FIELD, 'cannot be set on create')];
}

/** Faults of a change by the subresource `ephemeralcontainers`: containers may only be added. */
export function validateEphemeralUpdate({ spec: next }: Pod, { spec: previous }: Pod): readonly FieldError[] {
  const added = next.ephemeralContainers ?? [];
  const faults = (previous.ephemeralContainers ?? []).flatMap((before): readonly FieldError[] => {
    const after = added.find(({ name }) => name === before.name);
    if (after === undefined) return [forbidden(FIELD, `existing ephemeral containers ${JSON.stringify(before.name)} may not be removed`)];
    return deepEqual(after, before)
      ? []
      : [forbidden(FIELD, `existing ephemeral containers ${JSON.stringify(before.name)} may not be changed`)];
  });
  return [...faults, ...validateNames(next), ...added.flatMap((container, index) => validateOne(container, next, `${FIELD}[${index}]`))];
}

function validateNames({ containers, initContainers = [], ephemeralContainers = [] }: PodSpec): readonly FieldError[] {
  const seen = new Set([...containers, ...initContainers].map(({ name }) => name));
  return ephemeralContainers.flatMap(({ name }, index) => {
    const faults = seen.has(name) ? [duplicate(`${FIELD}[${index}].name`, name)] : [];
    seen.add(name);
    return faults;
  });
}

function validateOne(container: EphemeralContainer, spec: PodSpec, field: string): readonly FieldError[] {
  const { targetContainerName: target = '', volumeMounts = [] } = container;
  const others = [...spec.containers, ...(spec.initContainers ?? [])];
  return [
    ...validateContainer(container, { field, volumes: spec.volumes ?? [] }),
    ...(target === '' || others.some(({ name }) => name === target) ? [] : [notFound(`${field}.targetContainerName`, target)]),
    ...NOT_THEIRS.filter((name) => isSaid(container[name])).map((name) =>
      forbidden(`${field}.${name}`, 'cannot be set for an Ephemeral Container'),
    ),
    ...volumeMounts.flatMap(({ subPath = '', subPathExpr = '' }, index) => [
      ...(subPath === '' ? [] : [forbidden(`${field}.volumeMounts[${index}].subPath`, 'cannot be set for an Ephemeral Container')]),
      ...(subPathExpr === '' ? [] : [forbidden(`${field}.volumeMounts[${index}].subPathExpr`, 'cannot be set for an Ephemeral Container')]),
    ]),
  ];
}

function isSaid(value: unknown): boolean {
  return value !== undefined && !deepEqual(value, {}) && !deepEqual(value, []);
}
