import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

/** How often ages are drawn again, in milliseconds. */
const TICK_MS = 5_000;

let nowMs = Date.now();
const listeners = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** One timer for every age on the page; none while there is none. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  ticking ??= setInterval(() => {
    nowMs = Date.now();
    for (const told of listeners) told();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}

/** How long ago `atMs` was; the exact time is its title. `aheadMs`: how far the server's clock is ahead of the browser's. */
export function Age({ atMs, aheadMs }: { readonly atMs: number; readonly aheadMs: number }) {
  const { i18n } = useTranslation();
  const shownNowMs = useSyncExternalStore(subscribe, () => nowMs);
  const date = new Date(atMs);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString(i18n.language)}>
      {formatAge(Math.max(0, Math.max(shownNowMs, Date.now() - TICK_MS) + aheadMs - atMs), i18n.language)}
    </time>
  );
}

const STEPS = [
  { unit: 'second', ms: 1_000, below: 120 },
  { unit: 'minute', ms: 60_000, below: 120 },
  { unit: 'hour', ms: 3_600_000, below: 48 },
  { unit: 'day', ms: 86_400_000, below: Infinity },
] as const;

/** A length of time in its one most telling unit: `45s`, `12m`, `3h`, `9d`, or the same in another language. */
export function formatAge(lengthMs: number, language: string): string {
  const step = STEPS.find(({ ms, below }) => lengthMs / ms < below) ?? STEPS[3];
  return new Intl.NumberFormat(language, { style: 'unit', unit: step.unit, unitDisplay: 'narrow' }).format(Math.floor(lengthMs / step.ms));
}
