import { arch, platform } from 'node:process';
import { requireAllowed } from '../access/authorization.ts';
import { isAuthenticated } from '../contract/user.ts';
import { methodNotAllowed, noSuchPath, unauthorized } from '../contract/status-error.ts';
import { discoveryGroup, discoveryRoot, discoveryVersion } from './discovery.ts';
import type { HandlerContext, VersionInfo } from './handler-context.ts';
import { type Exchange, headerOf } from './messages.ts';
import type { OpenApiDocuments } from './open-api.ts';
import { type Answer, jsonAnswer, textAnswer } from './respond.ts';
import { serveIssuerDocument } from './tokens/issuer-documents.ts';

/** Paths that need no credentials: probes, and the version that probes ask for. */
const PUBLIC: ReadonlySet<string> = new Set(['healthz', 'livez', 'readyz', 'version']);

/** Answers what is neither an object nor a list of objects: discovery, schemas, version, health, metrics. @throws ApiError */
export function serveDocument(ctx: HandlerContext, exchange: Exchange, openApi: OpenApiDocuments): Answer {
  const { segments, method, user } = exchange;
  const [root = ''] = segments;
  if (!PUBLIC.has(root) && !isAuthenticated(user)) throw unauthorized();
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(method);
  const serve = Object.hasOwn(DOCUMENTS, root) ? DOCUMENTS[root] : undefined;
  if (serve === undefined) throw noSuchPath();
  return serve(ctx, exchange, openApi);
}

type Serve = (ctx: HandlerContext, exchange: Exchange, openApi: OpenApiDocuments) => Answer;

function serveDiscovery({ server }: HandlerContext, { segments, request }: Exchange): Answer {
  const [root = '', first, second, ...more] = segments;
  const accept = headerOf(request, 'accept');
  if (more.length > 0) throw noSuchPath();
  if (first === undefined) return discoveryRoot(server.registry, root === 'api' ? 'api' : 'apis', accept);
  if (root === 'api') return second === undefined ? discoveryVersion(server.registry, '', first) : refuse();
  return second === undefined ? discoveryGroup(server.registry, first) : discoveryVersion(server.registry, first, second);
}

function refuse(): never {
  throw noSuchPath();
}

function serveOpenApi(_ctx: HandlerContext, { segments, query, request }: Exchange, openApi: OpenApiDocuments): Answer {
  const [, version, ...rest] = segments;
  if (version === 'v2' && rest.length === 0) return openApi.version2(headerOf(request, 'accept'));
  if (version !== 'v3') throw noSuchPath();
  return rest.length === 0 ? openApi.index() : openApi.document(rest, query.get('hash') ?? '');
}

function serveMetrics(ctx: HandlerContext, { segments, user, path }: Exchange): Answer {
  if (segments.length > 1) throw noSuchPath();
  requireAllowed(ctx.server.authorizer, { type: 'path', user, verb: 'get', path });
  return { ...textAnswer(200, ctx.scrape()), contentType: 'text/plain; version=0.0.4; charset=utf-8' };
}

function versionDocument({ product, kubernetes }: VersionInfo): object {
  const [major = '', minor = ''] = kubernetes.split('.');
  return {
    major,
    minor,
    gitVersion: `v${kubernetes}.0+stowage.${product}`,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: `${platform}/${arch}`,
  };
}

const DOCUMENTS: Readonly<Record<string, Serve>> = {
  api: serveDiscovery,
  apis: serveDiscovery,
  openapi: serveOpenApi,
  openid: serveIssuerDocument,
  '.well-known': serveIssuerDocument,
  version: (ctx) => jsonAnswer(200, versionDocument(ctx.version)),
  healthz: (ctx, exchange) => ctx.health.answer(exchange),
  livez: (ctx, exchange) => ctx.health.answer(exchange),
  readyz: (ctx, exchange) => ctx.health.answer(exchange),
  metrics: serveMetrics,
};
