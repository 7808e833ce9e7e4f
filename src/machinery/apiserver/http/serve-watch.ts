import type { RenderOptions } from '../representations/render.ts';
import { WatchEncoder } from '../representations/watch-encoder.ts';
import type { ApiRequest } from '../contract/request.ts';
import type { ApiError } from '../../client/api-error.ts';
import type { WatchQuery } from '../verbs/watch.ts';
import type { HandlerContext } from './handler-context.ts';
import { type Exchange, isGone, startStream } from './messages.ts';
import { requestLabels } from './request-labels.ts';
import { WatchStream } from './watch-stream.ts';

/** What is watched, and how it is shown. */
export interface WatchAsked {
  readonly request: ApiRequest;
  readonly query: WatchQuery;
  readonly render: RenderOptions;
}

/**
 * Answers a watch: a stream of lines that lasts until its time is up, the client goes, or the server closes.
 * A version that is no longer kept is told as an ERROR event, as kube-apiserver's watch cache does.
 * @throws ApiError before anything was sent
 */
export function serveWatch(ctx: HandlerContext, exchange: Exchange, watch: WatchAsked): void {
  const { server } = ctx;
  const { response } = exchange;
  const encoder = new WatchEncoder({ ...watch.render, now: () => server.clock.nowMs(), lines: ctx.lines });
  const stream = new WatchStream(response, encoder);
  const early: (() => void)[] = [];
  let isOpen = false;
  // why: the status line must be out before the first event, and a refusal must come instead of both
  const sink = {
    onSent: (events: Parameters<WatchStream['onSent']>[0]) =>
      isOpen ? stream.onSent(events) : void early.push(() => stream.onSent(events)),
    onEnd: () => stream.onEnd(),
  };
  let failure: ApiError | undefined;
  const onExpired = (error: ApiError): void => void (failure = error);
  const stop = ctx.api.watch(watch.request, { query: watch.query, sink, onExpired });
  startStream(exchange, 'application/json');
  if (failure !== undefined) {
    stream.fail(failure);
    return;
  }
  const closed = ctx.metrics.watchOpened(requestLabels(server.registry, exchange));
  response.once('close', () => {
    stop();
    closed();
  });
  isOpen = true;
  for (const deliver of early) deliver();
  if (isGone(response)) stop();
}
