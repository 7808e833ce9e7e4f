import type { MutatingAdmissionPolicy } from '#api/generated/kubernetes.ts';
import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { PlatformError } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import { deniedByMutatingPolicy } from '../../../contract/status-error.ts';
import type { AdmissionMutator, MutableRequest, MutationRound } from '../../../contract/admission.ts';
import { askConditions } from '../../webhooks/match-conditions.ts';
import { wantedKind } from '../../webhooks/webhook-matching.ts';
import type { BoundPolicy, PolicyIndex } from '../policy-index.ts';
import { type ConfigurationFault, paramsOf } from '../policy-params.ts';
import { isExemptOfPolicies, type PolicyParts, policySubject, withParam } from '../policy-subject.ts';
import { mutatedObject } from './mutated-object.ts';
import type { MutatingPolicy } from './mutating-policy.ts';

interface Parts extends PolicyParts {
  readonly index: PolicyIndex<MutatingAdmissionPolicy, MutatingPolicy>;
}

/** A policy that is asked about a write, with one of its parameters. */
interface Invocation extends BoundPolicy<MutatingPolicy> {
  readonly kind: KindDefinition;
  readonly param: KubeObject | undefined;
}

/** Why a policy could not do its work; upstream's words. */
interface Fault {
  readonly reason: 'Forbidden' | 'Invalid';
  readonly message: string;
}

/** What policies made of an object. */
interface Outcome {
  readonly object: KubeObject;
  /** Those that want to be asked again. */
  readonly wanting: readonly Invocation[];
}

/** The admission plugin `MutatingAdmissionPolicy`: changes objects by the policies in force, in CEL (apiserver pkg/admission/plugin/policy/mutating). */
export class MutatingPolicies implements AdmissionMutator {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  mutate(request: MutableRequest): MutationRound | undefined {
    const bound = this.#parts.index.boundFor(request);
    if (bound.length === 0 || isExemptOfPolicies(request)) return undefined;
    const { object, wanting } = this.#run(request, () => true);
    return {
      object,
      again: (latest) => {
        const isWanting = (one: Invocation): boolean => wanting.some((before) => isSame(before, one));
        return wanting.length === 0 ? latest : this.#run({ ...request, object: latest }, isWanting).object;
      },
    };
  }

  /** One policy after the other, each on what those before it made. @throws ApiError where one that must not fail did */
  #run(request: MutableRequest, isAsked: (invocation: Invocation) => boolean): Outcome {
    const faults: Fault[] = [];
    // why all at first: what a policy is about is decided by the object as it came
    const invocations = this.#invocations(request, faults).filter(isAsked);
    const wanting: Invocation[] = [];
    let { object } = request;
    for (const invocation of invocations) {
      const made = this.#invoke(invocation, { ...request, object }, faults);
      if (made === undefined) continue;
      object = made;
      if (invocation.policy.isReinvoked) wanting.push(invocation);
    }
    if (faults.length > 0) throw deniedByMutatingPolicy(request.kind.resource, request.key.name, faults);
    // why: whoever asks sees by the identity whether something changed
    return { object: deepEqual(object, request.object) ? request.object : object, wanting };
  }

  #invocations(request: MutableRequest, faults: Fault[]): readonly Invocation[] {
    return this.#parts.index.boundFor(request).flatMap((each) => {
      const { policy, binding } = each;
      const kind = wantedKind(policy, request, this.#parts);
      if (kind === undefined) return [];
      if (binding.matching !== undefined && wantedKind(binding.matching, request, this.#parts) === undefined) return [];
      const params = paramsOf(each, request, this.#parts);
      if (params.ok) return params.value.map((param) => ({ ...each, kind, param }));
      if (!policy.ignoresFaults) faults.push({ reason: 'Forbidden', message: configurationMessage(each, params.error) });
      return [];
    });
  }

  /** The object after all mutations of a policy; undefined where its conditions do not hold. */
  #invoke(invocation: Invocation, request: MutableRequest, faults: Fault[]): KubeObject | undefined {
    const { policy, binding, kind, param } = invocation;
    const fail = (why: string): void => {
      if (policy.ignoresFaults) return;
      faults.push({ reason: 'Invalid', message: `policy '${policy.name}' with binding '${binding.name}' denied request: ${why}` });
    };
    const subjectOf = (object: KubeObject) => withParam(policy, policySubject({ ...request, object }, kind, this.#parts), param);
    if (policy.conditions.length > 0) {
      const held = askConditions(policy.conditions, subjectOf(request.object));
      if (held === false) return undefined;
      if (held.length > 0) {
        fail(together(held.map(({ condition: { text }, why }) => `expression '${text}' resulted in error: ${why}`)));
        return undefined;
      }
    }
    let { object } = request;
    for (const mutation of policy.mutations) {
      try {
        object = mutatedObject({ ...request, object }, { mutation, kind, subject: subjectOf(object) });
      } catch (thrown) {
        // why go on: upstream asks the other mutations, too, and tells all faults
        fail(PlatformError.from(thrown).message);
      }
    }
    return object;
  }
}

function configurationMessage({ policy, binding }: BoundPolicy, { at, message }: ConfigurationFault): string {
  const who = at === 'policy' ? `policy ${JSON.stringify(policy.name)}` : `policy '${policy.name}' with binding '${binding.name}'`;
  return `${who} denied request: ${message}`;
}

function isSame(a: Invocation, b: Invocation): boolean {
  const [left, right] = [a.param?.metadata, b.param?.metadata];
  const isSameParam = left?.namespace === right?.namespace && left?.name === right?.name;
  return isSameParam && a.policy.name === b.policy.name && a.binding.name === b.binding.name;
}

/** Several faults as one text, as apimachinery's aggregates are. */
function together(faults: readonly string[]): string {
  return faults.length === 1 ? faults.join('') : `[${faults.join(', ')}]`;
}
