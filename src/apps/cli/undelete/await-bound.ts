import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { events, persistentVolumeClaims } from '#api/resources.ts';
import { sleep, SystemClock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';

const POLL_MS = 200;
/** How long a claim may take to be bound to a volume that is there, in milliseconds. */
const PATIENCE_MS = 60_000;

/** Waits until the claim has its volume. @throws PlatformError where it is refused, or takes too long */
export async function awaitBound(
  { client, signal }: { readonly client: Pick<Client, 'get' | 'list'>; readonly signal: AbortSignal },
  claim: PersistentVolumeClaim,
): Promise<void> {
  const clock = new SystemClock();
  const { namespace = '', name, uid } = claim.metadata;
  for (const begunMs = clock.nowMs(); clock.nowMs() - begunMs < PATIENCE_MS; await sleep(clock, POLL_MS, signal)) {
    const { status } = await client.get(persistentVolumeClaims, keyOf(claim));
    if (status?.phase === 'Bound') return;
    const { items } = await client.list(events, { namespace, fieldSelector: `involvedObject.uid=${uid},reason=UndeleteRefused` });
    const refusal = items[0];
    if (refusal !== undefined)
      throw new PlatformError({
        code: 'FailedPrecondition',
        reason: 'UndeleteRefused',
        message: `claim ${name} waits: ${refusal.message ?? ''}`,
      });
  }
  const message = `claim ${name} is made and not bound yet, it goes on: stowage explain pvc/${name} -n ${namespace} says why`;
  throw new PlatformError({ code: 'DeadlineExceeded', reason: 'Timeout', message });
}
