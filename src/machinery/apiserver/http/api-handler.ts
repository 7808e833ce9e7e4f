import { PlatformError } from '#kit/errors.ts';
import { type ApiError } from '../../client/api-error.ts';
import { impersonate } from '../access/impersonation.ts';
import type { UserInfo } from '../contract/user.ts';
import { ANONYMOUS, isAuthenticated } from '../contract/user.ts';
import { toApiError, unauthorized } from '../contract/status-error.ts';
import type { Leave } from './fairness/flow-control.ts';
import { credentialsOf } from './credentials.ts';
import type { HandlerContext } from './handler-context.ts';
import { type Exchange, type HttpRequest, type HttpResponse, isGone } from './messages.ts';
import { OpenApiDocuments } from './open-api.ts';
import { isSet } from '../contract/query-flag.ts';
import { type Answer, errorAnswer, send } from './respond.ts';
import { parseResourcePath, parseTarget } from './route.ts';
import { requestLabels } from './request-labels.ts';
import { serveDocument } from './serve-document.ts';
import { serveResource } from './serve-resource.ts';
import type { CountedRequest } from './request-metrics.ts';
import { findReview } from './serve-review.ts';

/** Answers a request; never throws and never rejects. */
export type ApiHandler = (request: HttpRequest, response: HttpResponse) => Promise<void>;

/** The handler of the API's own paths. */
export function createApiHandler(ctx: HandlerContext): ApiHandler {
  const openApi = new OpenApiDocuments(ctx.server.registry);
  const resourceOf = (exchange: Exchange): ReturnType<typeof parseResourcePath> => parseResourcePath(exchange.segments);

  const answer = async (exchange: Exchange): Promise<Answer | undefined> => {
    const path = resourceOf(exchange);
    if (path === undefined) return serveDocument(ctx, exchange, openApi);
    if (!isAuthenticated(exchange.user)) throw unauthorized();
    const review = findReview(path);
    return review === undefined ? serveResource(ctx, exchange, path) : review(ctx, exchange);
  };

  return async (request, response) => {
    // why: a connection that breaks while an answer is being written is the client's business, not an error of the server
    response.on('error', () => {});
    const startMs = ctx.server.clock.nowMs();
    let exchange = blankExchange(request, response);
    const countAs = (code: number): void => count(ctx, exchange, { code, durationMs: ctx.server.clock.nowMs() - startMs });
    try {
      const target = parseTarget(request.url ?? '/');
      const shown = await ctx.authenticate(credentialsOf(request));
      exchange = { ...exchange, ...target, user: shown };
      exchange = { ...exchange, user: impersonate(ctx.server.authorizer, shown, request.rawHeaders) };
      const leave = await takeTurn(ctx, exchange, shown);
      try {
        const ready = await answer(exchange);
        if (ready === undefined) return;
        countAs(ready.status);
        await send(exchange, ready);
      } finally {
        leave();
      }
    } catch (thrown) {
      await refuse(ctx, exchange, { thrown, countAs });
    }
  };
}

/** Probes must be answered however busy the server is. */
const PROBES: ReadonlySet<string> = new Set(['healthz', 'livez', 'readyz']);
/** These last as long as the client likes, so they only count while they start. */
const LONG: ReadonlySet<string> = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);

/** Waits until it is the turn of whoever sent the request; the answer ends the work on it. @throws ApiError 429 */
async function takeTurn({ flows, precedence }: HandlerContext, exchange: Exchange, { name }: UserInfo): Promise<Leave> {
  const { segments, response } = exchange;
  if (PROBES.has(segments[0] ?? '')) return () => {};
  const lasts = isLong(exchange);
  const ended = lasts ? () => {} : precedence.enter();
  try {
    const leave = await flows.enter(name, (listener) => void response.once('close', listener));
    if (lasts) {
      leave();
      return () => {};
    }
    return () => {
      leave();
      ended();
    };
  } catch (thrown) {
    ended();
    throw thrown;
  }
}

function isLong({ method, segments, query }: Exchange): boolean {
  if (method === 'GET' && isSet(query, 'watch') === true) return true;
  return LONG.has(parseResourcePath(segments)?.subresource ?? '');
}

function blankExchange(request: HttpRequest, response: HttpResponse): Exchange {
  return {
    request,
    response,
    method: request.method ?? 'GET',
    path: '/',
    segments: [],
    query: new URLSearchParams(),
    user: ANONYMOUS,
    warnings: [],
  };
}

interface Failed {
  readonly thrown: unknown;
  readonly countAs: (code: number) => void;
}

async function refuse(ctx: HandlerContext, exchange: Exchange, { thrown, countAs }: Failed): Promise<void> {
  const error: ApiError = toApiError(thrown);
  const { log } = ctx.server;
  if (error !== thrown && error.status.code >= 500)
    log.error('request failed', { method: exchange.method, path: exchange.path, err: PlatformError.from(thrown) });
  countAs(error.status.code);
  if (exchange.response.headersSent) {
    if (!isGone(exchange.response)) exchange.response.destroy();
    return;
  }
  try {
    await send(exchange, errorAnswer(error));
  } catch (cause) {
    // why: nothing more can be said to this client
    log.warn('an answer could not be sent', { method: exchange.method, path: exchange.path, err: PlatformError.from(cause) });
    exchange.response.destroy();
  }
}

function count(ctx: HandlerContext, exchange: Exchange, answered: Pick<CountedRequest, 'code' | 'durationMs'>): void {
  ctx.metrics.count({ labels: requestLabels(ctx.server.registry, exchange), ...answered });
}
