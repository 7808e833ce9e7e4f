import { moduleInfoes } from '#api/generated/definitions.ts';
import { RETRY_REQUEST } from '#api/plugins/plugin-info.ts';
import type { Clock } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';

/** Has a plugin that waits looked at at once; answers the request, which `status.retriedAt` will name; undefined where the object is gone. */
export async function askAgain(
  client: Pick<Client, 'patch'>,
  { info, clock }: { readonly info: string; readonly clock: Clock },
): Promise<string | undefined> {
  const retry = new Date(clock.nowMs()).toISOString();
  const patch = { type: 'merge', body: { metadata: { annotations: { [RETRY_REQUEST]: retry } } } } as const;
  try {
    await client.patch(moduleInfoes, { key: { namespace: '', name: info }, patch });
    return retry;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}
