import type { PodSpec, SecurityContext } from '../generated/kubernetes.ts';
import { invalid } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';

/** Largest number of a user or group (apimachinery `IsValidUserID`). */
const MAX_ID = 2_147_483_647;

/** Faults of the users and groups that a pod's containers are to run as. */
export function validatePodIds({ securityContext = {} }: PodSpec, field: string): readonly FieldError[] {
  const at = `${field}.securityContext`;
  const { fsGroup, runAsUser, runAsGroup, supplementalGroups = [] } = securityContext;
  return [
    ...validateIds({ fsGroup, runAsUser, runAsGroup }, at),
    ...supplementalGroups.flatMap((group, index) => validateId(group, `${at}.supplementalGroups[${index}]`)),
  ];
}

/** Faults of the user and group that a container is to run as. */
export function validateContainerIds({ runAsUser, runAsGroup }: SecurityContext, field: string): readonly FieldError[] {
  return validateIds({ runAsUser, runAsGroup }, `${field}.securityContext`);
}

function validateIds(ids: Readonly<Record<string, number | undefined>>, field: string): readonly FieldError[] {
  return Object.entries(ids).flatMap(([name, id]) => (id === undefined ? [] : validateId(id, `${field}.${name}`)));
}

function validateId(id: number, field: string): readonly FieldError[] {
  return id >= 0 && id <= MAX_ID ? [] : [invalid(field, id, `must be between 0 and ${MAX_ID}, inclusive`)];
}
