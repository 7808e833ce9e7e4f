import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServiceSpec } from '#api/generated/kubernetes.ts';
import type { KubeObject, ObjectKey } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { endpoints, pods, services } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import type { StoreView } from '../../contract/admission.ts';
import { targetOf } from './webhook-target.ts';

describe('API-1: where webhooks are', () => {
  let api: TestApi;
  let view: StoreView;
  beforeEach(async () => {
    api = await startTestApi();
    view = {
      get: <K extends KubeObject>(resource: Resource<K>, key: ObjectKey) =>
        trusted<K | undefined>(api.store.get({ resource: groupResourceOf(resource), ...key })?.object),
      list: <K extends KubeObject>(resource: Resource<K>, namespace?: string) => ({
        apiVersion: 'v1',
        kind: resource.listKind,
        metadata: { resourceVersion: '0' },
        items: api.store.list({ resource: groupResourceOf(resource), namespace }).entries.map(({ object }) => trusted<K>(object)),
      }),
    };
  });
  afterEach(() => api.close());
  const at = { namespace: 'default', name: 'hook' };
  const service = (spec: Partial<ServiceSpec>): Promise<unknown> => api.client.create(services, { metadata: at, spec });
  const target = (port?: number): object =>
    targetOf({ service: { ...at, path: '/check', ...(port === undefined ? {} : { port }) }, caBundle: 'cGVt' }, 5, view);
  const listening = { name: 'https', port: 443, targetPort: 'web' };

  it.each([
    {
      url: 'https://hooks.example.com',
      want: { host: 'hooks.example.com', port: 443, path: '/?timeout=5s', serverName: 'hooks.example.com' },
    },
    { url: 'https://10.0.0.1:8443/a', want: { host: '10.0.0.1', port: 8443, path: '/a?timeout=5s', serverName: '10.0.0.1' } },
    { url: 'https://[::1]:8443/a', want: { host: '::1', port: 8443, url: 'https://[::1]:8443/a?timeout=5s' } },
  ])('$url', ({ url, want }) => {
    expect(targetOf({ url }, 5, view)).toMatchObject(want);
  });

  it('a service of an outside name', async () => {
    await service({ type: 'ExternalName', externalName: 'hooks.example.com' });
    expect(target()).toEqual({
      host: 'hooks.example.com',
      port: 443,
      path: '/check?timeout=5s',
      serverName: 'hook.default.svc',
      caPem: 'pem',
      url: 'https://hook.default.svc:443/check?timeout=5s',
    });
  });

  it('the endpoints of a service', async () => {
    await service({ ports: [listening] });
    await api.client.create(endpoints, {
      metadata: at,
      subsets: [
        { notReadyAddresses: [{ ip: '10.0.0.1' }], ports: [{ name: 'https', port: 1 }] },
        { addresses: [{ ip: '10.0.0.2' }], ports: [{ name: 'https', port: 8443 }] },
      ],
    });
    expect(target()).toMatchObject({ host: '10.0.0.2', port: 8443 });
  });

  it('a ready pod on the network of the machine', async () => {
    await service({ selector: { app: 'hook' }, ports: [listening] });
    const container = { name: 'c', image: 'busybox', ports: [{ name: 'web', containerPort: 9443 }] };
    const spec = { hostNetwork: true, containers: [container] };
    const key = { namespace: 'default', name: 'p' };
    await api.client.create(pods, { metadata: { ...key, labels: { app: 'hook' } }, spec });
    expect(() => target()).toThrow('no endpoints available for service "hook"');
    const status = { podIP: '10.1.1.1', conditions: [{ type: 'Ready', status: 'True' }] };
    await api.client.patch(pods, { key, patch: { type: 'merge', body: { status } } }, { subresource: 'status' });
    expect(target()).toMatchObject({ host: '10.1.1.1', port: 9443 });
  });

  it.each([
    { name: 'no service', spec: undefined, port: undefined, says: 'service "hook" not found' },
    { name: 'another port', spec: { ports: [listening] }, port: 8443, says: 'service "hook" has no port 8443' },
    { name: 'nobody behind it', spec: { ports: [listening] }, port: undefined, says: 'no endpoints available for service "hook"' },
  ])('$name is said', async ({ spec, port, says }) => {
    if (spec !== undefined) await service(spec);
    expect(() => target(port)).toThrow(says);
  });
});
