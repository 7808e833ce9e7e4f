import type { Explanation, Finding, Words } from '#api/explanation.ts';

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
