import { KubeConfig, PortForward } from '@kubernetes/client-node';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ensureKubectl, Kubectl, KUBECTL_VERSIONS, type KubectlVersion } from '#testing/clients/kubectl.ts';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { applyPods, shell, waitForPhase, waitForRunning } from './run-pods.ts';

const BLOB = randomBytes(1024 * 1024).toString('base64');

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'reaching into pods with stock kubectls', () => {
  let platform: PlatformProcess;
  const clients = new Map<KubectlVersion, Kubectl>();
  const kubectlOf = (version: KubectlVersion): Kubectl => clients.get(version) ?? platform.kubectl;

  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    for (const version of KUBECTL_VERSIONS) {
      const kubeconfig = path.join(platform.dataDir, 'kubeconfig');
      clients.set(version, new Kubectl({ program: await ensureKubectl(version), kubeconfig, home: platform.dataDir }));
    }
    const serve = shell('mkdir /www; echo hello >/www/index.html; httpd -p 8080 -h /www; sleep 1000000');
    await applyPods(platform.kubectl, { name: 'server', spec: { containers: [{ name: 'c', image: 'busybox', command: serve }] } });
    await waitForRunning(platform.kubectl, 'server');
  });
  afterAll(async () => platform.remove());

  describe.each(KUBECTL_VERSIONS)('kubectl %s', (version) => {
    it('API-1: exec passes both outputs and the exit code on', async () => {
      const result = await kubectlOf(version).try(['exec', 'server', '--', ...shell('echo out; echo err >&2; exit 7')]);
      expect(result).toMatchObject({ stdout: 'out\n', stderr: expect.stringContaining('err\n'), exitCode: 7 });
      expect(await kubectlOf(version).try(['exec', 'server', '--', 'nosuch'])).toMatchObject({ exitCode: 127 });
    });

    it('API-1: exec passes a megabyte through stdin and back', async () => {
      const back = await kubectlOf(version).run(['exec', '-i', 'server', '--', 'cat'], BLOB);
      expect(createHash('sha256').update(back).digest('hex')).toBe(createHash('sha256').update(BLOB).digest('hex'));
    });

    it('API-3: exec, attach and port-forward are for those who may', async () => {
      const viewer = ['--as', 'viewer', '--as-group', 'viewers'];
      await platform.kubectl.try(['create', 'clusterrolebinding', 'viewers', '--clusterrole=view', '--group=viewers']);
      await eventually(async () => expect(await kubectlOf(version).run(['get', 'pods', ...viewer])).toContain('server'));
      for (const words of [
        ['exec', 'server', '--', 'id'],
        ['attach', 'server'],
        ['port-forward', 'pod/server', ':8080'],
      ]) {
        const { stderr, exitCode } = await kubectlOf(version).try([...viewer, ...words]);
        expect(exitCode).not.toBe(0);
        expect(stderr).toMatch(/User "viewer" cannot (create|get) resource "pods\/(exec|attach|portforward)"/);
      }
    });

    it('API-1: cp copies both ways', async () => {
      const [from, to] = [path.join(platform.dataDir, `from-${version}`), path.join(platform.dataDir, `to-${version}`)];
      writeFileSync(from, BLOB);
      await kubectlOf(version).run(['cp', from, `server:/tmp/blob-${version}`]);
      await kubectlOf(version).run(['cp', `server:/tmp/blob-${version}`, to]);
      expect(readFileSync(to, 'utf8')).toBe(BLOB);
    });

    it('API-1: port-forward reaches a server in the pod, many times', async () => {
      const forward = kubectlOf(version).spawn(['port-forward', 'pod/server', ':8080']);
      let said = '';
      forward.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      try {
        const port = await eventually(() => {
          const found = /127\.0\.0\.1:(\d+) -> 8080/.exec(said)?.[1];
          if (found === undefined) throw new Error(said);
          return found;
        });
        const pages = await Promise.all(Array.from({ length: 10 }, async () => (await fetch(`http://127.0.0.1:${port}/`)).text()));
        expect(new Set(pages)).toEqual(new Set(['hello\n']));
      } finally {
        forward.kill();
      }
    });
  });

  it('API-3: a policy on CONNECT refuses what it is about, and nothing else', async () => {
    const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CONNECT'], resources: ['pods/exec', 'pods/proxy'] };
    const validations = [
      { expression: "!has(object.command) || object.command[0] != 'id'", message: 'no command id here' },
      { expression: "request.kind.kind != 'PodProxyOptions'", message: 'no proxy here' },
    ];
    const group = 'admissionregistration.k8s.io/v1';
    const spec = { failurePolicy: 'Fail', matchConstraints: { resourceRules: [rule] }, validations };
    const documents = [
      { apiVersion: group, kind: 'ValidatingAdmissionPolicy', metadata: { name: 'reach' }, spec },
      {
        apiVersion: group,
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name: 'reach' },
        spec: { policyName: 'reach', validationActions: ['Deny'] },
      },
    ];
    await platform.kubectl.run(['apply', '-f', '-'], documents.map((document) => JSON.stringify(document)).join('\n---\n'));
    await eventually(async () => {
      const { stderr, exitCode } = await platform.kubectl.try(['exec', 'server', '--', 'id']);
      expect(stderr).toContain('no command id here');
      expect(exitCode).not.toBe(0);
    });
    expect(await platform.kubectl.run(['exec', 'server', '--', 'echo', 'fine'])).toBe('fine\n');
    const proxied = await platform.kubectl.try(['get', '--raw', '/api/v1/namespaces/default/pods/server:8080/proxy/index.html']);
    expect(proxied.stderr).toContain('no proxy here');
    await platform.kubectl.run(['delete', 'validatingadmissionpolicy,validatingadmissionpolicybinding', 'reach']);
    await eventually(async () => expect(await platform.kubectl.run(['exec', 'server', '--', 'id'])).toContain('uid='));
  });

  it('API-3: a policy that mutates changes what is run in a pod, and what it can not change is refused', async () => {
    const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CONNECT'], resources: ['pods/exec', 'pods/proxy'] };
    const expression =
      'has(object.command) ? [JSONPatch{op: "add", path: "/command/-", value: "indeed"}] : [JSONPatch{op: "add", path: "/container", value: "c"}]';
    const group = 'admissionregistration.k8s.io/v1';
    const mutations = [{ patchType: 'JSONPatch', jsonPatch: { expression } }];
    const spec = { reinvocationPolicy: 'Never', matchConstraints: { resourceRules: [rule] }, mutations };
    const documents = [
      { apiVersion: group, kind: 'MutatingAdmissionPolicy', metadata: { name: 'words' }, spec },
      { apiVersion: group, kind: 'MutatingAdmissionPolicyBinding', metadata: { name: 'words' }, spec: { policyName: 'words' } },
    ];
    await platform.kubectl.run(['apply', '-f', '-'], documents.map((document) => JSON.stringify(document)).join('\n---\n'));
    await eventually(async () => expect(await platform.kubectl.run(['exec', 'server', '--', 'echo', 'fine'])).toBe('fine indeed\n'));
    const proxied = await platform.kubectl.try(['get', '--raw', '/api/v1/namespaces/default/pods/server:8080/proxy/index.html']);
    expect(proxied.stderr).toContain('changes the options of a request that is only handed on');
    await platform.kubectl.run(['delete', 'mutatingadmissionpolicy,mutatingadmissionpolicybinding', 'words']);
    await eventually(async () => expect(await platform.kubectl.run(['exec', 'server', '--', 'echo', 'fine'])).toBe('fine\n'));
  });

  it('refuses what is not there before it upgrades', async () => {
    const { kubectl } = platform;
    expect((await kubectl.try(['exec', 'nobody', '--', 'true'])).stderr).toContain('pods "nobody" not found');
    expect((await kubectl.try(['get', '--raw', '/api/v1/namespaces/default/pods/server/exec?command=true&stdout=true'])).stderr).toContain(
      'Upgrade request required',
    );
  });

  it('API-1: attach feeds a container’s input, whose end is the end of the first attachment', async () => {
    const { kubectl } = platform;
    const command = shell('while read line; do echo got $line; done; echo end');
    const container = { name: 'c', image: 'busybox', stdin: true, stdinOnce: true, command };
    await applyPods(kubectl, { name: 'reader', spec: { restartPolicy: 'Never', containers: [container] } });
    await waitForRunning(kubectl, 'reader');
    expect(await kubectl.run(['attach', '-i', 'reader'], 'one\ntwo\n')).toContain('got two\nend\n');
    await waitForPhase(kubectl, 'reader', 'Succeeded');
  });

  it('API-1: run -i --rm answers with the exit code of its command', async () => {
    const args = ['run', 'once', '-i', '--rm', '--restart=Never', '--image=busybox', '--', ...shell('read x; echo got:$x; exit 4')];
    expect(await platform.kubectl.try(args, 'word\n')).toMatchObject({ exitCode: 4, stdout: expect.stringContaining('got:word') });
  });

  describe('through the proxy of a pod', () => {
    const base = '/api/v1/namespaces/default/pods';

    async function ask(target: string, options: { readonly method?: string; readonly body?: string } = {}) {
      const token = readFileSync(path.join(platform.dataDir, 'admin.token'), 'utf8').trim();
      return new Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }>((resolve, reject) => {
        const headers = { authorization: `Bearer ${token}` };
        const sent = request(
          `${platform.url}${target}`,
          { method: options.method ?? 'GET', headers, rejectUnauthorized: false },
          (answer) => {
            let body = '';
            answer.on('data', (chunk: Buffer) => (body += chunk.toString()));
            answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
          },
        );
        sent.on('error', reject);
        sent.end(options.body);
      });
    }

    it('API-1: a page comes, sandboxed; a path that is not there is the pod’s own 404', async () => {
      const page = await ask(`${base}/server:8080/proxy/index.html`);
      expect(page).toMatchObject({ status: 200, body: 'hello\n', headers: { 'content-security-policy': 'sandbox' } });
      expect(await ask(`${base}/http:server:8080/proxy/index.html?x=y`)).toMatchObject({ status: 200 });
      expect((await ask(`${base}/server:8080/proxy/none/such`)).body).toContain('404 Not Found');
      expect(await platform.kubectl.run(['get', '--raw', `${base}/server:8080/proxy/`])).toBe('hello\n');
    });

    it.each([
      { name: 'a port where nobody listens', target: '/server:8081/proxy/', status: 503, says: 'error trying to reach the pod' },
      { name: 'no port', target: '/server:0/proxy/', status: 400, says: 'is no port of the pod' },
      { name: 'a scheme that is none', target: '/ftp:server:21/proxy/', status: 400, says: 'invalid pod request' },
      { name: 'no pod', target: '/none:8080/proxy/', status: 404, says: 'pods \\"none\\" not found' },
    ])('API-1: refuses $name', async ({ target, status, says }) => {
      const answer = await ask(`${base}${target}`);
      expect(answer.status).toBe(status);
      expect(answer.body).toContain(says);
    });

    it('API-1: clients that leave at any moment do no harm', async () => {
      const token = readFileSync(path.join(platform.dataDir, 'admin.token'), 'utf8').trim();
      const headers = { authorization: `Bearer ${token}` };
      for (let delayMs = 0; delayMs < 30; delayMs += 1) {
        const sent = request(`${platform.url}${base}/server:8080/proxy/`, { method: 'POST', headers, rejectUnauthorized: false });
        sent.on('error', () => {});
        sent.write('begun');
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        sent.destroy();
      }
      expect((await ask(`${base}/server:8080/proxy/`)).status).toBe(200);
    });

    it('API-3: who may read pods only does not reach into them', async () => {
      const result = await platform.kubectl.try(['get', '--raw', `${base}/server:8080/proxy/`, '--as', 'viewer', '--as-group', 'viewers']);
      expect(result.stderr).toMatch(/cannot get resource "pods\/proxy"/);
    });
  });

  describe('over plain WebSockets', () => {
    const config = (): KubeConfig => {
      const read = new KubeConfig();
      read.loadFromFile(path.join(platform.dataDir, 'kubeconfig'));
      return read;
    };

    /** Everything that a WebSocket brings until it ends. */
    async function messagesOf(
      target: string,
      protocols: readonly string[],
      end: (messages: readonly Buffer[], socket: WebSocket) => void = () => {},
    ) {
      const token = readFileSync(path.join(platform.dataDir, 'admin.token'), 'utf8').trim();
      const headers = { authorization: `Bearer ${token}` };
      const socket = new WebSocket(`${platform.url.replace('https', 'wss')}${target}`, [...protocols], {
        headers,
        rejectUnauthorized: false,
      });
      const messages: Buffer[] = [];
      socket.on('message', (data: Buffer) => {
        messages.push(Buffer.from(data));
        end(messages, socket);
      });
      await new Promise((resolve, reject) => socket.once('close', resolve).once('error', reject));
      return { messages, protocol: socket.protocol };
    }

    it('API-1: the stock JavaScript client forwards a port, and learns of one where nobody listens', async () => {
      const ask = (port: number): Promise<{ readonly out: string; readonly errors: string }> =>
        new Promise((resolve, reject) => {
          const [output, errors, input] = [new PassThrough(), new PassThrough(), new PassThrough()];
          const said = { out: '', errors: '' };
          output.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
          errors.on('data', (chunk: Buffer) => (said.errors += chunk.toString()));
          const done = new PortForward(config(), true).portForward('default', 'server', [port], output, errors, input);
          done
            .then((socket) => {
              if (typeof socket === 'function') return reject(new TypeError('no socket'));
              socket.addEventListener('close', () => resolve(said));
              input.write('GET /index.html HTTP/1.0\r\n\r\n');
            })
            .catch(reject);
        });
      expect((await ask(8080)).out).toMatch(/^HTTP\/1\.[01] 200[^]*hello\n$/);
      expect((await ask(8081)).errors).toContain('error forwarding port 8081 to pod server');
    });

    it.each([
      { protocol: 'channel.k8s.io', out: Buffer.from('\u0001hi\n') },
      { protocol: 'base64.channel.k8s.io', out: Buffer.from(`1${Buffer.from('hi\n').toString('base64')}`) },
    ])('API-1: exec speaks $protocol, which says nothing of a success', async ({ protocol, out }) => {
      const target = '/api/v1/namespaces/default/pods/server/exec?command=echo&command=hi&stdout=true&stderr=true';
      const { messages, protocol: answered } = await messagesOf(target, [protocol]);
      expect(answered).toBe(protocol);
      expect(messages.map(String)).toEqual([out.toString()]);
    });

    it('API-1: a log and a watch come over a WebSocket too', async () => {
      await applyPods(platform.kubectl, {
        name: 'talker',
        spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox', command: shell('echo said') }] },
      });
      await waitForPhase(platform.kubectl, 'talker', 'Succeeded');
      const log = await messagesOf('/api/v1/namespaces/default/pods/talker/log?follow=true', ['binary.k8s.io']);
      expect(Buffer.concat(log.messages).toString()).toBe('said\n');
      const watch = await messagesOf('/api/v1/namespaces/default/pods?watch=true&fieldSelector=metadata.name%3Dtalker', [], (_, socket) =>
        socket.close(),
      );
      expect(JSON.parse(String(watch.messages[0]))).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'talker' } } });
    });
  });

  it('leaves no process behind when its client is killed', async () => {
    const client = platform.kubectl.spawn(['exec', '-i', 'server', '--', 'sleep', '31415']);
    const running = async (): Promise<string> => platform.kubectl.run(['exec', 'server', '--', 'ps']);
    await eventually(async () => expect(await running()).toContain('sleep 31415'));
    client.kill('SIGKILL');
    await eventually(async () => expect(await running()).not.toContain('sleep 31415'));
    await platform.kubectl.run(['delete', 'pod', '--all', '--now']);
    await eventually(async () => expect((await inspectMachine(platform.dataDir, platform.pid)).processes).toEqual([]));
  });
});
