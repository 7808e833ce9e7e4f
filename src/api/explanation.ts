import { isRecord } from '#kit/json.ts';

/** One thing that was looked at, and what it says. */
export interface Finding {
  /** For example `persistentvolume pv-1`. */
  readonly subject: string;
  readonly text: string;
}

/** Why an object is in the state that it is in. */
export interface Explanation {
  /** `fine` needs nothing, `busy` passes by itself, `blocked` needs somebody. */
  readonly state: 'fine' | 'busy' | 'blocked';
  /** One sentence. */
  readonly summary: string;
  /** Every candidate, with the reason against it. */
  readonly findings: readonly Finding[];
  /** What helps, one sentence each. */
  readonly remedies: readonly string[];
}

/** True for an explanation as the console's gateway sends it. */
export function isExplanation(value: unknown): value is Explanation {
  if (!isRecord(value) || typeof value['state'] !== 'string' || typeof value['summary'] !== 'string') return false;
  return Array.isArray(value['findings']) && Array.isArray(value['remedies']);
}
