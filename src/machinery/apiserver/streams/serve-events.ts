import type { Exchange } from '../http/messages.ts';
import type { Upgrade } from '../http/upgrade.ts';
import type { HandlerContext } from '../http/handler-context.ts';
import { openPodLog } from '../http/serve-pod-log.ts';
import { readWatch } from '../http/serve-resource.ts';
import { WatchEncoder } from '../representations/watch-encoder.ts';
import type { ApiRequest } from '../contract/request.ts';
import { WatchSocket } from './watch-socket.ts';
import { acceptWebSocket, chooseSubprotocol, keepAsking, sendMessage } from './websocket.ts';

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

/** `…/log` over a WebSocket. @throws ApiError, PlatformError before the upgrade */
export async function serveLogSocket({ ctx, upgrade, exchange, request, ending, upgraded }: Feed): Promise<void> {
  const protocol = chooseSubprotocol(upgrade.request, LOG_PROTOCOLS);
  const pod = ctx.api.permittedPod(request, ['get']);
  const lines = await openPodLog(ctx, { query: exchange.query, pod, signal: ending.signal });
  const webSocket = await acceptWebSocket(upgrade, protocol);
  upgraded();
  keepAsking(webSocket, ctx.server.clock);
  webSocket.once('close', () => ending.abort());
  try {
    for await (const chunk of lines)
      await sendMessage(webSocket, protocol.startsWith('base64') ? Buffer.from(chunk).toString('base64') : chunk);
  } catch {
    // why: the client has gone, or its log broke; either way the end of the connection says so
  }
  webSocket.close(NORMAL_CLOSURE);
}

/**
 * A watch over a WebSocket: an event in each message. A version that is no longer kept is told as an ERROR event. Resolves when it is over.
 * @throws ApiError before the upgrade
 */
export async function serveWatchSocket({ ctx, upgrade, exchange, request, ending, upgraded }: Feed): Promise<void> {
  const { server } = ctx;
  const protocol = chooseSubprotocol(upgrade.request, ['']);
  const watch = readWatch(ctx, exchange, request);
  const sink = new WatchSocket(new WatchEncoder({ ...watch.render, now: () => server.clock.nowMs(), lines: ctx.lines }), server.clock);
  const stop = ctx.api.watch(watch.request, { query: watch.query, sink, onExpired: (error) => sink.fail(error) });
  try {
    const webSocket = await acceptWebSocket(upgrade, protocol);
    upgraded();
    keepAsking(webSocket, server.clock);
    const { promise: over, resolve: finish } = Promise.withResolvers<void>();
    webSocket.once('close', finish);
    const close = (): void => webSocket.close(NORMAL_CLOSURE);
    ending.signal.addEventListener('abort', close, { once: true });
    if (ending.signal.aborted) close();
    sink.open(webSocket);
    await over;
  } finally {
    stop();
  }
}
