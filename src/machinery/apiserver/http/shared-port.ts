import type { Server as HttpServer } from 'node:http';
import type { Http2SecureServer } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';

/** First byte of a TLS connection: the content type handshake (RFC 8446 section 5.1). */
const TLS_HANDSHAKE = 0x16;
/** A connection that says nothing for this long is closed. */
const SILENCE_MS = 10_000;

/** One port for TLS and plain HTTP, told apart by the first byte of each connection; to be listened on in place of both. */
export function createSharedPort(secure: HttpServer | Http2SecureServer, plain: HttpServer): Server {
  return createServer((socket) => {
    // why: a client that goes away while its first byte is awaited is no fault of ours
    socket.on('error', () => socket.destroy());
    const onSilence = (): void => void socket.destroy();
    socket.setTimeout(SILENCE_MS, onSilence);
    socket.once('data', (first: Buffer) => {
      socket.setTimeout(0);
      socket.off('timeout', onSilence);
      handOver(socket, { first, server: first[0] === TLS_HANDSHAKE ? secure : plain });
    });
  });
}

function handOver(socket: Socket, { first, server }: { readonly first: Buffer; readonly server: Http2SecureServer | HttpServer }): void {
  socket.pause();
  socket.unshift(first);
  server.emit('connection', socket);
  process.nextTick(() => socket.resume());
}
