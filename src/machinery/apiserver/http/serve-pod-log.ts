import type { Pod } from '#api/generated/kubernetes.ts';
import type { PodLogOptions } from '#api/pod-logs.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { ApiRequest } from '../contract/request.ts';
import { badRequest } from '../contract/status-error.ts';
import type { HandlerContext } from './handler-context.ts';
import { endResponse, type Exchange, isGone, startStream, writeChunk } from './messages.ts';
import { podContainer } from './pod-container.ts';
import { wholeNumber } from './query.ts';
import { isSet } from '../contract/query-flag.ts';

/** Answers `GET …/pods/NAME/log` as plain text. @throws ApiError, PlatformError before anything was sent */
export async function servePodLog(ctx: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<void> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  exchange.response.once('close', end);
  ctx.server.closing.addEventListener('abort', end, { once: true });
  try {
    const pod = trusted<Pod>(ctx.api.get(request).object);
    const lines = await openPodLog(ctx, { query: exchange.query, pod, signal: ending.signal });
    startStream(exchange, 'text/plain; charset=utf-8');
    await pump(exchange, lines, ending.signal);
  } finally {
    ctx.server.closing.removeEventListener('abort', end);
  }
}

/** Which log, for how long. */
export interface LogAsked {
  readonly query: URLSearchParams;
  readonly pod: Pod;
  readonly signal: AbortSignal;
}

/** The log that is asked for. @throws ApiError, PlatformError */
export function openPodLog(ctx: HandlerContext, { query, pod, signal }: LogAsked): Promise<AsyncIterable<Uint8Array>> {
  const source = ctx.podLogs();
  if (source !== undefined) return source.open(pod, logOptions(ctx, query, { pod, signal }));
  throw new PlatformError({
    code: 'Unavailable',
    reason: 'NoPodLogs',
    message: 'no node works on this server yet, so there are no pod logs: wait until it has started, or start one',
  });
}

async function pump({ response }: Exchange, lines: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  try {
    for await (const chunk of lines) {
      if (isGone(response)) return;
      writeChunk(response, chunk);
      if (response.writableNeedDrain) await drained(response, signal);
    }
  } catch (thrown) {
    // why: the answer has begun, so the only honest end of a log that broke is a broken answer; an end that was asked for is no fault
    if (!signal.aborted) response.destroy(PlatformError.from(thrown));
    return;
  }
  if (!isGone(response)) endResponse(response);
}

function drained(response: Exchange['response'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    response.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}

function logOptions(ctx: HandlerContext, query: URLSearchParams, step: { readonly pod: Pod; readonly signal: AbortSignal }): PodLogOptions {
  const tailLines = wholeNumber(query, 'tailLines');
  const limitBytes = wholeNumber(query, 'limitBytes');
  const sinceMs = sinceOf(ctx, query);
  return {
    container: podContainer(step.pod, query.get('container') ?? ''),
    follow: isSet(query, 'follow') ?? false,
    timestamps: isSet(query, 'timestamps') ?? false,
    previous: isSet(query, 'previous') ?? false,
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    signal: step.signal,
  };
}

function sinceOf(ctx: HandlerContext, query: URLSearchParams): number | undefined {
  const seconds = wholeNumber(query, 'sinceSeconds');
  const time = query.get('sinceTime') ?? '';
  if (seconds !== undefined && time !== '')
    throw badRequest('sinceSeconds: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified');
  if (seconds !== undefined) return ctx.server.clock.nowMs() - seconds * 1000;
  if (time === '') return undefined;
  const sinceMs = Date.parse(time);
  if (Number.isNaN(sinceMs))
    throw badRequest(`sinceTime: Invalid value: ${JSON.stringify(time)}: write a time such as 2026-01-31T08:30:00Z`);
  return sinceMs;
}
