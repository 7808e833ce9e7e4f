import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CSRF_HEADER, isConsoleSession } from '#api/console-session.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { ApiError } from '#machinery/client/api-error.ts';
import type { Client } from '#machinery/client/client.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aPod } from '#testing/builders/pod.ts';
import { type ConsoleSite, SITE_TOKEN, startConsoleSite } from '#testing/console-site.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';

const KEY = { namespace: 'default', name: 'data' };
const DRIVER = 'local.stowage.dev';
let bench: StorageBench;
let site: ConsoleSite;
/** Whose client was taken. */
let users: string[];
/** What the signed-in user uses. */
let client: Client;
let headers: Record<string, string>;

beforeEach(async () => {
  const driver = new FakeDriver({ capabilities: ['EXPAND_VOLUME'] });
  driver.beforeExpand = async () => {
    throw driverError('OutOfRange', 'too large');
  };
  bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  await bench.createClass(aClass({ rest: { allowVolumeExpansion: true } }));
  await bench.createClaim(aClaim({ storageClassName: 'fast', size: '1Gi' }));
  await bench.idle();
  const body = { spec: { resources: { requests: { storage: '900Gi' } } } };
  await bench.client.patch(persistentVolumeClaims, { key: KEY, patch: { type: 'merge', body } });
  await bench.idle();
  client = bench.client;
  users = [];
  const clientFor = ({ name }: { readonly name: string }): Client => {
    users.push(name);
    return client;
  };
  site = await startConsoleSite({ client: bench.client, clientFor, distDir: '/nowhere', clock: bench.api.clock });
  headers = await signIn();
});
afterEach(async () => {
  await site.close();
  await bench.close();
});

function post(path: string, body: unknown, more: Record<string, string> = {}): Promise<Response> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...more }, body: JSON.stringify(body) };
  return fetch(`${site.url}/console/api/${path}`, init);
}

async function signIn(): Promise<Record<string, string>> {
  const response = await post('sign-in', { token: SITE_TOKEN });
  const session: unknown = await response.json();
  if (!isConsoleSession(session)) throw new TypeError('no session');
  return { cookie: (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '', [CSRF_HEADER]: session.csrfToken };
}

/** Posts while time goes on; answers the status and the lines. */
async function recover(more = headers, body: unknown = KEY): Promise<{ readonly status: number; readonly lines: readonly unknown[] }> {
  let isOver = false;
  const asking = post('recover', body, more)
    .then(async (response) => ({ status: response.status, text: await response.text() }))
    .finally(() => {
      isOver = true;
    });
  asking.catch(() => {});
  while (!isOver) await bench.step(200);
  const { status, text } = await asking;
  const lines = text
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  return { status, lines };
}

/** The bench's client, which may not do `verb`. */
function forbidding(verb: 'patch' | 'delete'): Client {
  const message = `User "jane" cannot ${verb} this`;
  const refuse = async (): Promise<never> => {
    throw new ApiError({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason: 'Forbidden', code: 403 });
  };
  const get = (target: Client, name: string | symbol): unknown => {
    const method: unknown = Reflect.get(target, name);
    return name === verb ? refuse : typeof method === 'function' ? method.bind(target) : method;
  };
  return new Proxy(bench.client, { get });
}

describe('VOL-9: giving a growth up from the console', () => {
  it('does it as the signed-in user and tells each step and the end', async () => {
    const { status, lines } = await recover();
    expect(status).toBe(200);
    const step = { type: 'step', words: { code: expect.any(String), values: expect.anything() } };
    expect(lines).toEqual([step, step, step, step, step, { type: 'done' }]);
    expect(lines[1]).toEqual({ type: 'step', words: { code: 'claimDeleted', values: { claim: 'default/data' } } });
    expect(users).toEqual(['admin']);
    expect(await bench.claim()).toMatchObject({ spec: { resources: { requests: { storage: '1Gi' } } }, status: { phase: 'Bound' } });
  });

  it.each([
    { name: 'without a session', change: { cookie: '' }, body: KEY, status: 401, reason: 'SessionMissing' },
    { name: 'without the CSRF token', change: { [CSRF_HEADER]: '' }, body: KEY, status: 403, reason: 'CsrfTokenRefused' },
    { name: 'of another origin', change: { origin: 'https://evil.example' }, body: KEY, status: 403, reason: 'OriginRefused' },
    { name: 'without a name', change: {}, body: { namespace: 'default' }, status: 400, reason: 'RequestMalformed' },
  ])('is refused $name, and nothing was asked of the API', async ({ change, body, status, reason }) => {
    expect(await recover({ ...headers, ...change }, body)).toMatchObject({ status, lines: [{ reason }] });
    expect(users).toEqual([]);
  });

  it('names the pods that use the claim and does not start', async () => {
    await bench.createPod(aPod({ claims: ['data'] }));
    const before = await bench.claim();
    const { status, lines } = await recover();
    expect(status).toBe(422);
    expect(lines).toMatchObject([{ reason: 'RecoveryRefused', message: expect.stringContaining('pods use the claim: web; delete them') }]);
    expect((await bench.claim())?.metadata.uid).toBe(before?.metadata.uid);
  });

  it('says what the user may not do: at once, or after the steps that were done; asked again it goes on', async () => {
    client = forbidding('patch');
    expect(await recover()).toMatchObject({ status: 403, lines: [{ reason: 'Forbidden', message: 'User "jane" cannot patch this' }] });
    client = forbidding('delete');
    const { status, lines } = await recover();
    expect(status).toBe(200);
    expect(lines).toMatchObject([
      { type: 'step' },
      { type: 'refused', refusal: { status: 403, message: 'User "jane" cannot delete this' } },
    ]);
    client = bench.client;
    expect((await recover()).lines.at(-1)).toEqual({ type: 'done' });
  });

  it('goes on when the browser leaves half-way', async () => {
    const body = { metadata: { finalizers: ['example.dev/held'] } };
    await bench.client.patch(persistentVolumeClaims, { key: KEY, patch: { type: 'merge', body } });
    await (await post('recover', KEY, headers)).body?.cancel();
    site.cutConnections();
    await bench.client.patch(persistentVolumeClaims, { key: KEY, patch: { type: 'merge', body: { metadata: { finalizers: null } } } });
    for (let steps = 0; steps < 10; steps += 1) await bench.step(200);
    expect(await bench.claim()).toMatchObject({ spec: { resources: { requests: { storage: '1Gi' } } }, status: { phase: 'Bound' } });
  });

  it('does a claim once at a time, and ends after five minutes with what helps', async () => {
    const body = { metadata: { finalizers: ['example.dev/held'] } };
    await bench.client.patch(persistentVolumeClaims, { key: KEY, patch: { type: 'merge', body } });
    const first = await post('recover', KEY, headers);
    expect(await recover()).toMatchObject({ status: 429, lines: [{ reason: 'RecoveryBusy' }] });
    await bench.step(300_000);
    const last = (await first.text()).trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({
      type: 'refused',
      refusal: { reason: 'RecoveryUnfinished', message: expect.stringContaining('run "stowage recover pvc/data -n default"') },
    });
  });
});
