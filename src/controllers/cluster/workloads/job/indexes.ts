import type { Job, Pod } from '#api/generated/kubernetes.ts';

/** Which of the numbered parts of a job a pod works on (batch/v1 `JobCompletionIndexAnnotation`). */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';

/** True for a job whose pods are numbered. */
export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === 'Indexed';
}

/** The number of `pod`. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[COMPLETION_INDEX];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** The numbers in `1,3-5,7`. */
export function parseIndexes(text: string | undefined): readonly number[] {
  if (text === undefined || text === '') return [];
  return text.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_unused, index) => first + index);
  });
}

/** The shortest text for sorted numbers: `1,3-5,7` (indexed_job_utils.go `orderedIntervals.String`). */
export function formatIndexes(sorted: readonly number[]): string {
  const ranges: { readonly first: number; last: number }[] = [];
  for (const index of sorted) {
    const open = ranges.at(-1);
    if (open?.last === index - 1) open.last = index;
    else ranges.push({ first: index, last: index });
  }
  return ranges
    .map(({ first, last }) => (first === last ? String(first) : last === first + 1 ? `${first},${last}` : `${first}-${last}`))
    .join(',');
}

/** The `count` lowest numbers that nobody works on, that are not done, and that need not wait. */
export function freeIndexes(
  job: Job,
  taken: ReadonlySet<number>,
  pick: { readonly count: number; readonly waits: (index: number) => boolean },
): readonly number[] {
  const { count, waits } = pick;
  const free: number[] = [];
  for (let index = 0; index < (job.spec.completions ?? 0) && free.length < count; index += 1)
    if (!taken.has(index) && !waits(index)) free.push(index);
  return free;
}
