import type { Job } from '#api/generated/kubernetes.ts';
import { parseIndexes } from './indexes.ts';

/** The number of the first rule by which the indexes that are done are enough; undefined where none says so (success_policy.go `matchSuccessPolicy`). Pure. */
export function matchedSuccessRule({ spec }: Job, completed: readonly number[]): number | undefined {
  const rules = spec.successPolicy?.rules ?? [];
  const done = new Set(completed);
  const index = rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && done.size >= succeededCount;
    const wanted = parseIndexes(succeededIndexes);
    return wanted.filter((one) => done.has(one)).length >= (succeededCount ?? wanted.length);
  });
  return index === -1 ? undefined : index;
}
