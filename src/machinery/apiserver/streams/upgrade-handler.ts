import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Pod } from '#api/generated/kubernetes.ts';
import { PlatformError } from '#kit/errors.ts';
import type { ApiError } from '../../client/api-error.ts';
import { connectionQuery } from '../admission/connection.ts';
import { recordReach } from '../access/audit/record-reach.ts';
import type { Verb } from '../verbs/guarded.ts';
import { impersonate } from '../access/impersonation.ts';
import { isAuthenticated } from '../contract/user.ts';
import { credentialsOf } from '../http/credentials.ts';
import type { HandlerContext } from '../http/handler-context.ts';
import { podStreamsOf } from '../http/pod-streams.ts';
import { errorAnswer } from '../http/respond.ts';
import { parseResourcePath, parseTarget } from '../http/route.ts';
import { requestOf } from '../http/serve-resource.ts';
import type { ApiRequest } from '../contract/request.ts';
import { badRequest, methodNotAllowed, noSuchPath, toApiError, unauthorized } from '../contract/status-error.ts';
import { isSet } from '../contract/query-flag.ts';
import { serveCommand } from './serve-command.ts';
import { type Feed, serveLogSocket, serveWatchSocket } from './serve-events.ts';
import { servePortForward } from './serve-port-forward.ts';
import type { Session } from './session.ts';
import { wantsSpdy } from './spdy-upgrade.ts';
import type { Upgrade, UpgradeHandler } from '../http/upgrade.ts';
import { wantsWebSocket } from './websocket.ts';

/** The handler of connections that leave HTTP: exec, attach and port-forward, logs and watches over WebSocket. */
export function createUpgradeHandler(ctx: HandlerContext): UpgradeHandler {
  return async (request, socket, head) => {
    const ending = new AbortController();
    const receivedMs = ctx.server.clock.nowMs();
    const end = (): void => ending.abort();
    let isUpgraded = false;
    let asked: ApiRequest | undefined;
    socket.on('error', () => socket.destroy());
    socket.once('close', end);
    ctx.server.closing.addEventListener('abort', end, { once: true });
    try {
      const { target, api } = await readRequest(ctx, request);
      asked = api;
      const upgraded = (): void => {
        isUpgraded = true;
        recordReach(ctx.server, { request: api, verb: verbOf(request), receivedMs, code: 101 });
      };
      const upgrade = { request, socket, head };
      if (!COMMANDS.has(api.subresource)) {
        await serveFeed({ ctx, upgrade, exchange: { request, query: target.query }, request: api, ending, upgraded });
        return;
      }
      const pod = permittedPod(ctx, api, request);
      const { asked: wanted, options } = await ctx.api.connect(api, target.query);
      const query = options === wanted ? target.query : connectionQuery(options);
      const session = { upgrade, pod, query, source: podStreamsOf(ctx), clock: ctx.server.clock, ending, upgraded };
      await ctx.sessions.run({ pod, user: api.user }, () => serve(session, api.subresource));
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error !== thrown && error.status.code >= 500)
        ctx.server.log.error('request failed', { method: request.method ?? '', path: request.url ?? '', err: PlatformError.from(thrown) });
      const { code, reason } = error.status;
      if (asked !== undefined && !isUpgraded) recordReach(ctx.server, { request: asked, verb: verbOf(request), receivedMs, code, reason });
      if (isUpgraded) socket.destroy();
      else refuse(socket, error);
    } finally {
      ending.abort();
      ctx.server.closing.removeEventListener('abort', end);
    }
  };
}

async function readRequest(
  ctx: HandlerContext,
  request: IncomingMessage,
): Promise<{ readonly target: ReturnType<typeof parseTarget>; readonly api: ApiRequest }> {
  const target = parseTarget(request.url ?? '/');
  const shown = await ctx.authenticate(credentialsOf(request));
  const user = impersonate(ctx.server.authorizer, shown, request.rawHeaders);
  const path = parseResourcePath(target.segments);
  if (!isAuthenticated(user)) throw unauthorized();
  if (path === undefined) throw noSuchPath();
  const api = requestOf(ctx, { user, request, path: target.path }, path);
  return { target, api };
}

/** Subresources that reach into a pod. */
const COMMANDS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward']);

/** What can be had as an answer that goes on can be had over a WebSocket too. @throws ApiError */
function serveFeed(feed: Feed): Promise<void> {
  const { exchange, request } = feed;
  const isRead = exchange.request.method === 'GET' && wantsWebSocket(feed.upgrade.request);
  if (isRead && request.subresource === 'log') return serveLogSocket(feed);
  if (isRead && request.subresource === '' && isSet(exchange.query, 'watch') === true) return serveWatchSocket(feed);
  throw badRequest('this path has no upgrade: ask for it without the header Upgrade');
}

/** The pod, if the user may reach into it. GET is asked for `get` and `create`, as the API server does since 1.35: a reader must not run commands. */
function permittedPod(ctx: HandlerContext, request: ApiRequest, { method }: IncomingMessage): Pod {
  if (method !== 'GET' && method !== 'POST') throw methodNotAllowed(method);
  const pod = ctx.api.permittedPod(request, VERBS[method]);
  if ((pod.spec.nodeName ?? '') === '')
    throw badRequest(`pod ${pod.metadata.name} does not have a host assigned: it has not been scheduled yet`);
  return pod;
}

const VERBS: Readonly<Record<'GET' | 'POST', readonly Verb[]>> = { GET: ['get', 'create'], POST: ['create'] };

function serve(session: Session, subresource: string): Promise<void> {
  const { request } = session.upgrade;
  if (!wantsWebSocket(request) && !wantsSpdy(request))
    throw badRequest(`Upgrade: ${JSON.stringify(request.headers.upgrade ?? '')} is not served: ask for websocket or SPDY/3.1`);
  if (subresource === 'portforward') return servePortForward(session);
  return serveCommand(session, subresource === 'exec' ? 'exec' : 'attach');
}

function verbOf({ method }: IncomingMessage): Verb {
  return method === 'POST' ? 'create' : 'get';
}

function refuse(socket: Upgrade['socket'], error: ApiError): void {
  if (socket.destroyed) return;
  const { status, body, contentType, headers = {} } = errorAnswer(error);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    `content-type: ${contentType}`,
    `content-length: ${body.length}`,
    'connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`),
  ];
  socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]));
}
