import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { LIVE_PATH, parseServerFrame, type ServerFrame } from '#api/console-frames.ts';
import { CSRF_HEADER, isConsoleSession } from '#api/console-session.ts';
import { isExplanation } from '#api/explanation.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { isWaiting } from '#controllers/stowage/explain/questions.ts';
import { ApiError } from '#machinery/client/api-error.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import type { UserInfo } from '#machinery/apiserver/contract/user.ts';
import { type ConsoleSite, SITE_TOKEN, SITE_USER, startConsoleSite } from '#testing/console-site.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { ScriptedClient } from '#testing/fakes/scripted-client.ts';

let dir: string;
let site: ConsoleSite;
let client: ScriptedClient;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'console-gateway-'));
  const distDir = join(dir, 'dist');
  await mkdir(join(distDir, 'assets'), { recursive: true });
  await writeFile(join(dir, 'secret.txt'), 'outside');
  await writeFile(join(distDir, 'index.html'), '<meta nonce="stowage-nonce"><div id="root"></div>');
  await writeFile(join(distDir, 'assets', 'index-abc.js'), `console.log(${'"x"'.repeat(400)})`);
  client = new ScriptedClient();
  site = await startConsoleSite({ client: client.client, distDir });
});

afterEach(async () => {
  await site.close();
  await rm(dir, { recursive: true });
});

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${site.url}/console/api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function signIn(): Promise<{ readonly cookie: string; readonly csrfToken: string }> {
  const response = await post('sign-in', { token: SITE_TOKEN });
  const session: unknown = await response.json();
  if (!isConsoleSession(session)) throw new TypeError(`no session: ${JSON.stringify(session)}`);
  return { cookie: (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '', csrfToken: session.csrfToken };
}

/** Sends the path as it stands; fetch would tidy it up first. */
function rawGet(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(site.url).port), '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
    );
    let text = '';
    socket.on('data', (data) => (text += data.toString()));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}

describe('explanations', () => {
  const ask = async (query: string, headers: Record<string, string>): Promise<{ readonly status: number; readonly body: unknown }> => {
    const response = await fetch(`${site.url}/console/api/explain?${query}`, { headers });
    return { status: response.status, body: await response.json() };
  };

  it('says why a claim is as it is, to somebody who is signed in', async () => {
    const { cookie } = await signIn();
    client.put(persistentVolumeClaims, aStoredClaim({ storageClassName: 'none', status: { phase: 'Pending' } }));
    const { status, body } = await ask('kind=pvc&namespace=default&name=data', { cookie });
    expect(status).toBe(200);
    expect(isExplanation(body)).toBe(true);
    expect(body).toMatchObject({
      state: 'blocked',
      findings: [{ subject: 'storageclass none', text: 'does not exist (there are: none)' }],
    });
    expect(await ask('kind=pvc&namespace=default&name=data', {})).toMatchObject({ status: 401, body: { reason: 'SessionMissing' } });
    expect(await ask('kind=secret&namespace=default&name=data', { cookie })).toMatchObject({
      status: 400,
      body: { reason: 'RequestMalformed' },
    });
  });

  it('says it and what waits to whoever shows what the API takes, too', async () => {
    await site.close();
    site = await startConsoleSite({ client: client.client, distDir: join(dir, 'dist'), userOf: async () => SITE_USER });
    client.put(persistentVolumeClaims, aStoredClaim({ storageClassName: 'none', status: { phase: 'Pending' } }));
    expect(await ask('kind=pvc&namespace=default&name=data', {})).toMatchObject({ status: 200, body: { state: 'blocked' } });
    const waiting: unknown = await (await fetch(`${site.url}/console/api/waiting?namespace=default`)).json();
    expect(isWaiting(waiting)).toBe(true);
    expect(waiting).toMatchObject({ groups: [{ objects: ['pvc/data -n default'] }], unlooked: 0 });
  });

  it('says what its user may not see, as the API says it', async () => {
    const { cookie } = await signIn();
    const message = 'persistentvolumes is forbidden: User "jane" cannot list resource "persistentvolumes"';
    client.listError = new ApiError({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason: 'Forbidden', code: 403 });
    expect(await ask('kind=pvc&namespace=default&name=data', { cookie })).toMatchObject({
      status: 403,
      body: { message, reason: 'Forbidden' },
    });
  });
});

describe('files of the console', () => {
  it('RUN-1: leads from / to the console', async () => {
    const response = await fetch(`${site.url}/`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/console/']);
  });

  it('gives the page a policy with a fresh nonce that its elements carry', async () => {
    const first = await fetch(`${site.url}/console/platform/claims?q=x`);
    const policy = first.headers.get('content-security-policy') ?? '';
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    expect(nonce.length).toBeGreaterThan(20);
    expect(await first.text()).toContain(`nonce="${nonce}"`);
    expect(policy).not.toContain('unsafe');
    expect((await fetch(`${site.url}/console/`)).headers.get('content-security-policy')).not.toBe(policy);
    expect(first.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('caches hashed files for ever, compressed, and answers 304', async () => {
    const response = await fetch(`${site.url}/console/assets/index-abc.js`);
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    const again = await fetch(`${site.url}/console/assets/index-abc.js`, {
      headers: { 'if-none-match': response.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
  });

  it.each([
    { name: 'dots', path: '/console/../secret.txt' },
    { name: 'dots inside', path: '/console/assets/../../secret.txt' },
    { name: 'encoded dots', path: '/console/%2e%2e/secret.txt' },
    { name: 'encoded slash', path: '/console/..%2fsecret.txt' },
    { name: 'backslash', path: '/console/..\\secret.txt' },
    { name: 'doubled slash', path: '/console//etc/passwd.txt' },
    { name: 'null byte', path: '/console/index.html%00.txt' },
    { name: 'prototype', path: '/console/__proto__.txt' },
  ])('leads out of its folder in no way: $name', async ({ path }) => {
    const answer = await rawGet(path);
    expect(answer).toMatch(/^HTTP\/1\.1 404/);
    expect(answer).not.toContain('outside');
  });

  it('says what to do where nothing is built', async () => {
    await rm(join(dir, 'dist'), { recursive: true });
    const response = await fetch(`${site.url}/console/`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ reason: 'ConsoleNotBuilt', status: 503 });
  });
});

describe('CON-4: sign-in', () => {
  it('keeps the session in a cookie that scripts and other sites never see', async () => {
    const response = await post('sign-in', { token: ` ${SITE_TOKEN}\n` });
    expect(response.headers.get('set-cookie')).toMatch(/^stowage-session=\w{64}; Path=\/console; HttpOnly; SameSite=Strict$/);
    const { cookie } = await signIn();
    const session = await fetch(`${site.url}/console/api/session`, { headers: { cookie } });
    expect(await session.json()).toMatchObject({ user: { name: 'admin' } });
  });

  it.each([
    { name: 'a wrong token', body: { token: 'x' }, headers: {}, status: 401, reason: 'TokenUnknown' },
    { name: 'a wrong code', body: { code: 'x' }, headers: {}, status: 401, reason: 'LinkUsed' },
    { name: 'nothing', body: {}, headers: {}, status: 401, reason: 'TokenUnknown' },
    {
      name: 'another origin',
      body: { token: SITE_TOKEN },
      headers: { origin: 'https://evil.example' },
      status: 403,
      reason: 'OriginRefused',
    },
    { name: 'a form', body: {}, headers: { 'content-type': 'text/plain' }, status: 400, reason: 'RequestMalformed' },
    { name: 'a huge body', body: { token: 'x'.repeat(20_000) }, headers: {}, status: 400, reason: 'RequestTooLarge' },
  ])('refuses $name', async ({ body, headers, status, reason }) => {
    const response = await post('sign-in', body, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ reason, status, requestId: expect.stringMatching(/^\w{10}$/) });
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  it('lets a link sign in once', async () => {
    const code = site.gateway.makeSignInLink(SITE_USER).split('#code=')[1];
    expect((await post('sign-in', { code })).status).toBe(200);
    expect((await post('sign-in', { code })).status).toBe(401);
  });

  it('tells who sends many wrong tokens to wait, and lets a right one in all the same', async () => {
    for (let attempt = 0; attempt < 30; attempt += 1) expect((await post('sign-in', { token: 'x' })).status).toBe(401);
    expect(await (await post('sign-in', { token: 'x' })).json()).toMatchObject({ reason: 'SignInBusy', status: 429 });
    expect((await post('sign-in', { token: SITE_TOKEN })).status).toBe(200);
    const code = site.gateway.makeSignInLink(SITE_USER).split('#code=')[1];
    expect((await post('sign-in', { code })).status).toBe(200);
  });

  it('API-3: ends a session and its sockets when its token is good no more', async () => {
    await site.close();
    let isGood = true;
    const clock = new FakeClock();
    const authenticateToken = async (): Promise<UserInfo | undefined> => (isGood ? SITE_USER : undefined);
    site = await startConsoleSite({ client: client.client, distDir: join(dir, 'dist'), clock, authenticateToken });
    const { cookie, csrfToken } = await signIn();
    const [followed, late] = [new Tab(cookie), new Tab(cookie)];
    await Promise.all([followed.opened(), late.opened()]);
    followed.socket.send(SUBSCRIBE);
    isGood = false;
    expect(await (await fetch(`${site.url}/console/api/session`, { headers: { cookie } })).json()).toBeNull();
    await Promise.all([followed.closed(), late.closed()]);
    isGood = true;
    expect((await fetch(`${site.url}/console/api/explain?kind=pvc&namespace=a&name=b`, { headers: { cookie } })).status).toBe(401);
    expect((await post('sign-out', {}, { cookie, [CSRF_HEADER]: csrfToken })).status).toBe(401);
    expect(await new Tab(cookie).opened()).toBe('refused');
  });

  it.each([
    { name: 'within a minute', act: async (_tab: Tab, clock: FakeClock) => clock.step(60_000) },
    { name: 'when it asks for another list', act: async (tab: Tab) => tab.socket.send(SUBSCRIBE) },
  ])('API-3: closes the socket of an account that is gone $name, without another word to it', async ({ act }) => {
    await site.close();
    let isGood = true;
    const clock = new FakeClock();
    const authenticateToken = async (): Promise<UserInfo | undefined> => (isGood ? SITE_USER : undefined);
    site = await startConsoleSite({ client: client.client, distDir: join(dir, 'dist'), clock, authenticateToken });
    const { cookie } = await signIn();
    const tab = new Tab(cookie);
    await tab.opened();
    await tab.until(({ type }) => type === 'hello');
    isGood = false;
    const closed = tab.closed();
    await act(tab, clock);
    await closed;
    expect(tab.frames.filter(({ type }) => type !== 'ping')).toEqual([]);
  });

  it('signs out only with the CSRF token, and then for good', async () => {
    const { cookie, csrfToken } = await signIn();
    expect((await post('sign-out', {}, { cookie })).status).toBe(403);
    expect((await post('sign-out', {}, { cookie, [CSRF_HEADER]: 'x' })).status).toBe(403);
    expect((await post('sign-out', {}, { cookie, [CSRF_HEADER]: csrfToken })).status).toBe(204);
    expect(await (await fetch(`${site.url}/console/api/session`, { headers: { cookie } })).json()).toBeNull();
  });
});

/** A browser tab: what it received, and a wait for a frame that fits. */
class Tab {
  readonly frames: ServerFrame[] = [];
  readonly socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  constructor(cookie: string, origin = site.url) {
    this.socket = new WebSocket(`${site.url.replace('http', 'ws')}${LIVE_PATH}`, { headers: { cookie, origin } });
    this.socket.addEventListener('message', ({ data }) => {
      const frame = typeof data === 'string' ? parseServerFrame(data) : undefined;
      if (frame !== undefined) this.frames.push(frame);
      for (const wake of this.#waiting) wake();
    });
  }

  opened(): Promise<'open' | 'refused'> {
    return new Promise((resolve) => {
      this.socket.once('open', () => resolve('open'));
      this.socket.once('error', () => resolve('refused'));
    });
  }

  closed(): Promise<number> {
    return new Promise((resolve) => this.socket.once('close', resolve));
  }

  async until(fits: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    for (;;) {
      const index = this.frames.findIndex(fits);
      const frame = this.frames[index];
      if (frame !== undefined) {
        this.frames.splice(0, index + 1);
        return frame;
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }
}

function aClaim(name: string): PersistentVolumeClaim {
  const metadata = {
    name,
    namespace: 'k-1',
    uid: `uid-${name}`,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    managedFields: [{}],
  };
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: {} };
}

const SUBSCRIBE = JSON.stringify({ type: 'subscribe', id: 1, resource: 'persistentvolumeclaims', namespace: 'k-1' });

describe('CON-2: live lists', () => {
  it.each([
    { name: 'without a session', cookie: () => '', origin: () => site.url },
    { name: 'of another origin', cookie: (known: string) => known, origin: () => 'http://evil.example' },
    { name: 'of another port', cookie: (known: string) => known, origin: () => 'http://127.0.0.1:1' },
  ])('refuses a socket $name', async ({ cookie, origin }) => {
    const known = (await signIn()).cookie;
    expect(await new Tab(cookie(known), origin()).opened()).toBe('refused');
  });

  it('sends one snapshot and then what changes, without managedFields; two tabs share one watch', async () => {
    client.put(persistentVolumeClaims, aClaim('a'));
    const { cookie } = await signIn();
    const [tab, other] = [new Tab(cookie), new Tab(cookie)];
    await Promise.all([tab.opened(), other.opened()]);
    tab.socket.send(SUBSCRIBE);
    other.socket.send(SUBSCRIBE);
    const snapshot = await tab.until((frame) => frame.type === 'snapshot');
    expect(snapshot).toMatchObject({ id: 1, isFirst: true, isLast: true, items: [{ metadata: { name: 'a' } }] });
    expect(JSON.stringify(snapshot)).not.toContain('managedFields');
    await other.until((frame) => frame.type === 'snapshot');
    expect(client.lists.get('persistentvolumeclaims')).toBe(1);
    expect(client.watchers).toBe(1);
    client.put(persistentVolumeClaims, aClaim('b'));
    client.remove(persistentVolumeClaims, 'uid-a');
    const delta = await tab.until((frame) => frame.type === 'delta');
    expect(delta).toMatchObject({
      changes: [
        { type: 'upsert', object: { metadata: { name: 'b' } } },
        { type: 'delete', uid: 'uid-a' },
      ],
    });
  });

  it('cuts a large list into frames', async () => {
    for (let index = 0; index < 600; index += 1) client.put(persistentVolumeClaims, aClaim(`c-${index}`));
    const tab = new Tab((await signIn()).cookie);
    await tab.opened();
    tab.socket.send(SUBSCRIBE);
    const first = await tab.until((frame) => frame.type === 'snapshot');
    expect(first).toMatchObject({ isFirst: true, isLast: false });
    await tab.until((frame) => frame.type === 'snapshot' && frame.isLast);
  });

  it('answers an unknown list, closes on nonsense and on sign-out', async () => {
    const { cookie, csrfToken } = await signIn();
    const tab = new Tab(cookie);
    await tab.opened();
    tab.socket.send(JSON.stringify({ type: 'subscribe', id: 7, resource: 'unicorns' }));
    expect(await tab.until((frame) => frame.type === 'error')).toMatchObject({ id: 7, reason: 'NotFound' });
    const rude = new Tab(cookie);
    await rude.opened();
    rude.socket.send('{');
    expect(await rude.closed()).toBe(1008);
    const closing = tab.closed();
    await post('sign-out', {}, { cookie, [CSRF_HEADER]: csrfToken });
    expect(await closing).toBe(1001);
  });
});
