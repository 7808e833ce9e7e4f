import type { Job, Pod, PodFailurePolicyRule } from '#api/generated/kubernetes.ts';

/** What the job's policy says of a pod that failed. */
export interface FailureVerdict {
  /** `Count` where no rule speaks. */
  readonly action: 'Count' | 'FailIndex' | 'FailJob' | 'Ignore';
  /** Which rule, and why it matches; empty where none does. */
  readonly message: string;
}

const COUNTED: FailureVerdict = { action: 'Count', message: '' };

/** The first rule that matches a pod that ended in failure decides (pod_failure_policy.go `matchPodFailurePolicy`). Pure. */
export function failureVerdict(job: Job, pod: Pod): FailureVerdict {
  const rules = pod.status?.phase === 'Failed' ? (job.spec.podFailurePolicy?.rules ?? []) : [];
  for (const [index, rule] of rules.entries()) {
    const cause = causeOf(rule, pod);
    if (cause !== undefined) return { action: actionOf(rule), message: `${cause} matching ${rule.action} rule at index ${index}` };
  }
  return COUNTED;
}

function actionOf({ action }: PodFailurePolicyRule): FailureVerdict['action'] {
  return action === 'FailIndex' || action === 'FailJob' || action === 'Ignore' ? action : 'Count';
}

function causeOf({ onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, { metadata, status }: Pod): string | undefined {
  const name = `${metadata.namespace ?? ''}/${metadata.name}`;
  if (onExitCodes !== undefined) {
    const { containerName, operator, values } = onExitCodes;
    const ended = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
      .filter((one) => containerName === undefined || one.name === containerName)
      .map((one) => ({ name: one.name, exitCode: one.state?.terminated?.exitCode ?? 0 }))
      // why not 0: a container that ended well caused no failure, whatever the operator
      .find(({ exitCode }) => exitCode !== 0 && values.includes(exitCode) === (operator === 'In'));
    return ended === undefined ? undefined : `Container ${ended.name} for pod ${name} failed with exit code ${ended.exitCode}`;
  }
  const condition = onPodConditions.find((wanted) =>
    status?.conditions?.some(({ type, status: value }) => type === wanted.type && value === (wanted.status ?? 'True')),
  );
  return condition === undefined ? undefined : `Pod ${name} has condition ${condition.type}`;
}
