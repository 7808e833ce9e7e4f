import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SystemClock } from '#kit/clock.ts';
import { SystemIds } from '#kit/ids.ts';
import type { Identity } from '#machinery/apiserver/pki/identity-file.ts';
import { ensurePki, type Pki } from '#machinery/apiserver/pki/pki.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';

const clock = new SystemClock();
const ids = new SystemIds();
let dir: string;
let pki: Pki;
let foreign: Pki;
let api: TestApi<SystemClock>;
let port: number;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'tls-'));
  pki = await ensurePki({ dir: path.join(dir, 'own'), clock, ids, hosts: [] });
  foreign = await ensurePki({ dir: path.join(dir, 'foreign'), clock, ids, hosts: [] });
  api = await startTestApi({ clock });
  const fallback = (_request: unknown, response: { end(text: string): unknown }): void => void response.end('the console');
  ({ port } = await api.server.listen({ host: '127.0.0.1', port: 0, tls: { ...pki.server, caPem: pki.caPem }, fallback }));
});
afterAll(async () => {
  await api.close();
  rmSync(dir, { recursive: true });
});

function get(
  target: string,
  identity?: Identity,
  session?: Buffer,
): Promise<{ status: number; body: string; session: Buffer | undefined; isReused: boolean }> {
  const keys = identity === undefined ? {} : { key: identity.keyPem, cert: identity.certificatePem };
  return new Promise((resolve, reject) => {
    let latest: Buffer | undefined;
    const asked = request(
      { host: '127.0.0.1', port, path: target, ca: pki.caPem, ...keys, ...(session === undefined ? {} : { session }), agent: false },
      (answer) => {
        let body = '';
        answer.on('data', (chunk: Buffer) => (body += chunk.toString()));
        answer.on('end', () => setImmediate(() => resolve({ status: answer.statusCode ?? 0, body, session: latest, isReused })));
      },
    );
    let isReused = false;
    asked.on('socket', (socket) => {
      if (!('isSessionReused' in socket) || typeof socket.isSessionReused !== 'function') return;
      const isSessionReused: () => unknown = socket.isSessionReused.bind(socket);
      socket.on('session', (ticket: Buffer) => (latest = ticket));
      socket.on('secureConnect', () => (isReused = isSessionReused() === true));
    });
    asked.on('error', reject);
    asked.end();
  });
}

it('API-3: a certificate of our CA signs in, one of another does not', async () => {
  expect((await get('/api/v1/namespaces/default', pki.admin)).status).toBe(200);
  expect((await get('/api/v1/namespaces/default', foreign.admin)).status).toBe(401);
  expect((await get('/api/v1/namespaces/default')).status).toBe(401);
});

it('API-3: a resumed TLS session is still the same user', async () => {
  const first = await get('/api/v1/namespaces/default', pki.admin);
  const again = await get('/api/v1/namespaces/default', pki.admin, first.session);
  expect([again.status, again.isReused]).toEqual([200, true]);
});

it('answers over HTTP/2, watches included', async () => {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: pki.caPem, key: pki.admin.keyPem, cert: pki.admin.certificatePem });
  const first = await new Promise<string>((resolve, reject) => {
    session.on('error', reject);
    const stream = session.request({ ':path': '/api/v1/namespaces?watch=1' });
    stream.on('data', (chunk: Buffer) => {
      stream.close();
      resolve(chunk.toString());
    });
    stream.on('error', reject);
  });
  session.close();
  expect(first).toContain('{"type":"ADDED","object":{');
});

it('offers nothing older than TLS 1.2', async () => {
  const old = new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, ca: pki.caPem, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }, () =>
      resolve('connected'),
    );
    socket.on('error', reject);
  });
  await expect(old).rejects.toThrow();
});

it('hands other paths on, and keeps its own', async () => {
  expect((await get('/console/')).body).toBe('the console');
  expect((await get('/healthz')).body).toBe('ok');
  expect((await get('/apis')).status).toBe(401);
});

it.each([
  { name: 'a port that another has', at: () => ({ host: '127.0.0.1', port }), says: /port \d+: .*: choose another port/ },
  {
    name: 'an address of another machine',
    at: () => ({ host: '192.0.2.1', port: 0 }),
    says: /192\.0\.2\.1, .*: choose an address of this machine/,
  },
])('names what it can not have, and what helps: $name', async ({ at, says }) => {
  await expect(api.server.listen(at())).rejects.toMatchObject({ reason: 'ListenFailed', message: expect.stringMatching(says) });
});
