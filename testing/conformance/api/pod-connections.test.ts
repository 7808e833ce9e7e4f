import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { PodStreamSource, PortConnection } from '#api/pod-streams.ts';
import { pods } from '#api/resources.ts';
import { sinkOf } from '#kit/byte-sink.ts';
import { PlatformError } from '#kit/errors.ts';
import type { AuditRecord } from '#machinery/apiserver/contract/audit.ts';
import { aPod } from '#testing/builders/pod.ts';
import { idlePodStreams } from '#testing/fakes/idle-pod-streams.ts';
import { type SignedInApi, startSignedInApi } from './signed-in-api.ts';

const POD = '/api/v1/namespaces/default/pods/web';
const WAITING = '/waits';
const REFUSED = 9;

let server: Server;
let api: SignedInApi;
let audited: AuditRecord[];
let inPod: Set<Socket>;
/** Requests to {@link WAITING} that have no answer yet. */
let waiting: (() => void)[];

beforeEach(async () => {
  audited = [];
  inPod = new Set();
  waiting = [];
  server = createServer((request, response) => {
    if (request.url === WAITING) {
      waiting.push(() => response.end('waited'));
      return;
    }
    response.setHeader('set-cookie', ['session=of-the-pod', 'second=1']);
    response.setHeader('strict-transport-security', 'max-age=1');
    response.setHeader('clear-site-data', '"*"');
    response.setHeader('x-of-the-pod', 'kept');
    if (request.method === 'POST') response.statusCode = 418;
    response.end(`hello ${request.headers.cookie ?? 'nobody'}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  api = await startSignedInApi({
    podStreams: { ...idlePodStreams, connect: connectToServer },
    audit: { record: (record) => audited.push(record) },
  });
  await api.api.client.create(pods, aPod({ name: 'web', nodeName: 'n' }));
  audited.length = 0;
});
afterEach(async () => {
  await api.close();
  server.closeAllConnections();
  server.close();
  for (const socket of inPod) socket.destroy();
});

const connectToServer: PodStreamSource['connect'] = async (_pod, port, signal): Promise<PortConnection> => {
  if (port === REFUSED) throw new PlatformError({ code: 'Unavailable', reason: 'PodUnreachable', message: 'nobody listens there' });
  const address = server.address();
  const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
  inPod.add(socket);
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  await once(socket, 'connect');
  return { outgoing: sinkOf(socket), incoming: socket, closed: once(socket, 'close').then(() => {}) };
};

describe('the proxy of a pod', () => {
  it('API-1: an answer that changes the protocol is refused, and its connection is let go of', async () => {
    server.removeAllListeners('request').on('request', (_request, response) => {
      response.socket?.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\nnot http');
    });
    const answer = await api.ask(`${POD}:80/proxy/`);
    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({ kind: 'Status', message: expect.stringContaining('a protocol that nobody asked for') });
    await expect.poll(() => [...inPod].every((socket) => socket.destroyed)).toBe(true);
  });

  it('API-3: what the pod would say for the whole server is not handed on, nor what the client shows to the server alone', async () => {
    const { status, text, headers } = await api.ask(`${POD}:80/proxy/`, { headers: { cookie: 'session=of-the-console' } });
    expect({ status, text }).toEqual({ status: 200, text: 'hello nobody' });
    expect(headers).toMatchObject({ 'x-of-the-pod': 'kept', 'content-security-policy': 'sandbox' });
    for (const name of ['set-cookie', 'strict-transport-security', 'clear-site-data']) expect(headers).not.toHaveProperty(name);
  });

  it.each([
    { name: 'a write is kept with the pod’s answer', method: 'POST', path: `${POD}:80/proxy/x`, kept: ['create web 418'] },
    { name: 'a write that reached nobody is kept', method: 'DELETE', path: `${POD}:${REFUSED}/proxy/x`, kept: ['delete web 503'] },
    { name: 'a write that was refused is kept', method: 'PUT', path: `${POD}:80/proxy/x`, token: 'vera', kept: ['update web 403'] },
    { name: 'a read is not', method: 'GET', path: `${POD}:80/proxy/x`, kept: [] },
  ])('API-3: in the audit log, $name', async ({ method, path, token, kept }) => {
    await api.ask(path, { method, ...(token === undefined ? {} : { token }) });
    expect(audited.map(({ verb, name, code }) => `${verb} ${name} ${code}`)).toEqual(kept);
    for (const { subresource, origin } of audited) expect({ subresource, uri: origin?.uri }).toEqual({ subresource: 'proxy', uri: path });
  });

  it('API-1: more than 128 requests to one pod at a time are told to come later, and are served when others have ended', async () => {
    const path = `${POD}:80/proxy${WAITING}`;
    const first = Array.from({ length: 128 }, () => get(path));
    await expect.poll(() => waiting.length, { timeout: 20_000 }).toBe(128);
    const { status, json } = await api.ask(path);
    expect({ status, ...json }).toMatchObject({
      status: 'Failure',
      code: 429,
      reason: 'TooManyRequests',
      message: '128 requests through the proxy of the pod web are open, more are not served: end some',
    });
    for (const answer of waiting.splice(0)) answer();
    expect(new Set(await Promise.all(first))).toEqual(new Set(['waited']));
    expect((await api.ask(`${POD}:80/proxy/`)).status).toBe(200);
  });
});

/** As `ask`, and waits as long as it takes. */
async function get(path: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${api.port}${path}`, { headers: { authorization: 'Bearer admin' } });
  return answer.text();
}

describe('port-forward over a plain WebSocket', () => {
  it('API-1: what is sent to a port that was refused does not hold up the others', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${api.port}${POD}/portforward?ports=${REFUSED}&ports=80`, ['v4.channel.k8s.io'], {
      headers: { authorization: 'Bearer admin' },
    });
    const said = new Map<number, string>();
    socket.on('message', (data: Buffer) => {
      const [channel = -1] = data;
      said.set(channel, `${said.get(channel) ?? ''}${data.subarray(1).toString()}`);
    });
    const closed = once(socket, 'close');
    await once(socket, 'open');
    await expect.poll(() => said.get(1)).toContain(`error forwarding port ${REFUSED} to pod web: nobody listens there`);
    for (let sent = 0; sent < 10; sent += 1) socket.send(Buffer.concat([Buffer.of(0), Buffer.alloc(32 * 1024)]));
    socket.send(Buffer.concat([Buffer.of(2), Buffer.from('GET / HTTP/1.0\r\n\r\n')]));
    await expect.poll(() => said.get(2)).toContain('hello nobody');
    await closed;
  });

  it('API-1: more than 64 sessions of one pod are told to come later', async () => {
    const open = (): WebSocket =>
      new WebSocket(`ws://127.0.0.1:${api.port}${POD}/portforward?ports=80`, ['v4.channel.k8s.io'], {
        headers: { authorization: 'Bearer admin' },
      });
    const sockets = Array.from({ length: 64 }, open);
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    const [, answer] = await once(
      open().on('error', () => {}),
      'unexpected-response',
    );
    expect(answer).toMatchObject({ statusCode: 429 });
    for (const socket of sockets) socket.terminate();
  });
});
