import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { csiNodes } from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { NodeGetStorageHealthResponse } from '#protocols/csi/generated/messages.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { StorageHealthLook } from './storage-health.ts';

const KEY = { namespace: '', name: 'node-1' };
const ILL: NodeGetStorageHealthResponse = {
  backendHealth: [{ status: 'STORAGE_UNREACHABLE', reason: 'NoPath', message: 'both paths are down' }],
};
const { signal } = new AbortController();

describe('VOL-19: how storage is, as a node reaches it', () => {
  let api: TestApi<FakeClock>;
  let metrics: Metrics;
  let look: StorageHealthLook;
  let answer: () => Promise<NodeGetStorageHealthResponse>;
  let capabilities: readonly string[];
  let isConnected: boolean;
  let writes: number;
  beforeEach(async () => {
    api = await startTestApi();
    metrics = new Metrics();
    [answer, capabilities, isConnected, writes] = [async () => ILL, ['GET_STORAGE_HEALTH'], true, 0];
    await api.client.create(csiNodes, { metadata: { name: 'node-1' }, spec: { drivers: [{ name: 'disk.example', nodeID: 'a' }] } });
    const driver = (): CsiClient =>
      // why trusted: nothing else of a driver is asked
      trusted<CsiClient>({
        node: {
          nodeGetCapabilities: async () => ({ capabilities: capabilities.map((type) => ({ rpc: { type } })) }),
          nodeGetStorageHealth: () => answer(),
        },
      });
    const client: ConstructorParameters<typeof StorageHealthLook>[0]['client'] = {
      get: (resource, key) => api.client.get(resource, key),
      patch: (resource, target, options) => {
        writes += 1;
        return api.client.patch(resource, target, options);
      },
    };
    const drivers = () => (isConnected ? driver() : undefined);
    look = new StorageHealthLook({ client, nodeName: 'node-1', clock: api.clock, log: silentLogger, metrics, drivers });
  });
  afterEach(async () => api.close());

  const told = async (): Promise<unknown> => (await api.client.get(csiNodes, KEY)).status?.storageHealth;
  const unreachable = (since: string, message = 'both paths are down') => [
    {
      name: 'disk.example',
      healthConditions: [{ status: 'StorageUnreachable', reason: 'NoPath', message, lastTransitionTime: since }],
    },
  ];

  it('is in the node’s CSINode and in kubelet’s metric, and since when, and goes when all is well', async () => {
    await look.look(signal);
    expect(await told()).toEqual(unreachable('2026-01-01T00:00:00Z'));
    expect(metrics.render()).toContain(
      'csi_node_storage_health_status{driver_name="disk.example",status="StorageUnreachable",reason="NoPath"} 1\n',
    );
    await api.clock.step(60_000);
    answer = async () => ({ backendHealth: [{ status: 'STORAGE_UNREACHABLE', reason: 'NoPath', message: 'one path is back' }] });
    await look.look(signal);
    expect(await told()).toEqual(unreachable('2026-01-01T00:00:00Z', 'one path is back'));
    answer = async () => ({});
    await look.look(signal);
    expect(await told()).toBeUndefined();
    expect(metrics.render()).not.toContain('csi_node_storage_health_status{');
    await look.look(signal);
    expect(writes).toBe(3);
  });

  it.each([
    {
      name: 'an error',
      change: () => void (answer = () => Promise.reject(new PlatformError({ code: 'Internal', reason: 'X', message: 'no' }))),
    },
    { name: 'a driver that is away', change: () => void (isConnected = false) },
  ])('$name clears nothing', async ({ change }) => {
    await look.look(signal);
    change();
    await look.look(signal);
    expect(await told()).toEqual(unreachable('2026-01-01T00:00:00Z'));
  });

  it('a driver that the node has no more is forgotten, and one that does not say is not asked', async () => {
    await look.look(signal);
    capabilities = [];
    await look.look(signal);
    expect(await told()).toBeUndefined();
    capabilities = ['GET_STORAGE_HEALTH'];
    await look.look(signal);
    await api.client.patch(csiNodes, { key: KEY, patch: { type: 'merge', body: { spec: { drivers: [] } } } });
    await look.look(signal);
    expect(await told()).toBeUndefined();
  });
});
