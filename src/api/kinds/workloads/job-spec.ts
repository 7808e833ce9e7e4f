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

/** A pod of a job ends, so it can't always be started again. */
function validateRestartPolicy(policy: string | undefined, field: string): readonly FieldError[] {
  if (policy === 'OnFailure' || policy === 'Never') return [];
  if (policy === 'Always') return [required(field, 'valid values: "OnFailure", "Never"')];
  return [notSupported(field, policy, ['Never', 'OnFailure'])];
}
