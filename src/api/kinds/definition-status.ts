import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from '../generated/kubernetes.ts';

/** Condition of a definition whose objects are served. */
export const ESTABLISHED = 'Established';
/** Condition of a definition whose names no other of its group has. */
export const NAMES_ACCEPTED = 'NamesAccepted';
/** Condition of a definition that is being deleted with all its objects. */
export const TERMINATING = 'Terminating';
/** Condition of a definition in a group that Kubernetes keeps for itself. */
export const API_APPROVAL = 'KubernetesAPIApprovalPolicyConformant';

/** The condition of that type. */
export function conditionOf(definition: CustomResourceDefinition, type: string): CustomResourceDefinitionCondition | undefined {
  return definition.status?.conditions?.find((condition) => condition.type === type);
}

/** True where objects of the definition are served. */
export function isEstablished(definition: CustomResourceDefinition): boolean {
  return conditionOf(definition, ESTABLISHED)?.status === 'True' && conditionOf(definition, NAMES_ACCEPTED)?.status === 'True';
}
