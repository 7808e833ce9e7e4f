import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { bytesOf } from './websocket.ts';

/** A WebSocket as a stream of bytes: each message is a piece of it. Backpressure holds both ways. */
export function duplexOf(webSocket: WebSocket): Duplex {
  const duplex = new Duplex({
    read: () => webSocket.resume(),
    write: (chunk: Buffer, _encoding, done) => webSocket.send(chunk, { binary: true }, done),
    final: (done) => {
      webSocket.close();
      done();
    },
    destroy: (error, done) => {
      webSocket.terminate();
      done(error);
    },
  });
  webSocket.on('message', (data) => {
    if (!duplex.push(bytesOf(data))) webSocket.pause();
  });
  webSocket.once('close', () => {
    duplex.push(null);
    duplex.destroy();
  });
  return duplex;
}
