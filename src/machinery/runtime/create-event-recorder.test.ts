import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { configMaps, events, persistentVolumes } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { type LogFields, type Logger, silentLogger } from '#kit/log.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aVolume } from '#testing/builders/volume.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import type { Client } from '../client/client.ts';
import { ApiUnreachable } from '../client/transport.ts';
import { type BufferedEventRecorder, createEventRecorder } from './create-event-recorder.ts';

describe('EventRecorder', () => {
  let api: TestApi<FakeClock>;
  let recorder: BufferedEventRecorder;
  let about: KubeObject;
  let writes: string[];
  let dropped: LogFields[];
  /** Thrown by the next write. */
  let fault: Error | undefined;

  beforeEach(async () => {
    api = await startTestApi();
    about = await api.client.create(configMaps, { metadata: { name: 'a', namespace: 'default' } });
    writes = [];
    dropped = [];
    fault = undefined;
    const log: Logger = { ...silentLogger, warn: (_message, fields) => dropped.push(fields ?? {}), with: () => log };
    recorder = createEventRecorder({
      client: counting(api.client),
      clock: api.clock,
      ids: new SystemIds(),
      log,
      component: 'binding',
      host: 'node-1',
    });
  });
  afterEach(async () => {
    await recorder.stop();
    await api.close();
  });

  function counting(client: Client): Client {
    const count = (verb: string): void => {
      writes.push(verb);
      if (fault !== undefined) throw fault;
    };
    return overrideClient(client, {
      create: async (resource, draft, options) => {
        count('create');
        return client.create(resource, draft, options);
      },
      patch: async (resource, target, options) => {
        count('patch');
        return client.patch(resource, target, options);
      },
    });
  }

  const stored = async (): Promise<readonly Event[]> => (await api.client.list(events)).items;
  const record = (message = 'no volume fits'): void => recorder.record({ about, type: 'Warning', reason: 'NoVolume', message });

  it('writes what kubectl describe shows', async () => {
    record();
    await settle();
    const [event] = await stored();
    expect(event).toMatchObject({
      metadata: { namespace: 'default', name: expect.stringMatching(/^a\.[a-z0-9]{16}$/) },
      involvedObject: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: 'a',
        namespace: 'default',
        uid: about.metadata.uid,
        resourceVersion: about.metadata.resourceVersion,
      },
      type: 'Warning',
      reason: 'NoVolume',
      message: 'no volume fits',
      source: { component: 'binding', host: 'node-1' },
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      count: 1,
    });
  });

  it('puts events of cluster-scoped objects into the namespace default', async () => {
    const volume = await api.client.create(persistentVolumes, aVolume());
    recorder.record({ about: volume, type: 'Normal', reason: 'Released', message: 'x' });
    await settle();
    const [event] = await stored();
    expect(event?.metadata.namespace).toBe('default');
    expect(event?.involvedObject.namespace).toBeUndefined();
  });

  it('counts repetitions on one event, with one write in 2 s however many there are', async () => {
    record();
    await settle();
    for (let repetition = 0; repetition < 20; repetition += 1) {
      await api.clock.step(500);
      record();
    }
    await api.clock.step(2000);
    const all = await stored();
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ count: 21, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:00:10Z' });
    expect(writes.length).toBeLessThanOrEqual(7);
  });

  it.each([
    { name: 'another message', change: async () => record('another') },
    { name: 'the same after 10 minutes', change: () => api.clock.step(600_000).then(() => record()) },
  ])('makes a new event for $name', async ({ change }) => {
    record();
    await settle();
    await change();
    await settle();
    expect((await stored()).map((event) => event.count)).toEqual([1, 1]);
  });

  it('tells an event anew that expired meanwhile', async () => {
    record();
    await settle();
    for (const event of await stored()) await api.client.delete(events, { namespace: 'default', name: event.metadata.name });
    await api.clock.step(300_000);
    record();
    await settle();
    expect((await stored()).map((event) => event.count)).toEqual([2]);
  });

  it('writes later when the API can not be reached now', async () => {
    fault = new ApiUnreachable('https://a:1', 'refused');
    record();
    await api.clock.step(1000);
    expect(await stored()).toEqual([]);
    fault = undefined;
    await api.clock.step(10_000);
    expect(await stored()).toHaveLength(1);
  });

  it('gives up with a log line, and never throws', async () => {
    fault = new ApiUnreachable('https://a:1', 'refused');
    record();
    await api.clock.step(600_000);
    expect(dropped).toEqual([expect.objectContaining({ kind: 'ConfigMap', name: 'a', namespace: 'default', reason: 'NoVolume' })]);
    expect(writes.length).toBeLessThan(20);
    expect(api.clock.timers).toBe(0);
  });

  it('drops the event of a namespace that is gone at once', async () => {
    const gone = { ...about, metadata: { ...about.metadata, namespace: 'gone' } };
    recorder.record({ about: gone, type: 'Normal', reason: 'X', message: 'x' });
    await settle();
    expect(dropped).toHaveLength(1);
    expect(writes).toEqual(['create']);
  });

  it('holds a bounded number of events, and drops the oldest', async () => {
    fault = new ApiUnreachable('https://a:1', 'refused');
    for (let index = 0; index < 3000; index += 1) {
      const one = { ...about, metadata: { ...about.metadata, name: `a-${index}` } };
      recorder.record({ about: one, type: 'Warning', reason: 'NoVolume', message: 'x' });
    }
    expect(dropped).toHaveLength(1000);
  });

  it('combines similar events from the tenth message on, and shows the newest of them', async () => {
    for (let index = 1; index <= 12; index += 1) record(`try ${index}`);
    await settle();
    await api.clock.step(2_000);
    const all = await stored();
    expect(all).toHaveLength(10);
    expect(all.find(({ message }) => message?.startsWith('(combined'))).toMatchObject({
      message: '(combined from similar events): try 12',
      count: 3,
    });
  });

  it('writes no more of an object after 25 at once, and then one in five minutes with the whole count', async () => {
    for (let repetition = 0; repetition < 40; repetition += 1) {
      record();
      await api.clock.step(3_000);
    }
    const before = writes.length;
    expect((await stored())[0]?.count).toBe(25);
    await api.clock.step(300_000);
    record();
    await settle();
    expect(writes.length).toBe(before + 1);
    expect((await stored())[0]?.count).toBe(41);
  });

  it('cuts a message that the API would refuse', async () => {
    record('x'.repeat(5000));
    await settle();
    expect((await stored())[0]?.message).toHaveLength(1024);
  });

  it('flushes counts that wait for their time', async () => {
    record();
    await settle();
    record();
    record();
    await recorder.flush(new AbortController().signal);
    expect((await stored()).map((event) => event.count)).toEqual([3]);
  });

  it('gives up flushing when told to', async () => {
    fault = new ApiUnreachable('https://a:1', 'refused');
    record();
    await recorder.flush(AbortSignal.abort());
  });
});
