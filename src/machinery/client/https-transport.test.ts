import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMaps } from '#api/resources.ts';
import { SystemClock } from '#kit/clock.ts';
import { SystemIds } from '#kit/ids.ts';
import { Secret } from '#kit/secret.ts';
import { ensurePki, type Pki } from '#machinery/apiserver/pki/pki.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import type { ClusterConfig } from './kubeconfig.ts';

const clock = new SystemClock();
const key = { namespace: 'default', name: 'a' };

async function listen(server: Server): Promise<URL> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  return new URL(`https://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`);
}

function aClient(server: URL, config: Partial<ClusterConfig> = {}): HttpClient {
  return createHttpClient({ config: { server, verification: 'verify', namespace: 'default', ...config }, clock });
}

describe('HttpsTransport', () => {
  let dir = '';
  let pki: Pki;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'https-transport-'));
    pki = await ensurePki({ dir, clock, ids: new SystemIds(), hosts: [] });
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('says what to do where nobody listens', async () => {
    const server = createTcpServer();
    const url = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    await expect(aClient(url).get(configMaps, key)).rejects.toMatchObject({
      code: 'Unavailable',
      reason: 'ApiUnreachable',
      message: expect.stringMatching(
        /^the API server https:\/\/127\.0\.0\.1:\d+ can't be reached: .*ECONNREFUSED.*; start it, or name the right address/,
      ),
    });
  });

  it('trusts only the authority of its configuration, sends the token, and keeps the path in front of the API', async () => {
    const seen: string[] = [];
    const server = createServer({ cert: pki.server.certificatePem, key: pki.server.keyPem }, (request, response) => {
      seen.push(`${request.url} ${request.headers.authorization}`);
      response.end('{"metadata":{"name":"a"}}');
    });
    const url = await listen(server);
    await expect(aClient(url).get(configMaps, key)).rejects.toMatchObject({
      message: expect.stringContaining('check certificate-authority-data'),
    });
    expect(seen).toEqual([]);
    const client = aClient(new URL('/clusters/one', url), { ca: pki.caPem, token: new Secret('t0ken') });
    await client.get(configMaps, key);
    expect(seen).toEqual(['/clusters/one/api/v1/namespaces/default/configmaps/a Bearer t0ken']);
    client.close();
    await expect(client.get(configMaps, key)).rejects.toMatchObject({ reason: 'ApiUnreachable' });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('reads again on a new connection when the server closed the kept one', async () => {
    let requests = 0;
    const server = createServer({ cert: pki.server.certificatePem, key: pki.server.keyPem }, (request, response) => {
      requests += 1;
      // why: the second request meets a connection that ends without an answer
      if (requests === 2) request.socket.destroy();
      else response.end('{"metadata":{"name":"a"}}');
    });
    const client = aClient(await listen(server), { ca: pki.caPem });
    await client.get(configMaps, key);
    await client.get(configMaps, key);
    expect(requests).toBe(3);
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
