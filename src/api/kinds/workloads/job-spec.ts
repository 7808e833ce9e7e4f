import type { JobSpec, PodFailurePolicy } from '../../generated/kubernetes.ts';
import { invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError } from '../../meta/kind.ts';
import { validateNonNegative } from '../../meta/validate-numbers.ts';
import { validatePodTemplate } from './pod-template.ts';

/** Most pods at a time of a job that numbers its pods (batch validation `maxParallelismForIndexedJob`). */
const MAX_INDEXED_PARALLELISM = 100_000;
const FAILURE_ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const REPLACEMENT_POLICIES = ['Failed', 'TerminatingOrFailed'];

/** Faults of what a job runs, also in the template of a CronJob (batch validation `validateJobSpec`). */
export function validateJobSpec(spec: JobSpec, field: string): readonly FieldError[] {
  const { parallelism, completions, activeDeadlineSeconds, backoffLimit, backoffLimitPerIndex, maxFailedIndexes, ttlSecondsAfterFinished } =
    spec;
  return [
    ...validateNonNegative({ parallelism, completions, activeDeadlineSeconds, backoffLimit, ttlSecondsAfterFinished }, field),
    ...validateNonNegative({ backoffLimitPerIndex, maxFailedIndexes }, field),
    ...validateMode(spec, field),
    ...validateFailures(spec, field),
    ...validateIndexLimits(spec, field),
    ...validateSuccessRules(spec, `${field}.successPolicy`),
    ...validatePodTemplate(spec.template, `${field}.template`),
    ...validateRestartPolicy(spec.template.spec?.restartPolicy, `${field}.template.spec.restartPolicy`),
  ];
}

function validateMode(
  { completionMode, completions, parallelism = 0, backoffLimitPerIndex }: JobSpec,
  field: string,
): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (completionMode !== undefined && completionMode !== 'Indexed' && completionMode !== 'NonIndexed')
    faults.push(notSupported(`${field}.completionMode`, completionMode, ['Indexed', 'NonIndexed']));
  if (completionMode !== 'Indexed') {
    if (backoffLimitPerIndex !== undefined)
      faults.push(invalid(`${field}.backoffLimitPerIndex`, backoffLimitPerIndex, 'requires indexed completion mode'));
    return faults;
  }
  const when = 'when completion mode is Indexed';
  if (completions === undefined) faults.push(required(`${field}.completions`, when));
  if (parallelism > MAX_INDEXED_PARALLELISM)
    faults.push(invalid(`${field}.parallelism`, parallelism, `must be less than or equal to ${MAX_INDEXED_PARALLELISM} ${when}`));
  return faults;
}

function validateFailures({ podFailurePolicy, podReplacementPolicy, template }: JobSpec, field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (podReplacementPolicy !== undefined && !REPLACEMENT_POLICIES.includes(podReplacementPolicy))
    faults.push(notSupported(`${field}.podReplacementPolicy`, podReplacementPolicy, REPLACEMENT_POLICIES));
  if (podFailurePolicy === undefined) return faults;
  const at = `${field}.podFailurePolicy`;
  if (podReplacementPolicy !== undefined && podReplacementPolicy !== 'Failed')
    faults.push(notSupported(`${field}.podReplacementPolicy`, podReplacementPolicy, ['Failed']));
  if (template.spec?.restartPolicy !== 'Never')
    faults.push(
      invalid(at, podFailurePolicy, `only "Never" is supported for template.spec.restartPolicy when podFailurePolicy is specified`),
    );
  return [...faults, ...validateFailureRules(podFailurePolicy, `${at}.rules`)];
}

function validateFailureRules({ rules = [] }: Partial<PodFailurePolicy>, field: string): readonly FieldError[] {
  return rules.flatMap(({ action = '', onExitCodes, onPodConditions = [] }: Partial<PodFailurePolicy['rules'][number]>, index) => {
    const at = `${field}[${index}]`;
    const faults: FieldError[] = [];
    if (action === '')
      faults.push(required(`${at}.action`, `valid values: ${FAILURE_ACTIONS.map((one) => JSON.stringify(one)).join(', ')}`));
    else if (!FAILURE_ACTIONS.includes(action)) faults.push(notSupported(`${at}.action`, action, FAILURE_ACTIONS));
    if ((onExitCodes === undefined) === (onPodConditions.length === 0))
      faults.push(invalid(at, null, 'specifying one of OnExitCodes and OnPodConditions is required'));
    const { operator } = onExitCodes ?? {};
    if (onExitCodes !== undefined && operator !== 'In' && operator !== 'NotIn')
      faults.push(notSupported(`${at}.onExitCodes.operator`, operator, ['In', 'NotIn']));
    return faults;
  });
}

/** Limits of single indexes belong together (batch validation `validateJobSpec`). */
function validateIndexLimits(
  { backoffLimitPerIndex, maxFailedIndexes, completions = 0, podFailurePolicy }: JobSpec,
  field: string,
): readonly FieldError[] {
  const faults: FieldError[] = [];
  const at = `${field}.maxFailedIndexes`;
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined)
    faults.push(required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  if (maxFailedIndexes !== undefined && maxFailedIndexes > completions)
    faults.push(invalid(at, maxFailedIndexes, 'must be less than or equal to completions'));
  (podFailurePolicy?.rules ?? []).forEach(({ action }, index) => {
    if (action === 'FailIndex' && backoffLimitPerIndex === undefined)
      faults.push(invalid(`${field}.podFailurePolicy.rules[${index}].action`, action, 'requires the backoffLimitPerIndex to be set'));
  });
  return faults;
}

/** Batch validation `validateSuccessPolicy`. */
function validateSuccessRules({ successPolicy, completionMode, completions = 0 }: JobSpec, field: string): readonly FieldError[] {
  if (successPolicy === undefined) return [];
  if (completionMode !== 'Indexed') return [invalid(field, successPolicy, 'requires indexed completion mode')];
  const rules = successPolicy.rules ?? [];
  if (rules.length === 0) return [required(`${field}.rules`, 'at least one rules must be specified when the successPolicy is specified')];
  return rules.flatMap(({ succeededIndexes, succeededCount }, index) => {
    const at = `${field}.rules[${index}]`;
    if (succeededIndexes === undefined && succeededCount === undefined)
      return [required(at, 'at least one of succeededCount or succeededIndexes must be specified')];
    const faults = succeededIndexes === undefined ? [] : validateIndexes(succeededIndexes, completions, `${at}.succeededIndexes`);
    if (succeededCount !== undefined && (succeededCount < 1 || succeededCount > completions))
      return [...faults, invalid(`${at}.succeededCount`, succeededCount, `must be from 1 to the number of completions (${completions})`)];
    return faults;
  });
}

function validateIndexes(text: string, completions: number, field: string): readonly FieldError[] {
  if (!/^\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*$/.test(text))
    return [invalid(field, text, 'must be numbers and ranges in order, for example 0,2-4')];
  const numbers = text.split(/[,-]/).map(Number);
  const isOrdered = numbers.every((number, place) => place === 0 || number > (numbers[place - 1] ?? 0));
  const last = numbers.at(-1) ?? 0;
  return isOrdered && last < completions
    ? []
    : [invalid(field, text, `must be in order, and below the number of completions (${completions})`)];
}

/** A pod of a job ends, so it can't always be started again. */
function validateRestartPolicy(policy: string | undefined, field: string): readonly FieldError[] {
  if (policy === 'OnFailure' || policy === 'Never') return [];
  if (policy === 'Always') return [required(field, 'valid values: "OnFailure", "Never"')];
  return [notSupported(field, policy, ['Never', 'OnFailure'])];
}
