/** What every kind's condition has. */
export interface ConditionLike {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly lastTransitionTime?: string | undefined;
}

/** The condition of that type. */
export function findCondition<C extends ConditionLike>(conditions: readonly C[] | undefined, type: string): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** True where the condition of that type says `True`. */
export function isConditionTrue(conditions: readonly ConditionLike[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * The conditions with `next` in the place of the one of its type, or at the end. `lastTransitionTime` moves only with the status,
 * so that an unchanged condition makes an unchanged list.
 */
export function withCondition<C extends ConditionLike>(conditions: readonly C[] | undefined, next: C): readonly C[] {
  const previous = findCondition(conditions, next.type);
  if (previous === undefined) return [...(conditions ?? []), next];
  const kept = previous.status === next.status && previous.lastTransitionTime !== undefined;
  const changed = kept ? { ...next, lastTransitionTime: previous.lastTransitionTime } : next;
  return (conditions ?? []).map((condition) => (condition === previous ? changed : condition));
}

/** The conditions without the one of that type. */
export function withoutCondition<C extends ConditionLike>(conditions: readonly C[] | undefined, type: string): readonly C[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}
