import type { Duplex } from 'node:stream';
import type { AttachOptions, TerminalSize } from '#api/pod-streams.ts';
import type { ByteSink } from '#kit/byte-sink.ts';
import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { SpdyConnection } from '../spdy/spdy-connection.ts';
import type { SpdyStream } from '../spdy/spdy-stream.ts';
import { type CommandChannels, type Outcome, parseSizes } from './command-channels.ts';

/** Protocols of exec and attach over SPDY: v4 tells exit codes (apimachinery `StreamProtocolV4Name`). */
export const SPDY_COMMAND_PROTOCOLS = ['v4.channel.k8s.io'] as const;

/** A client opens all its streams within this time (apiserver `streamCreationTimeout`). */
const STREAMS_MS = 30_000;

/** Waits until the client has opened every stream that its request asked for. @throws PlatformError where it does not */
export function acceptSpdyCommand(
  socket: Duplex,
  { options, clock }: { readonly options: AttachOptions; readonly clock: Clock },
): Promise<CommandChannels> {
  const wanted = ['error', ...(['stdin', 'stdout', 'stderr'] as const).filter((name) => options[name]), ...(options.tty ? ['resize'] : [])];
  const streams = new Map<string, SpdyStream>();
  return new Promise((resolve, reject) => {
    const giveUp = (why: string): void => {
      timer.cancel();
      connection.close();
      reject(new PlatformError({ code: 'Aborted', reason: 'StreamsMissing', message: why }));
    };
    const connection = new SpdyConnection(socket, {
      clock,
      onStream: (stream) => {
        const name = stream.headers.get('streamtype') ?? '';
        if (!wanted.includes(name) || streams.has(name)) {
          stream.reset();
          return;
        }
        streams.set(name, stream);
        if (streams.size < wanted.length) return;
        timer.cancel();
        connection.gone.removeEventListener('abort', onGone);
        resolve(new SpdyChannels(connection, streams));
      },
    });
    const onGone = (): void => giveUp('the client has gone before it had opened its streams');
    const timer = clock.after(STREAMS_MS, () =>
      giveUp(`the client did not open its streams (${wanted.join(', ')}) within ${STREAMS_MS} ms`),
    );
    connection.gone.addEventListener('abort', onGone, { once: true });
    if (connection.gone.aborted) onGone();
  });
}

const NOWHERE: ByteSink = { write: () => Promise.resolve(), end: () => {} };

class SpdyChannels implements CommandChannels {
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  readonly gone: AbortSignal;
  readonly #connection: SpdyConnection;
  readonly #streams: ReadonlyMap<string, SpdyStream>;

  constructor(connection: SpdyConnection, streams: ReadonlyMap<string, SpdyStream>) {
    this.#connection = connection;
    this.#streams = streams;
    this.gone = connection.gone;
    this.stdin = streams.get('stdin')?.incoming ?? NOTHING;
    this.stdout = streams.get('stdout') ?? NOWHERE;
    this.stderr = streams.get('stderr') ?? NOWHERE;
  }

  onResize(listener: (size: TerminalSize) => void): void {
    const source = this.#streams.get('resize')?.incoming;
    if (source !== undefined) void follow(source, listener);
  }

  async finish(outcome: Outcome): Promise<void> {
    const error = this.#streams.get('error');
    try {
      await error?.write(Buffer.from(JSON.stringify(outcome)));
    } catch {
      // why: the client has gone, so there is nobody to tell
    }
    for (const stream of this.#streams.values()) stream.end();
    this.#connection.close();
  }
}

const NOTHING: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};

async function follow(source: AsyncIterable<Uint8Array>, listener: (size: TerminalSize) => void): Promise<void> {
  for await (const bytes of source) for (const size of parseSizes(bytes)) listener(size);
}
