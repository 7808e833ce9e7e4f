import { afterEach, beforeEach, expect, it } from 'vitest';
import { customResourceDefinitions } from '#api/resources.ts';
import { Secret } from '#kit/secret.ts';
import { tokenAuthenticator } from '#machinery/apiserver/access/authentication.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aDefinition, aSchema, establish } from '#testing/builders/definition.ts';

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi({
    authenticators: [tokenAuthenticator([{ token: new Secret('admin'), user: { name: 'admin', groups: ['system:masters'] } }])],
  });
});
afterEach(() => api.close());

it.each([
  { warning: 'use v2', says: '299 - "use v2"' },
  { warning: undefined, says: '299 - "shop.example.com/v1 Disk is deprecated"' },
])('API-2: who writes in a version that is on its way out is told so: $says', async ({ warning, says }) => {
  const schema = aSchema({ type: 'object' });
  const told = warning === undefined ? {} : { deprecationWarning: warning };
  await establish(api.client, aDefinition({ versions: [{ schema, deprecated: true, ...told }] }));
  const { port } = await api.server.listen({ host: '127.0.0.1', port: 0 });
  const { spec } = await api.client.get(customResourceDefinitions, { namespace: '', name: 'disks.shop.example.com' });
  const answer = await fetch(`http://127.0.0.1:${port}/apis/${spec.group}/v1/namespaces/default/disks`, {
    method: 'POST',
    body: JSON.stringify({ metadata: { name: 'd' } }),
    headers: { 'content-type': 'application/json', authorization: 'Bearer admin' },
  });
  expect([answer.status, answer.headers.get('warning')]).toEqual([201, says]);
});

it('API-2: who asks for Endpoints is told to use EndpointSlices', async () => {
  const { port } = await api.server.listen({ host: '127.0.0.1', port: 0 });
  const headers = { authorization: 'Bearer admin' };
  for (const path of ['/api/v1/endpoints', '/api/v1/namespaces/default/endpoints/none']) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    expect(answer.headers.get('warning')).toBe('299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"');
  }
  const other = await fetch(`http://127.0.0.1:${port}/api/v1/services`, { headers });
  expect(other.headers.get('warning')).toBeNull();
});
