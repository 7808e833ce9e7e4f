import { createServer as createHttp2Server } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { probeGrpc } from './grpc-health.ts';
import { probeHttp } from './http-get.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<{ readonly host: string; readonly port: number }> {
  servers.push(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { host: '127.0.0.1', port: address !== null && typeof address === 'object' ? address.port : 0 };
}
const saying = (text: string) => createServer((socket) => socket.once('data', () => socket.write(text)));
/** A test that gets no answer at all fails by its own timeout. */
const never = new AbortController().signal;

describe('a server that answers an HTTP probe', () => {
  it.each([
    { name: 'well', text: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', want: { isOk: true, message: 'ok' } },
    { name: 'with another protocol', text: 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n', want: { isOk: false } },
    { name: 'with something else than HTTP', text: 'hello\r\n\r\n', want: { isOk: false } },
    { name: 'with broken chunks', text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n', want: { isOk: false } },
    { name: 'without end', text: `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(20_000)}`, want: { isOk: true } },
  ])('$name is told of, and hung up on', async ({ text, want }) => {
    const target = await listening(saying(text));
    expect(await probeHttp({ action: { port: target.port }, target, userAgent: 'test' }, never)).toMatchObject(want);
    await expect.poll(() => sockets.size).toBe(0);
  });
});

describe('a server that answers a gRPC probe', () => {
  it('without end is not heard to the end', async () => {
    const server = createHttp2Server();
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      const pour = (): void => {
        while (!stream.destroyed && stream.write(Buffer.alloc(16_384)));
      };
      stream.on('drain', pour);
      pour();
    });
    const target = await listening(server);
    expect(await probeGrpc({ target, service: '', timeoutSec: 1 }, never)).toEqual({
      isOk: false,
      message: expect.stringContaining('the answer is longer than 10240 bytes'),
    });
  });
});
