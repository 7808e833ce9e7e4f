import type { StorageClass, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../generated/kubernetes.ts';
import type { Draft } from '../meta/object.ts';
import { allocationOf, SYSTEM_PROJECT } from './allocation.ts';
import { celMap, claimWrites, PROJECT_VARIABLE } from './policy-parts.ts';

/** The name of the policy and of its binding. */
export const ALLOCATION_POLICY = 'storageclass-allocation.stowage.dev';

/** A policy that refuses what the allocation of classes does not allow, and what brings it into force. */
export interface AllocationPolicy {
  readonly policy: Draft<ValidatingAdmissionPolicy>;
  readonly binding: Draft<ValidatingAdmissionPolicyBinding>;
}

/**
 * The allocation of these classes as a ValidatingAdmissionPolicy (admissionregistration.k8s.io/v1), for a cluster whose API server is not ours: the same decision
 * as `whyNotAllocated`. Without parameters, whose informers fail for good in some cases (kubernetes#130887): the classes are written into it, and it is updated in place. Pure.
 */
export function allocationPolicy(classes: Iterable<StorageClass>): AllocationPolicy {
  const allocated = [...classes].flatMap(({ metadata }): [string, string][] => {
    const allocation = allocationOf(metadata.labels);
    return allocation.kind === 'projects' ? [[metadata.name, listOf(allocation.projects)]] : [];
  });
  return {
    policy: {
      metadata: { name: ALLOCATION_POLICY },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: claimWrites(['CREATE', 'UPDATE']),
        matchConditions: [
          { name: 'not-of-the-platform', expression: `!object.metadata.namespace.startsWith('kube-')` },
          { name: 'asks-for-a-class', expression: classOf('object') + " != ''" },
          { name: 'not-as-before', expression: `request.operation == 'CREATE' || ${classOf('oldObject')} != ${classOf('object')}` },
        ],
        variables: [
          { name: 'allocated', expression: celMap(allocated, "['']") },
          { name: 'class', expression: classOf('object') },
          PROJECT_VARIABLE,
        ],
        validations: [
          {
            expression: `!(variables.class in variables.allocated) || variables.project == '${SYSTEM_PROJECT}' || (variables.project != '' && variables.project in variables.allocated[variables.class])`,
            reason: 'Forbidden',
            messageExpression: `'storageclass ' + variables.class + ' is allocated to the projects [' + variables.allocated[variables.class].join(', ') + ']: namespace ' + object.metadata.namespace + (variables.project == '' ? ' is in no project' : ' is in project ' + variables.project)`,
          },
        ],
      },
    },
    binding: { metadata: { name: ALLOCATION_POLICY }, spec: { policyName: ALLOCATION_POLICY, validationActions: ['Deny'] } },
  };
}

function classOf(object: string): string {
  return `(has(${object}.spec.storageClassName) ? ${object}.spec.storageClassName : '')`;
}

function listOf(values: readonly string[]): string {
  // why: a list of no texts has no type of its own; no namespace is in a project of that name
  return values.length === 0 ? "['']" : JSON.stringify(values);
}
