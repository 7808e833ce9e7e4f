import type { Probe } from '#api/generated/kubernetes.ts';

/** What a probe has said so far. */
export interface Tally {
  /** Undefined = nothing that counts yet. */
  readonly verdict: boolean | undefined;
  /** The last result, and how often it came in a row. */
  readonly last?: boolean | undefined;
  readonly inRow: number;
}

/** core/v1 defaults of Probe. */
const DEFAULTS = { failureThreshold: 3, successThreshold: 1, periodSeconds: 10, initialDelaySeconds: 0 } as const;

/** Counts one more result: the verdict changes when as many in a row agree as the probe asks for. Pure. */
export function judge(tally: Tally, isOk: boolean, probe: Probe): Tally {
  const inRow = tally.last === isOk ? tally.inRow + 1 : 1;
  const needed = isOk ? (probe.successThreshold ?? DEFAULTS.successThreshold) : (probe.failureThreshold ?? DEFAULTS.failureThreshold);
  return { verdict: inRow >= needed ? isOk : tally.verdict, last: isOk, inRow };
}

/** How long after `startedAtMs` the probe is first due, seen from `nowMs`; milliseconds. Pure. */
export function firstDelayMs(probe: Probe, startedAtMs: number, nowMs: number): number {
  return Math.max(0, startedAtMs + (probe.initialDelaySeconds ?? DEFAULTS.initialDelaySeconds) * 1000 - nowMs);
}

/** From one probe to the next, milliseconds. Pure. */
export function periodMs(probe: Probe): number {
  return Math.max(1, probe.periodSeconds ?? DEFAULTS.periodSeconds) * 1000;
}
