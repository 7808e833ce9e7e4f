import type { CustomResourceDefinitionCondition } from '#api/generated/kubernetes.ts';

/** What a condition says. */
export type Verdict = Pick<CustomResourceDefinitionCondition, 'status' | 'reason' | 'message'>;
