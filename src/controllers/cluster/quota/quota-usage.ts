import type { ObjectKey } from '#api/meta/object.ts';
import type { Clock } from '#kit/clock.ts';

/** Who knows what is used of quotas: the API server that admits objects. */
export interface QuotaUsageSource {
  /** Undefined for a quota that it does not know yet. */
  usedOf(key: ObjectKey): Readonly<Record<string, string>> | undefined;
  /** Tells of each quota whose usage changed; answers a disposer. */
  onChange(listener: (key: string) => void): () => void;
}

/** Usage that changes often is told at most this often, in milliseconds. */
export const TELL_MS = 100;

/** Has the quotas whose usage changed looked at; answers a disposer. */
export function gatherChanges(
  { usage, clock }: { readonly usage: QuotaUsageSource; readonly clock: Clock },
  add: (key: string) => void,
): () => void {
  const changed = new Set<string>();
  const stop = usage.onChange((key) => {
    if (changed.size === 0) {
      clock.after(TELL_MS, () => {
        const keys = [...changed];
        changed.clear();
        keys.forEach(add);
      });
    }
    changed.add(key);
  });
  return () => {
    stop();
    changed.clear();
  };
}
