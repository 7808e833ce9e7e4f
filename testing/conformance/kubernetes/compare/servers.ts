import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseExactJson } from '#kit/exact-json.ts';
import { eventually } from '../../../eventually.ts';
import { freePort } from '../../../free-port.ts';
import { PlatformProcess } from '../../../platform/platform-process.ts';
import { ensureProgram } from '../programs.ts';

/** An API server to ask, with the rights of its administrator. */
export interface Peer {
  readonly name: 'stowage' | 'kubernetes';
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

/** A request as both get it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
}

/** What one of them answers. */
export interface Answered {
  readonly status: number;
  /** Parsed where it is JSON. */
  readonly body: unknown;
  readonly warnings: readonly string[];
}

/** A real control plane starts in seconds; slower machines decide nothing. */
const START_TIMEOUT_MS = 120_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** A fresh platform. */
export async function startStowage(): Promise<Peer> {
  const platform = await PlatformProcess.start({ flags: ['--no-demo'] });
  const token = readFileSync(path.join(platform.dataDir, 'admin.token'), 'utf8').trim();
  return { name: 'stowage', url: platform.url, token, stop: () => platform.remove() };
}

/** An unmodified etcd and kube-apiserver; no controllers and no node. Without `isDurable` what is written may be lost, and is written faster. */
export async function startKubernetes(
  print: (line: string) => void,
  { isDurable = false }: { readonly isDurable?: boolean } = {},
): Promise<Peer> {
  const programs = { etcd: await ensureProgram('etcd', print), apiserver: await ensureProgram('kube-apiserver', print) };
  const folder = mkdtempSync(path.join(tmpdir(), 'kubernetes-'));
  const [clientPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const children: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  const start = (program: string, args: readonly string[]): void => {
    const log = openSync(path.join(folder, `${path.basename(program)}.log`), 'a');
    children.push(spawn(program, args, { cwd: folder, stdio: ['ignore', log, log] }));
  };
  const token = randomUUID();
  writeFileSync(path.join(folder, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(path.join(folder, 'sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  start(programs.etcd, [...etcdFlags(folder, clientPort, peerPort), ...(isDurable ? [] : ['--unsafe-no-fsync'])]);
  start(programs.apiserver, apiserverFlags(folder, clientPort, port));
  const peer: Peer = { name: 'kubernetes', url: `https://127.0.0.1:${port}`, token, stop };
  try {
    await eventually(async () => {
      const { status } = await ask(peer, { method: 'GET', path: '/readyz' });
      if (status !== 200) throw new Error(`kube-apiserver is not ready: ${status}`);
    }, START_TIMEOUT_MS);
    await makeAccount(peer);
    await makeDefaultClass(peer);
    return peer;
  } catch (thrown) {
    print(readFileSync(path.join(folder, 'kube-apiserver.log'), 'utf8').split('\n').slice(-20).join('\n'));
    await stop();
    throw thrown;
  }
}

/** No pod is made without the account that a controller makes on a cluster. */
async function makeAccount(peer: Peer): Promise<void> {
  await eventually(async () => {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } });
    const { status } = await ask(peer, { method: 'POST', path: '/api/v1/namespaces/default/serviceaccounts', body });
    if (status !== 201 && status !== 409) throw new Error(`no service account could be made: ${status}`);
  }, START_TIMEOUT_MS);
}

/** A platform has one. */
async function makeDefaultClass(peer: Peer): Promise<void> {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const body = JSON.stringify({ metadata: { name: 'local', annotations }, provisioner: 'local.stowage.dev' });
  const { status } = await ask(peer, { method: 'POST', path: '/apis/storage.k8s.io/v1/storageclasses', body });
  if (status !== 201) throw new Error(`no class could be made: ${status}`);
}

function etcdFlags(folder: string, clientPort: number, peerPort: number): readonly string[] {
  const [client, peer] = [`http://127.0.0.1:${clientPort}`, `http://127.0.0.1:${peerPort}`];
  return [
    `--data-dir=${path.join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ];
}

function apiserverFlags(folder: string, etcdPort: number, port: number): readonly string[] {
  const key = path.join(folder, 'sa.key');
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=192.0.2.10',
    `--cert-dir=${path.join(folder, 'certs')}`,
    `--token-auth-file=${path.join(folder, 'tokens.csv')}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    '--endpoint-reconciler-type=none',
  ];
}

const agent = new Agent({ keepAlive: true, maxSockets: 4, rejectUnauthorized: false });

/** The status where no answer came. */
const NO_ANSWER = 599;

/** Sends a request and reads its answer. */
export function ask({ url, token }: Peer, { method, path: target, contentType, body }: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    const sent = request(`${url}${target}`, { method, agent, headers, timeout: REQUEST_TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: parsed(Buffer.concat(chunks).toString('utf8')),
          warnings: [response.headers['warning'] ?? []].flat(),
        }),
      );
    });
    // why: a connection that breaks is an answer that differs too
    sent.on('error', (thrown) => resolve({ status: NO_ANSWER, body: { message: thrown.message }, warnings: [] }));
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${REQUEST_TIMEOUT_MS / 1000} s: ${method} ${target}`)));
    sent.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return text;
  }
}
