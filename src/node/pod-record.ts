import type { PodPaths } from './node-paths.ts';
import { readRecordIfAny, writeTextAtomic } from '#linux/small-files.ts';

/** What the node remembers of a pod beside its runs and volumes. */
export interface PodRecord {
  readonly namespace: string;
  readonly name: string;
  /** All containers ended for good and everything but logs was removed. */
  readonly isFinished: boolean;
}

/** The pod's record; undefined where the node has nothing of the pod. */
export async function readPodRecord(paths: PodPaths): Promise<PodRecord | undefined> {
  const value = await readRecordIfAny(paths.record);
  if (value === undefined) return undefined;
  const { namespace, name } = value;
  return {
    namespace: typeof namespace === 'string' ? namespace : '',
    name: typeof name === 'string' ? name : '',
    isFinished: value['isFinished'] === true,
  };
}

/** Writes the record as a whole. */
export function writePodRecord(paths: PodPaths, record: PodRecord): Promise<void> {
  return writeTextAtomic(paths.record, JSON.stringify(record));
}
