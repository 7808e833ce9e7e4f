import type { Explanation, Finding, Words } from '#api/explanation.ts';

/** Why a claim waits; volumes that exist are told of only where one of them could help. */
export interface Way extends Explanation {
  readonly mayTakeVolumes: boolean;
}

/** Somebody is needed. */
export function blocked(summary: Words, findings: readonly Finding[], remedies: readonly Words[]): Explanation {
  return { state: 'blocked', summary, findings, remedies };
}

/** It passes by itself. */
export function busy(summary: Words, findings: readonly Finding[] = [], remedies: readonly Words[] = []): Explanation {
  return { state: 'busy', summary, findings, remedies };
}

/** Nothing is needed. */
export function fine(summary: Words, findings: readonly Finding[] = []): Explanation {
  return { state: 'fine', summary, findings, remedies: [] };
}
