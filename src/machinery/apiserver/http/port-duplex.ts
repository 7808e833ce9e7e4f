import { Duplex, Readable, Writable } from 'node:stream';
import type { PortConnection } from '#api/pod-streams.ts';
import type { ByteSink } from '#kit/byte-sink.ts';
import { PlatformError } from '#kit/errors.ts';

/** A connection into a pod as a stream of Node, for clients that want one. */
export function duplexOfPort({ outgoing, incoming, closed }: PortConnection): Duplex {
  const duplex = Duplex.from({ readable: Readable.from(incoming), writable: writableOf(outgoing) });
  // why: who uses it hears of its end; before and after that nobody listens
  duplex.on('error', () => {});
  closed.catch((thrown: unknown) => duplex.destroy(PlatformError.from(thrown)));
  return duplex;
}

function writableOf(sink: ByteSink): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => void write(sink, chunk, done),
    final: (done) => {
      sink.end();
      done();
    },
    destroy: (error, done) => {
      sink.end();
      done(error);
    },
  });
}

async function write(sink: ByteSink, chunk: Buffer, done: (error?: Error) => void): Promise<void> {
  try {
    await sink.write(chunk);
    done();
  } catch (thrown) {
    done(PlatformError.from(thrown));
  }
}
