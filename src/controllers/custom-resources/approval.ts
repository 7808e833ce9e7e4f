import type { CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import type { Verdict } from './verdict.ts';

const ANNOTATION = 'api-approved.kubernetes.io';

/**
 * Whether a definition may be in a group that Kubernetes keeps for itself (apiextensions pkg/controller/apiapproval); undefined for other groups.
 * It is told only: a cluster refuses the definition, but published ones exist that lack the annotation.
 */
export function approvalOf({ metadata, spec }: CustomResourceDefinition): Verdict | undefined {
  if (!/(?:^|\.)(?:k8s|kubernetes)\.io$/.test(spec.group)) return undefined;
  const value = metadata.annotations?.[ANNOTATION] ?? '';
  if (value === '') {
    const message = `protected groups must have approval annotation "${ANNOTATION}", see https://github.com/kubernetes/enhancements/pull/1111`;
    return { status: 'False', reason: 'MissingAnnotation', message };
  }
  if (value.startsWith('unapproved'))
    return { status: 'False', reason: 'UnapprovedAnnotation', message: `not approved: ${JSON.stringify(value)}` };
  if (URL.canParse(value)) return { status: 'True', reason: 'ApprovedAnnotation', message: `approved in ${value}` };
  const message = `protected groups must have approval annotation "${ANNOTATION}" with either a URL or a reason starting with "unapproved"`;
  return { status: 'False', reason: 'InvalidAnnotation', message };
}
