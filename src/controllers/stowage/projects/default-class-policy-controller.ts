import { projects } from '#api/generated/definitions.ts';
import type { MutatingAdmissionPolicy } from '#api/generated/kubernetes.ts';
import { DEFAULT_CLASS_POLICY, defaultClassPolicy } from '#api/projects/default-class-policy.ts';
import { mutatingAdmissionPolicies, mutatingAdmissionPolicyBindings } from '#api/resources.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { createPolicyController } from './kept-policy.ts';

/** Keeps the default classes of projects in a policy of the cluster, whose API server knows nothing of projects; our own asks `default-class.ts`. */
export function createDefaultClassPolicyController(deps: { readonly informers: InformerFactory }): Controller<MutatingAdmissionPolicy> {
  const { informers } = deps;
  const known = informers.for(projects);
  return createPolicyController({
    name: 'project-default-class-policy',
    policyName: DEFAULT_CLASS_POLICY,
    policies: { resource: mutatingAdmissionPolicies, informer: informers.for(mutatingAdmissionPolicies) },
    bindings: { resource: mutatingAdmissionPolicyBindings, informer: informers.for(mutatingAdmissionPolicyBindings) },
    wanted: () => defaultClassPolicy(known.all()),
    isNeeded: () => [...known.all()].some(({ spec }) => (spec?.defaultStorageClassName ?? '') !== ''),
    follow: (key) => [trigger(known, () => [key])],
  });
}
