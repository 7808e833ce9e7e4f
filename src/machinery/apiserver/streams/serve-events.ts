import type { Exchange } from '../http/messages.ts';
import type { HandlerContext } from '../http/handler-context.ts';
import { openPodLog } from '../http/serve-pod-log.ts';
import { readWatch } from '../http/serve-resource.ts';
import { WatchEncoder } from '../representations/watch-encoder.ts';
import { guardedRead } from '../access/guarded.ts';
import type { ApiRequest } from '../request.ts';
import { openWatch, type WatchSink } from '../verbs/watch.ts';
import { acceptWebSocket, chooseSubprotocol, sendMessage, type Upgrade } from './websocket.ts';

/** What is sent from the server only, on a WebSocket in place of an answer that goes on. */
export interface Feed {
  readonly ctx: HandlerContext;
  readonly upgrade: Upgrade;
  readonly exchange: Pick<Exchange, 'query' | 'request'>;
  readonly request: ApiRequest;
  readonly ending: AbortController;
  readonly upgraded: () => void;
}

/** Subprotocols of logs (kubelet's log handler); `''` = the client names none. */
const LOG_PROTOCOLS = ['binary.k8s.io', 'base64.binary.k8s.io', ''];
const NORMAL_CLOSURE = 1000;
/** Bytes that may wait for a watcher's connection; one that lags more is dropped and lists again. */
const MAX_LAG_BYTES = 16 * 1024 * 1024;

/** `…/log` over a WebSocket. @throws ApiError, PlatformError before the upgrade */
export async function serveLogSocket({ ctx, upgrade, exchange, request, ending, upgraded }: Feed): Promise<void> {
  const protocol = chooseSubprotocol(upgrade.request, LOG_PROTOCOLS);
  const lines = await openPodLog(ctx, { query: exchange.query, request, signal: ending.signal });
  const webSocket = await acceptWebSocket(upgrade, protocol);
  upgraded();
  webSocket.once('close', () => ending.abort());
  try {
    for await (const chunk of lines)
      await sendMessage(webSocket, protocol.startsWith('base64') ? Buffer.from(chunk).toString('base64') : chunk);
  } catch {
    // why: the client has gone, or its log broke; either way the end of the connection says so
  }
  webSocket.close(NORMAL_CLOSURE);
}

/** A watch over a WebSocket: an event in each message. Resolves when it is over. @throws ApiError before the upgrade */
export async function serveWatchSocket({ ctx, upgrade, exchange, request, ending, upgraded }: Feed): Promise<void> {
  const { server } = ctx;
  const watch = readWatch(ctx, exchange, request);
  guardedRead(server, { request: watch.request, verb: 'watch' }, () => undefined);
  const webSocket = await acceptWebSocket(upgrade, chooseSubprotocol(upgrade.request, ['']));
  upgraded();
  const encoder = new WatchEncoder({ ...watch.render, now: () => server.clock.nowMs(), lines: ctx.lines });
  const { promise: over, resolve: finish } = Promise.withResolvers<void>();
  const sink: WatchSink = {
    onSent: (events) => {
      for (const event of events) webSocket.send(encoder.encode(event).toString('utf8').trimEnd());
      if (webSocket.bufferedAmount > MAX_LAG_BYTES) webSocket.terminate();
    },
    onEnd: () => webSocket.close(NORMAL_CLOSURE),
  };
  webSocket.once('close', finish);
  ending.signal.addEventListener('abort', () => webSocket.close(NORMAL_CLOSURE), { once: true });
  const stop = openWatch(server, watch.request, { query: watch.query, sink });
  await over;
  stop();
}
