import type { Pod } from '#api/generated/kubernetes.ts';
import { type Draft, formatKey, keyOf, type KubeObject, parseKey } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';

/** How long to wait before the cache is asked again for a pod that was made, in milliseconds. */
export const UNSEEN_POLL_MS = 200;

/** Most pods that one reconcile makes or deletes (replica_set.go `BurstReplicas`). */
const BURST = 500;
/** Most writes at a time. */
const MAX_BATCH = 64;

/** Refusals that leave no doubt that nothing was written. */
const DEFINITE = [
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'FailedPrecondition',
  'InvalidArgument',
  'Aborted',
  'Unimplemented',
] as const;

/**
 * Creates and deletes pods, and knows which of that the cache does not show yet (controller_utils.go `ControllerExpectations`):
 * a cache that lags never makes a pod be created twice, nor another one be deleted in its place.
 */
export class PodWrites {
  readonly #informer: Informer<Pod>;
  /** Keys of pods that may have been made, by the uid of their owner. At most one burst each; emptied as the cache catches up. */
  readonly #unseen = new Map<string, Set<string>>();
  /** Uids of pods whose deletion was asked for and that the cache still shows as staying. */
  readonly #deleted = new Set<string>();

  constructor(informer: Informer<Pod>) {
    this.#informer = informer;
    informer.subscribe({
      onUpsert: ({ metadata }) => void (metadata.deletionTimestamp !== undefined && this.#deleted.delete(metadata.uid)),
      onDelete: ({ metadata }) => void this.#deleted.delete(metadata.uid),
    });
  }

  /** True for a pod that is being deleted, whether the cache knows it or not. */
  isGoing({ metadata }: Pod): boolean {
    return metadata.deletionTimestamp !== undefined || this.#deleted.has(metadata.uid);
  }

  /** True while a pod that was made for `owner` may be missing in the cache. */
  async hasUnseen(ctx: Ctx, owner: KubeObject): Promise<boolean> {
    const keys = this.#unseen.get(owner.metadata.uid);
    for (const key of keys ?? []) {
      const target = parseKey(key);
      if (this.#informer.get(target) !== undefined || !(await isThere(ctx, target))) this.#see(owner, key);
    }
    return this.#unseen.has(owner.metadata.uid);
  }

  /** Creates a pod of `owner`. */
  async create(ctx: Ctx, owner: KubeObject, draft: Draft<Pod>): Promise<Pod> {
    const key = formatKey({ namespace: draft.metadata.namespace ?? '', name: draft.metadata.name ?? '' });
    const keys = this.#unseen.get(owner.metadata.uid) ?? new Set();
    this.#unseen.set(owner.metadata.uid, keys.add(key));
    try {
      const made = await ctx.client.create(pods, draft);
      if (this.#informer.get(keyOf(made)) !== undefined) this.#see(owner, key);
      return made;
    } catch (thrown) {
      if (hasCode(thrown, ...DEFINITE)) this.#see(owner, key);
      throw thrown;
    }
  }

  /** Deletes `pod`; one that is gone already is success. */
  async delete(ctx: Ctx, pod: Pod): Promise<void> {
    this.#deleted.add(pod.metadata.uid);
    try {
      await ctx.client.delete(pods, keyOf(pod), { uid: pod.metadata.uid });
    } catch (thrown) {
      this.#deleted.delete(pod.metadata.uid);
      // why Aborted: another pod has its name by now, so this one is gone
      if (!hasCode(thrown, 'NotFound', 'Aborted')) throw thrown;
      this.#informer.forget(pod);
    }
    if (this.#informer.get(keyOf(pod))?.metadata.uid !== pod.metadata.uid) this.#deleted.delete(pod.metadata.uid);
  }

  #see(owner: KubeObject, key: string): void {
    const keys = this.#unseen.get(owner.metadata.uid);
    keys?.delete(key);
    if (keys?.size === 0) this.#unseen.delete(owner.metadata.uid);
  }
}

async function isThere(ctx: Ctx, key: ReturnType<typeof parseKey>): Promise<boolean> {
  try {
    await ctx.client.get(pods, key);
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return false;
    throw thrown;
  }
}

/**
 * Runs `write` for each item, 1, then 2, then 4 … at a time, and stops at the first batch in which one fails, so that a faulty template costs
 * one refused write and not hundreds (controller_utils.go `slowStartBatch`). Answers what went wrong.
 */
export async function inGrowingBatches<T>(items: readonly T[], write: (item: T) => Promise<void>): Promise<PlatformError | undefined> {
  const burst = items.slice(0, BURST);
  let size = 1;
  for (let from = 0; from < burst.length; from += size) {
    if (from > 0) size = Math.min(size * 2, MAX_BATCH);
    const results = await Promise.allSettled(burst.slice(from, from + size).map(write));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure !== undefined) return PlatformError.from(failure.reason);
  }
  return undefined;
}
