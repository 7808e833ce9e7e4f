import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import { freePort } from '#testing/free-port.ts';
import { parseRange } from './address-block.ts';
import { ApiRelay } from './api-relay.ts';

const LOOPBACK = { start: '127.0.0.1' };
let heard: Buffer[];
let relay: ApiRelay;
let port: number;
const api = createServer((socket) => socket.on('data', (data: Buffer) => (heard.push(data), socket.end('answer'))));

beforeEach(async () => {
  heard = [];
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  const target = { host: '127.0.0.1', port: trusted<AddressInfo>(api.address()).port };
  relay = new ApiRelay({ log: silentLogger, target: () => target });
  port = await freePort();
  const clients = parseRange(LOOPBACK.start);
  if (clients === undefined) throw new TypeError('no range');
  relay.ensure({ host: '127.0.0.1', port, clients });
});

afterEach(async () => {
  await relay.stop();
  await new Promise((resolve) => api.close(resolve));
});

/** What the far end answers to `bytes` before it ends the connection. */
function say(bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (data: Buffer) => (text += data.toString()));
    socket.on('error', () => {});
    socket.once('close', () => resolve(text));
  });
}

describe('API-3: what pods may say to the port of the API', () => {
  it.each([
    { name: 'TLS', bytes: Buffer.from([0x16, 3, 1]), isHeard: true },
    { name: 'plain HTTP', bytes: Buffer.from('POST /console/api/sign-in HTTP/1.1\r\n\r\n'), isHeard: false },
    { name: 'an HTTP/2 preface', bytes: Buffer.from('PRI * HTTP/2.0\r\n\r\n'), isHeard: false },
    { name: 'anything else', bytes: Buffer.from([0, 0x16]), isHeard: false },
  ])('$name: heard $isHeard', async ({ bytes, isHeard }) => {
    expect(await say(bytes)).toBe(isHeard ? 'answer' : '');
    expect(Buffer.concat(heard).equals(isHeard ? bytes : Buffer.alloc(0))).toBe(true);
  });
});
