import { modulePlugins } from '#api/generated/definitions.ts';
import { PREFLIGHT_REQUEST } from '#api/plugins/plugin-info.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';

/** Who asks what the nodes lack for a plugin. */
export interface PreflightRequest {
  readonly client: Pick<Client, 'get' | 'patch'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const POLL_MS = 100;
/** Nodes answer within this time, or it is said that they have not. */
const PATIENCE_MS = 15_000;

/** What the nodes lack for a plugin now; undefined where nobody may ask, or nobody answers. */
export async function askPreflight(name: string, { client, clock, signal }: PreflightRequest): Promise<readonly string[] | undefined> {
  const key = { namespace: '', name };
  const requestedAt = new Date(clock.nowMs()).toISOString();
  try {
    await client.patch(modulePlugins, {
      key,
      patch: { type: 'merge', body: { metadata: { annotations: { [PREFLIGHT_REQUEST]: requestedAt } } } },
    });
  } catch (thrown) {
    if (hasCode(thrown, 'PermissionDenied')) return undefined;
    throw thrown;
  }
  for (const endMs = clock.nowMs() + PATIENCE_MS; clock.nowMs() < endMs; await sleep(clock, POLL_MS, signal)) {
    const { status } = await client.get(modulePlugins, key);
    if (status?.preflight?.requestedAt === requestedAt) return status.preflight.lacks ?? [];
  }
  return undefined;
}

/** The answer as lines of what is shown. Pure. */
export function preflightLines(lacks: readonly string[] | undefined): readonly string[] {
  if (lacks === undefined) return ['nodes: not asked'];
  return lacks.length === 0 ? ['nodes: they have what it needs'] : ['nodes lack:', ...lacks.map((lack) => `  ${lack}`)];
}
