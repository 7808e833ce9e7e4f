import type { Consumer } from './consumers.ts';

/** What a job that swaps volumes of claims says of itself while it works. */
export interface JobStatus {
  readonly message?: string;
  readonly consumers?: readonly Consumer[];
}

/** A job that swaps volumes of claims, as its steps see it. */
export interface SwapJob {
  readonly namespace: string;
  readonly uid: string;
  /** What it said last. */
  readonly message: string | undefined;
  /** Writes its status. */
  readonly record: (status: JobStatus) => Promise<void>;
}

/** How soon what is waited for is looked at again where nothing else wakes it, in milliseconds. */
export const SWAP_POLL_MS = 5_000;

/** Says what it waits for, unless it has said it. */
export async function tell(job: SwapJob, message: string): Promise<void> {
  if (job.message !== message) await job.record({ message });
}
