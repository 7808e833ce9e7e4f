import { expect, it } from 'vitest';
import type { CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
import { aDefinition } from '#testing/builders/definition.ts';
import { approvalOf } from './approval.ts';

it.each([
  { group: 'shop.k8s.io', annotation: undefined, reason: 'MissingAnnotation' },
  { group: 'k8s.io', annotation: '', reason: 'MissingAnnotation' },
  { group: 'shop.kubernetes.io', annotation: 'yes', reason: 'InvalidAnnotation' },
  { group: 'shop.k8s.io', annotation: 'mailto:a@b.c', reason: 'InvalidAnnotation' },
  { group: 'shop.k8s.io', annotation: 'unapproved, experimental-only', reason: 'UnapprovedAnnotation' },
  { group: 'shop.k8s.io', annotation: 'https://github.com/kubernetes/enhancements/pull/1111', reason: 'ApprovedAnnotation' },
  { group: 'shop.notk8s.io', annotation: undefined, reason: undefined },
])('$group with $annotation: $reason', ({ group, annotation, reason }) => {
  const draft = aDefinition({ group });
  const annotations = annotation === undefined ? {} : { 'api-approved.kubernetes.io': annotation };
  const definition = trusted<CustomResourceDefinition>({ ...draft, metadata: { ...draft.metadata, annotations } });
  expect(approvalOf(definition)?.reason).toBe(reason);
});
