import { BUILT_IN_KINDS } from '#api/kinds/built-in.ts';
import { namespaces } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { type ApiServer, type ApiServerOptions, createApiServer } from '#machinery/apiserver/api-server.ts';
import type { Client } from '#machinery/client/client.ts';
import { MemoryEngine } from '#testing/memory-engine.ts';
import { openStore } from '#machinery/store/open-store.ts';
import type { Store } from '#machinery/store/store.ts';
import type { Clock } from '#kit/clock.ts';
import { FakeClock } from './fake-clock.ts';

/** What differs from the usual test API. */
export interface TestApiOptions extends Partial<
  Pick<
    ApiServerOptions,
    'accountTokens' | 'flowLimits' | 'admission' | 'authenticators' | 'authorizers' | 'audit' | 'podLogs' | 'podStreams' | 'kinds' | 'log'
  >
> {
  /** Default: an empty one in memory. It is closed with the API. */
  readonly store?: Store;
  /** Default: a {@link FakeClock}. */
  readonly clock?: Clock;
  /** False where `store` has the namespace `default` already. */
  readonly isNew?: boolean;
}

/** An API server in this process over a store in memory. */
export interface TestApi<C extends Clock = Clock> {
  /** As a member of `system:masters`. */
  readonly client: Client;
  readonly server: ApiServer;
  readonly store: Store;
  readonly clock: C;
  close(): Promise<void>;
}

/** The embedded API with all built-in kinds and the namespace `default`, for tests of what stands on it. */
export function startTestApi(options?: TestApiOptions & { readonly clock?: undefined }): Promise<TestApi<FakeClock>>;
export function startTestApi<C extends Clock>(options: TestApiOptions & { readonly clock: C }): Promise<TestApi<C>>;
export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const clock = options.clock ?? new FakeClock();
  const store = options.store ?? (await openStore({ engine: new MemoryEngine(), clock, log: silentLogger }));
  const server = createApiServer({
    kinds: BUILT_IN_KINDS,
    ids: new SystemIds(),
    version: '0.0.0',
    log: silentLogger,
    ...options,
    store,
    clock,
  });
  const client = server.clientFor({ name: 'test', groups: ['system:masters'] });
  if (options.isNew !== false) await client.create(namespaces, { metadata: { name: 'default' }, spec: {} });
  return {
    client,
    server,
    store,
    clock,
    close: async () => {
      await server.close();
      await store.close();
    },
  };
}
