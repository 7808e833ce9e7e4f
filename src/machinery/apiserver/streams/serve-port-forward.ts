import type { Duplex } from 'node:stream';
import { pour } from '#kit/byte-sink.ts';
import { PlatformError } from '#kit/errors.ts';
import { forwardOverChannels, wantsChannels } from './forward-websocket.ts';
import { SpdyConnection } from '../spdy/spdy-connection.ts';
import type { SpdyStream } from '../spdy/spdy-stream.ts';
import { acceptSpdy, chooseStreamProtocol } from './spdy-upgrade.ts';
import type { Session } from './session.ts';
import { acceptWebSocket, chooseSubprotocol, wantsWebSocket } from './websocket.ts';
import { duplexOf } from './websocket-duplex.ts';

const PROTOCOL = 'portforward.k8s.io';
/** The same SPDY inside a WebSocket (apimachinery `WebsocketsSPDYTunnelingPrefix`). */
const TUNNEL = `SPDY/3.1+${PROTOCOL}`;
/** A pair of streams must be whole within this time (kubelet `streamCreationTimeout`). */
const PAIR_MS = 30_000;
const MAX_PORT = 65_535;

/** `…/portforward`: SPDY, plain or inside a WebSocket, or channels of a WebSocket. Resolves when the client has gone. @throws ApiError, PlatformError before the upgrade */
export async function servePortForward(session: Session): Promise<void> {
  if (wantsWebSocket(session.upgrade.request) && wantsChannels(session)) return forwardOverChannels(session);
  const forwards = new Forwards(session);
  const connection = new SpdyConnection(await openTransport(session), {
    clock: session.clock,
    onStream: (stream) => forwards.take(stream),
  });
  session.upgraded();
  const { signal } = session.ending;
  await new Promise<void>((resolve) => {
    const finish = (): void => resolve();
    connection.gone.addEventListener('abort', finish, { once: true });
    signal.addEventListener('abort', finish, { once: true });
    if (connection.gone.aborted || signal.aborted) resolve();
  });
  session.ending.abort();
  connection.close();
}

async function openTransport({ upgrade }: Session): Promise<Duplex> {
  if (!wantsWebSocket(upgrade.request)) return acceptSpdy(upgrade, chooseStreamProtocol(upgrade.request, [PROTOCOL]));
  return duplexOf(await acceptWebSocket(upgrade, chooseSubprotocol(upgrade.request, [TUNNEL])));
}

/** Pairs of streams, one pair for each connection to a port: one for its bytes, one for what went wrong. */
class Forwards {
  readonly #session: Session;
  readonly #errorStreams = new Map<string, SpdyStream>();

  constructor(session: Session) {
    this.#session = session;
  }

  take(stream: SpdyStream): void {
    const id = stream.headers.get('requestid') ?? '';
    const type = stream.headers.get('streamtype');
    if (type === 'error' && id !== '') {
      this.#errorStreams.set(id, stream);
      this.#session.clock.after(PAIR_MS, () => {
        if (this.#errorStreams.get(id) === stream && this.#errorStreams.delete(id)) stream.reset();
      });
      return;
    }
    const errors = this.#errorStreams.get(id);
    this.#errorStreams.delete(id);
    if (type === 'data' && errors !== undefined) void this.#forward(stream, errors);
    else stream.reset();
  }

  async #forward(data: SpdyStream, errors: SpdyStream): Promise<void> {
    const { source, pod, ending } = this.#session;
    const port = Number(data.headers.get('port'));
    const over = new AbortController();
    try {
      if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) throw new PortInvalid(data.headers.get('port'));
      const connection = await source.connect(pod, port, AbortSignal.any([ending.signal, over.signal, data.abandoned]));
      const upload = pour(data.incoming, connection.outgoing)
        // why: a pod that reads no more still may have something to say
        .catch(() => {})
        .finally(() => connection.outgoing.end());
      await pour(connection.incoming, data);
      await connection.closed;
      data.incoming.close();
      await upload;
    } catch (thrown) {
      const error = PlatformError.from(thrown);
      if (!ending.signal.aborted)
        await errors.write(Buffer.from(`error forwarding port ${port} to pod ${pod.metadata.name}: ${error.message}`)).catch(() => {});
    } finally {
      over.abort();
      data.incoming.close();
      data.end();
      errors.end();
    }
  }
}

class PortInvalid extends PlatformError {
  constructor(value: string | undefined) {
    super({
      code: 'InvalidArgument',
      reason: 'PortInvalid',
      message: `${JSON.stringify(value ?? '')} is no port: write a number from 1 to ${MAX_PORT}`,
    });
  }
}
