import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { ensureDefaultPolicy } from '#apps/server/ensure-default-policy.ts';
import { SystemClock } from '#kit/clock.ts';
import { SystemIds } from '#kit/ids.ts';
import { isRecord } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import { Secret } from '#kit/secret.ts';
import { tokenAuthenticator } from '#machinery/apiserver/access/authentication.ts';
import { escalationCheck } from '#machinery/apiserver/access/rbac/escalation.ts';
import { RbacAuthorizer } from '#machinery/apiserver/access/rbac/rbac-authorizer.ts';
import { AccountTokens } from '#machinery/apiserver/access/service-accounts/account-tokens.ts';
import { signingKeyOf } from '#machinery/apiserver/access/service-accounts/signing-key.ts';
import { MemoryEngine } from '#testing/memory-engine.ts';
import { openStore } from '#machinery/store/open-store.ts';
import { startTestApi, type TestApi, type TestApiOptions } from '#testing/api.ts';

/** A request as it goes over the wire: its path is not normalised. */
export interface Ask {
  readonly method?: string;
  readonly body?: string;
  /** `''` = none. Default: the administrator's. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came back; a stream is cut after a while. */
export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** An API with roles, tokens of service accounts and the users `admin` and `vera`, who has no rights yet. */
export interface SignedInApi {
  readonly api: TestApi<SystemClock>;
  readonly port: number;
  ask(path: string, ask?: Ask): Promise<Answered>;
  close(): Promise<void>;
}

/** Ends a watch that a test should never have got. */
const CUT_MS = 500;

/** Starts it over plain HTTP, with the access that a platform has. */
export async function startSignedInApi(
  options: Pick<TestApiOptions, 'audit' | 'log' | 'podLogs' | 'podStreams'> = {},
): Promise<SignedInApi> {
  const clock = new SystemClock();
  const ids = new SystemIds();
  const store = await openStore({ engine: new MemoryEngine(), clock, log: silentLogger });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const key = signingKeyOf(createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  const rbac = new RbacAuthorizer(store);
  const users = [
    { token: new Secret('admin'), user: { name: 'admin', groups: ['system:masters'] } },
    { token: new Secret('vera'), user: { name: 'vera', groups: ['viewers'] } },
  ];
  const api = await startTestApi({
    ...options,
    clock,
    store,
    authorizers: [rbac],
    admission: [escalationCheck(rbac)],
    accountTokens: new AccountTokens({ key, store, clock, ids }),
    authenticators: [tokenAuthenticator(users)],
  });
  await ensureDefaultPolicy(api.client);
  const { port } = await api.server.listen({ host: '127.0.0.1', port: 0 });
  return {
    api,
    port,
    ask: (path, ask = {}) => send(port, path, ask),
    close: async () => {
      rbac.close();
      await api.close();
    },
  };
}

function send(port: number, path: string, { method = 'GET', body, token = 'admin', headers = {} }: Ask): Promise<Answered> {
  const authorization: Record<string, string> = token === '' ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const asked = httpRequest(
      { host: '127.0.0.1', port, method, path, headers: { 'content-type': 'application/json', ...authorization, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        const finish = (): void => {
          clearTimeout(cut);
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, text, json: parsed(text), headers: response.headers });
        };
        const cut = setTimeout(() => response.destroy(), CUT_MS);
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => {});
        response.on('close', finish);
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
