import type { MutatingWebhook, ValidatingWebhook, WebhookClientConfig } from '#api/generated/kubernetes.ts';
import { type Matching, requirementsOf } from './webhook-matching.ts';
import { type MatchCondition, compileConditions } from './match-conditions.ts';
import { ruleMatcher } from './rule-matcher.ts';

/** A webhook of a configuration, ready to be matched and called. */
export interface Webhook extends Matching {
  readonly name: string;
  readonly configuration: string;
  readonly conditions: readonly MatchCondition[];
  readonly failure: 'Fail' | 'Ignore';
  readonly timeoutSec: number;
  /** `v1` or `v1beta1`: the first of its list that we speak. */
  readonly reviewVersion: string;
  readonly client: WebhookClientConfig;
  /** Called once more where a later one changed the object. */
  readonly isReinvoked: boolean;
}

/** Seconds that a webhook may take (admissionregistration/v1 defaults.go). */
const DEFAULT_TIMEOUT_SEC = 10;
const SPOKEN = ['v1', 'v1beta1'];

/** A stored webhook, taken apart once. */
export function webhookOf(source: MutatingWebhook | ValidatingWebhook, configuration: string): Webhook {
  return {
    name: source.name,
    configuration,
    rules: ruleMatcher(source.rules ?? []),
    matchesEquivalent: source.matchPolicy !== 'Exact',
    namespaces: requirementsOf(source.namespaceSelector),
    objects: requirementsOf(source.objectSelector),
    conditions: compileConditions(source.matchConditions ?? []),
    failure: source.failurePolicy === 'Ignore' ? 'Ignore' : 'Fail',
    timeoutSec: source.timeoutSeconds ?? DEFAULT_TIMEOUT_SEC,
    reviewVersion: source.admissionReviewVersions.find((version) => SPOKEN.includes(version)) ?? 'v1',
    client: source.clientConfig,
    isReinvoked: 'reinvocationPolicy' in source && source.reinvocationPolicy === 'IfNeeded',
  };
}
