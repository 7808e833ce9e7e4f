import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadKubeconfig } from './kubeconfig.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function aKubeconfig(parts: { cluster?: object; user?: object; context?: object; root?: object } = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'stowage',
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443', ...parts.cluster } }],
    users: [{ name: 'u', user: { ...parts.user } }],
    contexts: [{ name: 'stowage', context: { cluster: 'c', user: 'u', ...parts.context } }],
    ...parts.root,
  };
}

describe('loadKubeconfig', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
    await writeFile(join(dir, 'ca.pem'), 'CA FILE');
    await writeFile(join(dir, 'token'), 'from-file\n');
  });
  afterAll(() => rm(dir, { recursive: true }));

  async function load(content: unknown, context?: string): ReturnType<typeof loadKubeconfig> {
    const path = join(dir, 'config');
    await writeFile(path, typeof content === 'string' ? content : stringify(content));
    return loadKubeconfig(path, context);
  }

  it('reads a client certificate and an authority given inline', async () => {
    const config = await load(
      aKubeconfig({
        cluster: { 'certificate-authority-data': base64('CA') },
        user: { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
        context: { namespace: 'team' },
      }),
    );
    expect(config).toMatchObject({ ca: 'CA', cert: 'CERT', namespace: 'team', verification: 'verify' });
    expect(config.server.href).toBe('https://127.0.0.1:6443/');
    expect(config.key?.reveal()).toBe('KEY');
    expect(JSON.stringify(config)).not.toContain('KEY');
  });

  it('reads files beside the kubeconfig, a token file and the name of the server', async () => {
    const config = await load(
      aKubeconfig({ cluster: { 'certificate-authority': 'ca.pem', 'tls-server-name': 'kubernetes' }, user: { tokenFile: 'token' } }),
    );
    expect(config).toMatchObject({ ca: 'CA FILE', tlsServerName: 'kubernetes', namespace: 'default' });
    expect(config.tokenFile).toBe(join(dir, 'token'));
  });

  it('API-1: reads several files as one, as client-go does: the first that says something wins', async () => {
    const [first, second] = [join(dir, 'first'), join(dir, 'second')];
    await mkdir(join(dir, 'sub'), { recursive: true });
    await writeFile(join(dir, 'sub', 'ca.pem'), 'CA OF SUB');
    const third = join(dir, 'sub', 'third');
    await writeFile(first, stringify({ contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'shop' } }] }));
    await writeFile(second, stringify({ 'current-context': 'x', users: [{ name: 'u', user: { token: 'of second' } }] }));
    const cluster = { server: 'https://h:1', 'certificate-authority': 'ca.pem' };
    const users = [{ name: 'u', user: { token: 'of third' } }];
    await writeFile(third, stringify({ 'current-context': 'y', clusters: [{ name: 'c', cluster }], users }));
    const config = await loadKubeconfig([join(dir, 'none'), first, second, third]);
    expect(config).toMatchObject({ namespace: 'shop', ca: 'CA OF SUB' });
    expect(config.token?.reveal()).toBe('of second');
    await expect(loadKubeconfig([join(dir, 'none'), join(dir, 'nor')])).rejects.toThrow(/none of the files is there: name one that is/);
  });

  it('reads a credential plugin, its path as seen from the kubeconfig', async () => {
    const apiVersion = 'client.authentication.k8s.io/v1';
    const exec = {
      apiVersion,
      command: './login',
      args: ['a'],
      env: [{ name: 'P', value: 'dev' }],
      installHint: 'get it',
      interactiveMode: 'Never',
    };
    expect((await load(aKubeconfig({ user: { exec } }))).plugin).toEqual({
      apiVersion,
      command: join(dir, 'login'),
      args: ['a'],
      env: { P: 'dev' },
      installHint: 'get it',
    });
  });

  it('takes another context by name', async () => {
    const contexts = [
      { name: 'stowage', context: { cluster: 'c' } },
      { name: 'other', context: { cluster: 'd' } },
    ];
    const clusters = [
      { name: 'c', cluster: { server: 'https://c:1' } },
      { name: 'd', cluster: { server: 'https://d:2', 'insecure-skip-tls-verify': true } },
    ];
    const config = await load(aKubeconfig({ root: { contexts, clusters } }), 'other');
    expect(config.server.host).toBe('d:2');
    expect(config.verification).toBe('skip');
  });

  it.each<{ name: string; content: unknown; message: RegExp }>([
    { name: 'no YAML', content: '{', message: /kubeconfig .*config: can't be read/ },
    { name: 'no mapping', content: '- a', message: /must be a YAML mapping/ },
    {
      name: 'no current context',
      content: aKubeconfig({ root: { 'current-context': '' } }),
      message: /current-context is not set; contexts: stowage/,
    },
    {
      name: 'an unknown context',
      content: aKubeconfig({ root: { 'current-context': 'x' } }),
      message: /contexts has no entry "x"; it has: stowage/,
    },
    { name: 'an unknown cluster', content: aKubeconfig({ context: { cluster: 'x' } }), message: /clusters has no entry "x"; it has: c/ },
    {
      name: 'plain HTTP',
      content: aKubeconfig({ cluster: { server: 'http://a:1' } }),
      message: /server is "http:\/\/a:1"; it must be https/,
    },
    { name: 'a password', content: aKubeconfig({ user: { password: 'x' } }), message: /users\[u\]\.user\.password is not supported; use/ },
    {
      name: 'a proxy',
      content: aKubeconfig({ cluster: { 'proxy-url': 'http://p:1' } }),
      message: /proxy-url is not supported; use an address/,
    },
    {
      name: 'a plugin without a program',
      content: aKubeconfig({ user: { exec: {} } }),
      message: /exec\.command is not set; name the program/,
    },
    {
      name: 'a plugin of another version',
      content: aKubeconfig({ user: { exec: { command: 'x', apiVersion: 'client.authentication.k8s.io/v1alpha1' } } }),
      message: /exec\.apiVersion is .*; it must be client\.authentication\.k8s\.io\/v1 or/,
    },
    { name: 'a missing file', content: aKubeconfig({ user: { 'client-key': 'nowhere' } }), message: /client-key: ENOENT/ },
  ])('refuses $name with the field and the remedy', async ({ content, message }) => {
    await expect(load(content)).rejects.toMatchObject({
      code: 'InvalidArgument',
      reason: 'KubeconfigInvalid',
      message: expect.stringMatching(message),
    });
  });

  it('refuses a file that is not there', async () => {
    await expect(loadKubeconfig(join(dir, 'none'))).rejects.toMatchObject({ reason: 'KubeconfigInvalid' });
  });
});
