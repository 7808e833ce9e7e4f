import type { CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import { type ApprovalState, approvalStateOf } from '#api/kinds/definition-approval.ts';
import type { Verdict } from './verdict.ts';

const VERDICTS: Readonly<Record<ApprovalState['state'], Pick<Verdict, 'status' | 'reason'>>> = {
  missing: { status: 'False', reason: 'MissingAnnotation' },
  unapproved: { status: 'False', reason: 'UnapprovedAnnotation' },
  approved: { status: 'True', reason: 'ApprovedAnnotation' },
  invalid: { status: 'False', reason: 'InvalidAnnotation' },
};

/** Whether a definition may be in a group that Kubernetes keeps for itself (apiextensions pkg/controller/apiapproval); undefined for other groups. */
export function approvalOf(definition: CustomResourceDefinition): Verdict | undefined {
  const approval = approvalStateOf(definition);
  return approval === undefined ? undefined : { ...VERDICTS[approval.state], message: approval.message };
}
