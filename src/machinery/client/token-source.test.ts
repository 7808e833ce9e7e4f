import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Exec } from '#kit/exec.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { loadInClusterConfig } from './in-cluster.ts';
import type { ClusterConfig, CredentialPlugin } from './kubeconfig.ts';
import { tokenSourceOf } from './token-source.ts';

const config: ClusterConfig = { server: new URL('https://a:1'), verification: 'verify', namespace: 'default' };
const noExec: Exec = { run: () => Promise.reject(new Error('nothing is run')) };

let directory: string;
let clock: FakeClock;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'token-source-'));
  clock = new FakeClock();
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('a token file', () => {
  it('is read again after a minute and when the server refused, and kept while it is away', async () => {
    const tokenFile = path.join(directory, 'token');
    const source = tokenSourceOf({ ...config, tokenFile }, { clock, exec: noExec });
    const now = async (): Promise<string | undefined> => (await source.token())?.reveal();
    await expect(source.token()).rejects.toMatchObject({ reason: 'CredentialsUnavailable', message: expect.stringContaining(tokenFile) });
    writeFileSync(tokenFile, 'one\n');
    expect(await now()).toBe('one');
    writeFileSync(tokenFile, 'two');
    expect(await now()).toBe('one');
    await clock.step(60_000);
    expect(await now()).toBe('two');
    writeFileSync(tokenFile, 'three');
    source.refused();
    expect(await now()).toBe('three');
    unlinkSync(tokenFile);
    await clock.step(60_000);
    expect(await now()).toBe('three');
  });
});

describe('a credential plugin', () => {
  const apiVersion = 'client.authentication.k8s.io/v1';
  const plugin: CredentialPlugin = { command: 'login', args: ['--quiet'], env: { PROFILE: 'dev' }, apiVersion, installHint: 'get it' };
  let runs: (readonly string[])[];
  let answer: string;
  const exec: Exec = {
    run: async (argv) => {
      runs.push(argv);
      if (answer === '') throw new Error('secret-in-message');
      return { stdout: answer, stderr: '', exitCode: 0 };
    },
  };
  const credential = (token: string, expirationTimestamp?: string): string =>
    JSON.stringify({ apiVersion, kind: 'ExecCredential', status: { token, expirationTimestamp } });
  beforeEach(() => {
    runs = [];
  });

  it('is run with its variables, once for many requests, and again before its token ends or when it was refused', async () => {
    const source = tokenSourceOf({ ...config, plugin }, { clock, exec });
    answer = credential('one', new Date(clock.nowMs() + 100_000).toISOString());
    const [first, second] = await Promise.all([source.token(), source.token()]);
    expect([first?.reveal(), second?.reveal(), runs.length]).toEqual(['one', 'one', 1]);
    expect(runs[0]).toEqual([
      'env',
      'PROFILE=dev',
      expect.stringMatching(/^KUBERNETES_EXEC_INFO=\{.*"interactive":false/),
      'login',
      '--quiet',
    ]);
    await clock.step(95_000);
    answer = credential('two');
    expect((await source.token())?.reveal()).toBe('two');
    await clock.step(10_000_000);
    await source.token();
    expect(runs).toHaveLength(2);
    source.refused();
    await source.token();
    expect(runs).toHaveLength(3);
  });

  it.each([
    { name: 'fails', said: '', message: /^the credential plugin login failed \(\w+\): get it$/ },
    { name: 'says something else', said: 'hello', message: /answered no ExecCredential/ },
    { name: 'speaks another version', said: '{"apiVersion":"x","status":{"token":"t"}}', message: /answered no ExecCredential/ },
  ])('that $name is told, without what it was given', async ({ said, message }) => {
    answer = said;
    await expect(tokenSourceOf({ ...config, plugin }, { clock, exec }).token()).rejects.toMatchObject({
      reason: 'CredentialsUnavailable',
      message: expect.stringMatching(message),
    });
  });
});

describe('loadInClusterConfig', () => {
  const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };

  it('takes the address of the environment, and the files of the service account', async () => {
    writeFileSync(path.join(directory, 'token'), 't');
    writeFileSync(path.join(directory, 'ca.crt'), 'CA\n');
    writeFileSync(path.join(directory, 'namespace'), 'team');
    const found = await loadInClusterConfig({ env, directory });
    expect(found).toMatchObject({ ca: 'CA', namespace: 'team', tokenFile: path.join(directory, 'token'), verification: 'verify' });
    expect(found.server.host).toBe('10.96.0.1');
    const ipv6 = await loadInClusterConfig({ env: { ...env, KUBERNETES_SERVICE_HOST: 'fd00::1' }, directory });
    expect(ipv6.server.hostname).toBe('[fd00::1]');
  });

  it.each([
    { name: 'outside of a cluster', env: {}, message: 'run in a pod' },
    { name: 'without a token', env, message: 'automountServiceAccountToken' },
  ])('says what is missing $name', async ({ env: variables, message }) => {
    await expect(loadInClusterConfig({ env: variables, directory })).rejects.toMatchObject({
      reason: 'NotInCluster',
      message: expect.stringContaining(message),
    });
  });
});
