import type { ValidatingAdmissionPolicy } from '#api/generated/kubernetes.ts';
import { allocationOf } from '#api/projects/allocation.ts';
import { ALLOCATION_POLICY, allocationPolicy } from '#api/projects/allocation-policy.ts';
import { storageClasses, validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from '#api/resources.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { createPolicyController } from './kept-policy.ts';

/** Keeps the allocation of classes in a policy of the cluster, whose API server knows nothing of projects; our own asks `allocation-admission.ts`. */
export function createAllocationPolicyController(deps: { readonly informers: InformerFactory }): Controller<ValidatingAdmissionPolicy> {
  const { informers } = deps;
  const classes = informers.for(storageClasses);
  return createPolicyController({
    name: 'class-allocation-policy',
    policyName: ALLOCATION_POLICY,
    policies: { resource: validatingAdmissionPolicies, informer: informers.for(validatingAdmissionPolicies) },
    bindings: { resource: validatingAdmissionPolicyBindings, informer: informers.for(validatingAdmissionPolicyBindings) },
    wanted: () => allocationPolicy(classes.all()),
    isNeeded: () => [...classes.all()].some(({ metadata }) => allocationOf(metadata.labels).kind === 'projects'),
    follow: (key) => [trigger(classes, () => [key])],
  });
}
