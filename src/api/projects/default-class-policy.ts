import type { Project } from '../generated/definitions.ts';
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '../generated/kubernetes.ts';
import type { Draft } from '../meta/object.ts';
import { STORAGE_CLASS_BETA } from '../storage/names.ts';
import { celMap, claimWrites, PROJECT_VARIABLE } from './policy-parts.ts';

/** The name of the policy and of its binding. */
export const DEFAULT_CLASS_POLICY = 'project-default-class.stowage.dev';

/** A policy that gives claims the default class of their project, and what brings it into force. */
export interface DefaultClassPolicy {
  readonly policy: Draft<MutatingAdmissionPolicy>;
  readonly binding: Draft<MutatingAdmissionPolicyBinding>;
}

/**
 * The default classes of these projects as a MutatingAdmissionPolicy (admissionregistration.k8s.io/v1, Kubernetes 1.36), for a cluster whose API server is not
 * ours: the same decision as `projectClassFor`, and as the policy of the allocation without parameters. A claim to which the API server has given the
 * default of the cluster before is one that chose for itself: its plugin for that comes before every policy. Pure.
 */
export function defaultClassPolicy(projects: Iterable<Project>): DefaultClassPolicy {
  const defaults = [...projects].flatMap(({ metadata, spec }): [string, string][] => {
    const className = spec?.defaultStorageClassName ?? '';
    return className === '' ? [] : [[metadata.name, JSON.stringify(className)]];
  });
  return {
    policy: {
      metadata: { name: DEFAULT_CLASS_POLICY },
      spec: {
        // why not Fail: a claim without a class waits and says so, and nobody's claims are refused for this policy
        failurePolicy: 'Ignore',
        reinvocationPolicy: 'Never',
        matchConstraints: claimWrites(['CREATE']),
        matchConditions: [
          {
            name: 'leaves-its-class-to-the-default',
            expression: `!has(object.spec.storageClassName) && !(has(object.metadata.annotations) && '${STORAGE_CLASS_BETA}' in object.metadata.annotations)`,
          },
        ],
        variables: [{ name: 'defaults', expression: celMap(defaults, "''") }, PROJECT_VARIABLE],
        mutations: [
          {
            patchType: 'ApplyConfiguration',
            applyConfiguration: {
              expression: `variables.project != '' && variables.project in variables.defaults ? Object{spec: Object.spec{storageClassName: variables.defaults[variables.project]}} : Object{}`,
            },
          },
        ],
      },
    },
    binding: { metadata: { name: DEFAULT_CLASS_POLICY }, spec: { policyName: DEFAULT_CLASS_POLICY } },
  };
}
