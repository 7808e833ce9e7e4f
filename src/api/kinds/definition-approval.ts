import type { CustomResourceDefinition } from '../generated/kubernetes.ts';
import { invalid, required } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';

/** Says that a definition may be in a group that Kubernetes keeps for itself. */
export const APPROVAL = 'api-approved.kubernetes.io';

const PROTECTED = /(?:^|\.)(?:k8s|kubernetes)\.io$/;
const NEEDED = `protected groups must have approval annotation "${APPROVAL}"`;
const SEE = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** Whether a definition is approved, and in which words. */
export interface ApprovalState {
  readonly state: 'missing' | 'unapproved' | 'approved' | 'invalid';
  readonly message: string;
}

/** The approval of a definition (apiextensions pkg/apihelpers); undefined where its group needs none. */
export function approvalStateOf({ metadata, spec }: Pick<CustomResourceDefinition, 'metadata' | 'spec'>): ApprovalState | undefined {
  if (!PROTECTED.test(spec.group)) return undefined;
  const value = metadata.annotations?.[APPROVAL] ?? '';
  if (value === '') return { state: 'missing', message: `${NEEDED}, ${SEE}` };
  if (value.startsWith('unapproved')) return { state: 'unapproved', message: `not approved: ${JSON.stringify(value)}` };
  if (isUrl(value)) return { state: 'approved', message: `approved in ${value}` };
  return { state: 'invalid', message: `${NEEDED} with either a URL or a reason starting with "unapproved", ${SEE}` };
}

function isUrl(value: string): boolean {
  return URL.canParse(value) && new URL(value).host !== '';
}

/** Faults of the approval of a new or changed definition; a state that was there before stays accepted. */
export function validateApproval(next: CustomResourceDefinition, previous?: CustomResourceDefinition): readonly FieldError[] {
  const approval = approvalStateOf(next);
  if (approval === undefined || (previous !== undefined && approvalStateOf(previous)?.state === approval.state)) return [];
  const field = `metadata.annotations[${APPROVAL}]`;
  if (approval.state === 'missing') return [required(field, approval.message)];
  return approval.state === 'invalid' ? [invalid(field, next.metadata.annotations?.[APPROVAL], approval.message)] : [];
}
