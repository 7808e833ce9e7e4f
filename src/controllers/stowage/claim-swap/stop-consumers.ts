import type { Pod } from '#api/generated/kubernetes.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import { type Consumer, findConsumers, startConsumer, stopConsumer } from './consumers.ts';
import { type SwapJob, tell } from './swap-job.ts';

/**
 * Stops who runs `users`: they are noted in the status first, as they are; those that are `known` are stopped.
 * Undefined when nobody uses the claims any more; else what it waits for, `''` where it goes on at once.
 */
export async function stopConsumers(
  ctx: Ctx,
  job: SwapJob,
  { users, known }: { readonly users: readonly Pod[]; readonly known: readonly Consumer[] },
): Promise<string | undefined> {
  const { consumers, strangers } = await findConsumers(ctx, users);
  const fresh = consumers.filter((consumer) => !known.some((other) => other.uid === consumer.uid));
  if (fresh.length > 0) {
    await job.record({ consumers: [...known, ...fresh] });
    return '';
  }
  for (const consumer of known) await stopConsumer(ctx, job, consumer);
  if (users.length === 0) return undefined;
  const message = waitText(users, known, strangers);
  await tell(job, message);
  return message;
}

/** Starts those who were stopped. */
export async function startConsumers(ctx: Ctx, job: SwapJob, known: readonly Consumer[]): Promise<void> {
  for (const consumer of known) await startConsumer(ctx, job, consumer);
}

/** Each pod once. */
export function uniquePods(pods: readonly Pod[]): readonly Pod[] {
  return [...new Map(pods.map((pod) => [pod.metadata.uid, pod])).values()];
}

function waitText(users: readonly Pod[], known: readonly Consumer[], strangers: readonly string[]): string {
  if (strangers.length > 0) return `stop them yourself, they are not known here: ${strangers.join(', ')}`;
  const names = users.map(({ metadata }) => metadata.name).join(', ');
  return `stopping ${known.map(({ kind, name }) => `${kind} ${name}`).join(', ')}: pods ${names} end`;
}
