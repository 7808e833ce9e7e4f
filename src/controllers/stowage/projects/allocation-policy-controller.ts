import type { ValidatingAdmissionPolicy } from '#api/generated/kubernetes.ts';
import { formatKey } from '#api/meta/object.ts';
import { allocationOf } from '#api/projects/allocation.ts';
import { ALLOCATION_POLICY, allocationPolicy } from '#api/projects/allocation-policy.ts';
import { storageClasses, validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from '#api/resources.ts';
import { deepEqual } from '#kit/json.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';

const NAME = { namespace: '', name: ALLOCATION_POLICY };
const KEY = formatKey(NAME);

/**
 * Keeps the allocation of classes in a policy of the cluster, whose API server knows nothing of projects; our own asks `allocation-admission.ts`.
 * There is none until a class is allocated; from then on it is changed in place and never deleted, so that no moment is without it.
 */
export function createAllocationPolicyController({
  informers,
}: {
  readonly informers: InformerFactory;
}): Controller<ValidatingAdmissionPolicy> {
  const policies = informers.for(validatingAdmissionPolicies);
  const bindings = informers.for(validatingAdmissionPolicyBindings);
  const classes = informers.for(storageClasses);
  const ensure = async ({ client }: Ctx): Promise<Outcome> => {
    const { policy, binding } = allocationPolicy(classes.all());
    const [known, bound] = [policies.get(NAME), bindings.get(NAME)];
    if (known === undefined) {
      if (![...classes.all()].some(({ metadata }) => allocationOf(metadata.labels).kind === 'projects')) return done;
      await client.create(validatingAdmissionPolicies, policy);
    } else if (!holds(known, policy.spec)) {
      const body = { metadata: { resourceVersion: known.metadata.resourceVersion }, spec: policy.spec };
      await client.patch(validatingAdmissionPolicies, { key: NAME, patch: { type: 'merge', body } });
    }
    if (bound === undefined) await client.create(validatingAdmissionPolicyBindings, binding);
    return done;
  };
  return {
    name: 'class-allocation-policy',
    resource: validatingAdmissionPolicies,
    informer: policies,
    triggers: [trigger(classes, () => [KEY]), trigger(bindings, ({ metadata }) => (metadata.name === ALLOCATION_POLICY ? [KEY] : []))],
    concurrency: 1,
    concerns: ({ metadata }) => metadata.name === ALLOCATION_POLICY,
    reconcile: ensure,
    reconcileGone: (ctx, key) => (key === KEY ? ensure(ctx) : Promise.resolve(done)),
  };
}

/** Compares what the rule is made of; the API adds defaults to the rest. */
function holds({ spec }: ValidatingAdmissionPolicy, wanted: ValidatingAdmissionPolicy['spec']): boolean {
  const parts = ['variables', 'validations', 'matchConditions', 'failurePolicy'] as const;
  return parts.every((part) => deepEqual(spec?.[part], wanted?.[part]));
}
