import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigMap } from '#api/generated/kubernetes.ts';
import { configMaps, secrets } from '#api/resources.ts';
import { silentLogger } from '#kit/log.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { InformerFactory } from './informer-factory.ts';

describe('InformerFactory', () => {
  let api: TestApi<FakeClock>;
  let informers: InformerFactory;
  let watches: string[];

  beforeEach(async () => {
    api = await startTestApi();
    watches = [];
    const client = overrideClient(api.client, {
      watch: (resource, options) => {
        watches.push(resource.plural);
        return api.client.watch(resource, options);
      },
    });
    informers = new InformerFactory({ client, clock: api.clock, log: silentLogger });
  });
  afterEach(async () => {
    informers.stop();
    await api.close();
  });

  const key = { namespace: 'default', name: 'a' };
  const byName = (object: ConfigMap): string[] => [object.metadata.name];

  it('shares one watch per resource, with the indexes of all who asked', async () => {
    const first = informers.for(configMaps, { byName });
    const second = informers.for(configMaps, { byUid: (object) => [object.metadata.uid] });
    informers.for(secrets);
    await informers.start();
    await settle();
    expect(first).toBe(second);
    expect(watches.sort()).toEqual(['configmaps', 'secrets']);
    const created = await api.client.create(configMaps, { metadata: key });
    await settle();
    expect(first.byIndex('byName', 'a')).toEqual([created]);
    expect(first.byIndex('byUid', created.metadata.uid)).toEqual([created]);
  });

  it('forgets a kind that nobody works with, and reads it anew for who asks later', async () => {
    const first = informers.for(configMaps);
    await informers.start();
    informers.drop(configMaps);
    await api.client.create(configMaps, { metadata: key });
    await settle();
    expect(first.size).toBe(0);
    const second = informers.for(configMaps);
    await informers.start();
    expect(second.get(key)).toBeDefined();
  });

  it('sums up once for all who ask with the same function', () => {
    const countSecrets = (factory: InformerFactory): { readonly of: unknown } => ({ of: factory.for(secrets) });
    const sum = informers.shared(countSecrets);
    expect(informers.shared(countSecrets)).toBe(sum);
    expect(sum.of).toBe(informers.for(secrets));
    expect(informers.shared((factory) => countSecrets(factory))).not.toBe(sum);
  });

  it('shows writes through its client at once, and nothing of dry runs', async () => {
    const informer = informers.for(configMaps);
    await informers.start();
    await informers.client.create(configMaps, { metadata: key }, { isDryRun: true });
    expect(informer.get(key)).toBeUndefined();
    await informers.client.create(configMaps, { metadata: key });
    expect(informer.get(key)?.data).toBeUndefined();
    const patched = await informers.client.patch(configMaps, { key, patch: { type: 'merge', body: { data: { a: '1' } } } });
    expect(informer.get(key)?.data).toEqual({ a: '1' });
    await informers.client.update(configMaps, { ...patched, data: { a: '2' } });
    expect(informer.get(key)?.data).toEqual({ a: '2' });
  });

  it('does not keep an object that an own write made vanish', async () => {
    const informer = informers.for(configMaps);
    await informers.start();
    await informers.client.create(configMaps, { metadata: { ...key, finalizers: ['stowage.dev/test'] } });
    await informers.client.delete(configMaps, key);
    await informers.client.patch(configMaps, { key, patch: { type: 'merge', body: { metadata: { finalizers: [] } } } });
    await settle();
    expect(informer.get(key)).toBeUndefined();
    expect(informer.size).toBe(0);
  });

  it('keeps metadata only for who wants no more, unless somebody else has the whole objects', async () => {
    const byOwner = (object: { readonly metadata: { readonly uid: string } }): string[] => [object.metadata.uid];
    const whole = informers.for(secrets);
    const metadata = informers.metadataFor(configMaps, { byOwner });
    expect(informers.metadataFor(secrets, { byOwner })).toBe(whole);
    expect(informers.metadataFor(configMaps, { byOwner })).toBe(metadata);
    await informers.start();
    const created = await api.client.create(configMaps, { metadata: { ...key, annotations: { much: 'text' } }, data: { a: '1' } });
    await settle();
    const { name, namespace, uid, resourceVersion, creationTimestamp } = created.metadata;
    expect(metadata.byIndex('byOwner', uid)).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, uid, resourceVersion, creationTimestamp } },
    ]);
  });
});
