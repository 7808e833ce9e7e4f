import type { MutatingWebhook, ValidatingWebhook, WebhookClientConfig } from '../../generated/kubernetes.ts';
import { duplicate, invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError } from '../../meta/kind.ts';
import { validateLabelSelector } from '../../meta/validate-label-selector.ts';
import { dns1035Label, dns1123Subdomain } from '../../meta/validate-name.ts';
import { withAbsent, withDefaults, withMember } from '../defaulting.ts';
import { validateMatchConditions } from './match-conditions.ts';
import { validateWebhookClient } from './webhook-client.ts';
import { validateWebhookRule } from './webhook-rules.ts';

type Webhook = ValidatingWebhook | MutatingWebhook;

/** How long a webhook may take, in seconds: without a word about it, and at most (admissionregistration/v1). */
const DEFAULT_TIMEOUT_SEC = 10;
const MAX_TIMEOUT_SEC = 30;
const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const HTTPS_PORT = 443;

/** A webhook with upstream's defaults (admissionregistration/v1 defaults.go). */
export function defaultWebhook<W extends Webhook>(webhook: W): W {
  const filled = withAbsent<Webhook>(webhook, {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: DEFAULT_TIMEOUT_SEC,
    name: '',
  });
  const withClient = withMember(filled, 'clientConfig', (client) =>
    withMember<WebhookClientConfig, 'service'>(client, 'service', (service) => withDefaults(service, { port: HTTPS_PORT })),
  );
  return { ...webhook, ...withMember(withClient, 'rules', (rules) => rules.map((rule) => withDefaults(rule, { scope: '*' }))) };
}

/** Faults of the webhooks of a configuration at `field` (admissionregistration validation). */
export function validateWebhooks(webhooks: readonly Webhook[], field: string): readonly FieldError[] {
  const names = new Set<string>();
  return webhooks.flatMap((webhook, index) => {
    const at = `${field}[${index}]`;
    const faults = [...validateWebhook(webhook, at)];
    if (names.has(webhook.name)) faults.push(duplicate(`${at}.name`, webhook.name));
    names.add(webhook.name);
    return faults;
  });
}

function validateWebhook(webhook: Webhook, field: string): readonly FieldError[] {
  const { clientConfig, timeoutSeconds = DEFAULT_TIMEOUT_SEC, rules = [] } = webhook;
  const isInTime = timeoutSeconds >= 1 && timeoutSeconds <= MAX_TIMEOUT_SEC;
  return [
    ...validateName(webhook.name, `${field}.name`),
    ...validateReviewVersions(webhook.admissionReviewVersions, `${field}.admissionReviewVersions`),
    ...rules.flatMap((rule, index) => validateWebhookRule(rule, `${field}.rules[${index}]`)),
    ...validatePolicies(webhook, field),
    ...(isInTime
      ? []
      : [invalid(`${field}.timeoutSeconds`, timeoutSeconds, `the timeout value must be between 1 and ${MAX_TIMEOUT_SEC} seconds`)]),
    ...validateLabelSelector(webhook.namespaceSelector ?? {}, `${field}.namespaceSelector`),
    ...validateLabelSelector(webhook.objectSelector ?? {}, `${field}.objectSelector`),
    ...validateWebhookClient(clientConfig ?? {}, `${field}.clientConfig`),
    ...validateMatchConditions(webhook.matchConditions ?? [], `${field}.matchConditions`),
  ];
}

function validateName(name: string, field: string): readonly FieldError[] {
  if (name === '') return [required(field)];
  const faults = dns1123Subdomain(name).map((fault) => invalid(field, name, fault));
  return name.split('.').length < 3
    ? [...faults, invalid(field, name, 'should be a domain with at least three segments separated by dots')]
    : faults;
}

function validateReviewVersions(versions: readonly string[] | undefined, field: string): readonly FieldError[] {
  const known = REVIEW_VERSIONS.join(', ');
  if (versions === undefined || versions.length === 0) return [required(field, `must specify one of ${known}`)];
  const wrong = versions.flatMap((version, index) =>
    versions.indexOf(version) < index
      ? [invalid(`${field}[${index}]`, version, 'duplicate version')]
      : dns1035Label(version).map((fault) => invalid(`${field}[${index}]`, version, fault)),
  );
  const isUnderstood = versions.some((version) => REVIEW_VERSIONS.includes(version));
  return isUnderstood ? wrong : [...wrong, invalid(field, versions, `must include at least one of ${known}`)];
}

function validatePolicies(webhook: Webhook, field: string): readonly FieldError[] {
  const sideEffects = webhook.sideEffects ?? '';
  const allowed: readonly (readonly [string, string | undefined, readonly string[]])[] = [
    ['failurePolicy', webhook.failurePolicy, ['Fail', 'Ignore']],
    ['matchPolicy', webhook.matchPolicy, ['Equivalent', 'Exact']],
    ['reinvocationPolicy', 'reinvocationPolicy' in webhook ? webhook.reinvocationPolicy : undefined, ['IfNeeded', 'Never']],
    ['sideEffects', sideEffects === '' ? undefined : sideEffects, ['None', 'NoneOnDryRun']],
  ];
  return [
    ...(sideEffects === '' ? [required(`${field}.sideEffects`, 'must specify one of None, NoneOnDryRun')] : []),
    ...allowed.flatMap(([name, value, values]) =>
      value === undefined || values.includes(value) ? [] : [notSupported(`${field}.${name}`, value, values)],
    ),
  ];
}
