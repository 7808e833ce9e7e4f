import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import { definitionOf } from '#api/schema/definitions.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { schemaOfKind } from '../../../apply/shape.ts';
import type { CelValue } from '../../../cel/values/value.ts';
import type { MutableRequest } from '../../../contract/admission.ts';
import { sentFault } from '../../sent-object.ts';
import type { SentKind } from '../../../contract/admission.ts';
import type { Subject } from '../../expressions.ts';
import { changedObject } from '../../webhooks/patched-object.ts';
import { convert } from '../../webhooks/webhook-matching.ts';
import { appliedTo, type MergedKind } from './apply-configuration.ts';
import type { Mutation } from './mutating-policy.ts';
import { MutationFailed } from './mutation-failed.ts';
import { patchedTo } from './patched-by-policy.ts';

/** A mutation that is to be made. */
interface Step {
  readonly mutation: Mutation;
  /** The version in which the policy sees the object. */
  readonly kind: KindDefinition;
  readonly subject: Subject;
}

/** The object of a request after one mutation, with its defaults. @throws MutationFailed, ApiError where it is no object of its kind any more */
export function mutatedObject(request: MutableRequest, { mutation, kind, subject }: Step): KubeObject {
  const { expression, text, patchType } = mutation;
  if (!expression.ok) throw new MutationFailed(expression.error);
  const made = subject.evaluate(expression);
  if (!made.ok) throw new MutationFailed(`expression '${text}' resulted in error: ${made.error}`);
  if (request.sent !== undefined) return changedSent(request.object, request.sent, { patchType, made: made.value });
  const before = convert(request.object, request.kind, kind);
  const changed = patchType === 'JSONPatch' ? patchedTo(before, made.value) : appliedTo(before, made.value, mergedKind(kind));
  if (changed === before) return request.object;
  if (!isRecord(changed) || changed['kind'] !== kind.resource.kind || changed['apiVersion'] !== apiVersionOf(kind.resource))
    throw new MutationFailed('the mutation makes something else of the object: its kind and apiVersion have to stay');
  // why: upstream drops what the schema of an own kind does not know; here the client is told at least
  return changedObject(request.object, changed, { kind, request, fieldValidation: kind.own === undefined ? 'Strict' : 'Warn' });
}

function mergedKind(kind: KindDefinition): MergedKind {
  return { apiVersion: apiVersionOf(kind.resource), kind: kind.resource.kind, schema: schemaOfKind(kind) };
}

function changedSent(
  object: KubeObject,
  sent: SentKind,
  { patchType, made }: { readonly patchType: Mutation['patchType']; readonly made: CelValue },
): KubeObject {
  const changed = patchType === 'JSONPatch' ? patchedTo(object, made) : appliedTo(object, made, mergedSent(sent));
  const fault = sentFault(sent, object, changed);
  if (fault !== undefined) throw new MutationFailed(fault);
  // why trusted: it is of the kind that was sent, which was checked just now
  return trusted<KubeObject>(changed);
}

/** @throws MutationFailed for what upstream knows no schema of that a configuration could be merged by */
function mergedSent({ group, version, kind, schema, isMergeable = false }: SentKind): MergedKind {
  const apiVersion = apiVersionOf({ group, version });
  if (isMergeable && schema !== undefined) return { apiVersion, kind, schema: definitionOf(schema).schema };
  throw new MutationFailed(
    `error applying patch: failed to convert patch object to typed object: no corresponding type for ${group}/${version}, Kind=${kind}`,
  );
}
