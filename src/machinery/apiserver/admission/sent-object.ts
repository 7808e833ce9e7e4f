import type { KubeObject } from '#api/meta/object.ts';
import { checkAgainstSchema } from '#api/schema/check.ts';
import { isRecord } from '#kit/json.ts';
import type { SentKind } from '../contract/admission.ts';
import { optionsFault } from './connection-options.ts';

export const EVICTION: SentKind = { group: 'policy', version: 'v1', kind: 'Eviction', schema: 'io.k8s.api.policy.v1.Eviction' };
export const BINDING: SentKind = { group: '', version: 'v1', kind: 'Binding', schema: 'io.k8s.api.core.v1.Binding', isMergeable: true };
export const SCALE: SentKind = { group: 'autoscaling', version: 'v1', kind: 'Scale', schema: 'io.k8s.api.autoscaling.v1.Scale' };
export const TOKEN_REQUEST: SentKind = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  schema: 'io.k8s.api.authentication.v1.TokenRequest',
};

/** What is wrong with such an object that somebody changed; undefined where nothing is. */
export function sentFault({ schema }: SentKind, before: KubeObject, changed: unknown): string | undefined {
  if (!isRecord(changed) || changed['kind'] !== before.kind || changed['apiVersion'] !== before.apiVersion)
    return 'the change makes something else of the object: its kind and apiVersion have to stay';
  if (isRecord(before.metadata) && !isRecord(changed['metadata'])) return 'the change takes the metadata away: it has to stay';
  if (schema === undefined) return optionsFault(before.kind, changed);
  const { errors, unknown } = checkAgainstSchema(schema, changed);
  const faults = [...errors.map(({ message }) => message), ...unknown.map((field) => `unknown field ${JSON.stringify(field)}`)];
  return faults.length === 0 ? undefined : `strict decoding error: ${faults.join(', ')}`;
}
