import type { KindDefinition } from '#api/meta/kind.ts';
import type { Patch } from '../../client/client.ts';
import type { BodyObject } from '../objects/json-object.ts';
import { isRecord } from '#kit/json.ts';
import { checkTypeMeta } from '../objects/prepare-create.ts';
import { negotiate } from '../representations/negotiate.ts';
import { renderList, renderObject, type RenderOptions } from '../representations/render.ts';
import type { ApiRequest, WriteRequest } from '../contract/request.ts';
import { badRequest, methodNotAllowed, noSuchPath } from '../contract/status-error.ts';
import type { Binding } from '../verbs/bind-pod.ts';
import type { Written } from '../verbs/written.ts';
import type { HandlerContext } from './handler-context.ts';
import { type Exchange, headerOf, originOf } from './messages.ts';
import { applyOptions, deleteOptions, listQuery, refuseForce, watchQuery } from './query.ts';
import { isSet } from '../contract/query-flag.ts';
import { type Answer, jsonAnswer } from './respond.ts';
import type { ResourcePath } from './route.ts';
import { requireServed } from './served-verbs.ts';
import { serveEviction } from './serve-eviction.ts';
import { servePodLog } from './serve-pod-log.ts';
import { servePodProxy } from './serve-pod-proxy.ts';
import { serveScale } from './serve-scale.ts';
import { serveTokenRequest } from './tokens/serve-token-request.ts';
import { serveWatch, type WatchAsked } from './serve-watch.ts';
import { isApply, readApplied, readJsonBody, readObjectBody, readPatch } from './write-body.ts';
import { managerOf, writeRequest } from './write-request.ts';

/** Answers a request for objects of one kind; undefined where the answer is a stream that is already being sent. @throws ApiError */
export async function serveResource(ctx: HandlerContext, exchange: Exchange, path: ResourcePath): Promise<Answer | undefined> {
  const request = requestOf(ctx, exchange, path);
  requireServed(request.kind, path, exchange.method);
  warnOfKind(request.kind, exchange);
  const special = Object.hasOwn(SPECIAL, request.subresource) ? SPECIAL[request.subresource] : undefined;
  if (special !== undefined) return special(ctx, exchange, request);
  if (UPGRADED.has(request.subresource)) throw badRequest('Upgrade request required');
  switch (exchange.method) {
    case 'GET':
      return serveRead(ctx, exchange, request);
    case 'POST':
      return request.subresource === 'binding' ? serveBinding(ctx, exchange, request) : serveCreate(ctx, exchange, request);
    case 'PUT':
    case 'PATCH':
      return serveChange(ctx, exchange, request);
    case 'DELETE':
      return request.name === '' ? serveDeleteCollection(ctx, exchange, request) : serveDelete(ctx, exchange, request);
    default:
      throw methodNotAllowed(exchange.method);
  }
}

function warnOfKind({ deprecation }: KindDefinition, { warnings }: Exchange): void {
  if (deprecation !== undefined) warnings.push(deprecation);
}

/** Subresources that are not the object in another view. */
const SPECIAL: Readonly<Record<string, (ctx: HandlerContext, exchange: Exchange, request: ApiRequest) => Promise<Answer | undefined>>> = {
  scale: serveScale,
  eviction: serveEviction,
  token: serveTokenRequest,
  proxy: servePodProxy,
};

/** Subresources that are served on connections that leave HTTP. */
const UPGRADED: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward']);

/** What a path asks for, and who. @throws ApiError 404 where it is not served */
export function requestOf(ctx: HandlerContext, exchange: Pick<Exchange, 'user' | 'request' | 'path'>, path: ResourcePath): ApiRequest {
  const kind = ctx.server.registry.require(path);
  const { namespace, name, subresource } = path;
  if (!kind.resource.isNamespaced && namespace !== '') throw noSuchPath();
  if (kind.resource.isNamespaced && namespace === '' && name !== '') throw noSuchPath();
  if (subresource !== '' && !kind.subresources.some((known) => known === subresource)) throw noSuchPath();
  return { user: exchange.user, kind, namespace, name, subresource, origin: originOf(exchange) };
}

async function serveRead(ctx: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer | undefined> {
  if (request.subresource === 'log') {
    await servePodLog(ctx, exchange, request);
    return undefined;
  }
  const render = renderOptions(ctx, exchange, request.kind);
  if (isSet(exchange.query, 'watch') === true) {
    serveWatch(ctx, exchange, readWatch(ctx, exchange, request));
    return undefined;
  }
  if (request.name === '') {
    const page = ctx.api.list(request, listQuery(exchange.query));
    return { status: 200, body: renderList(render, page), contentType: contentTypeOf(render) };
  }
  return objectAnswer(200, render, ctx.api.get(request, exchange.query.get('resourceVersion') ?? undefined));
}

/** What a watch is asked for. @throws ApiError 400 */
export function readWatch(ctx: HandlerContext, exchange: Pick<Exchange, 'query' | 'request'>, request: ApiRequest): WatchAsked {
  const query = watchQuery(exchange.query, ctx.server.ids.fraction());
  const fieldSelector = request.name === '' ? query.fieldSelector : `metadata.name=${request.name}`;
  const render = renderOptions(ctx, exchange, request.kind);
  return { request: { ...request, name: '', fieldSelector }, query: { ...query, fieldSelector }, render };
}

async function serveCreate(ctx: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  const render = renderOptions(ctx, exchange, request.kind);
  const written = await ctx.api.create(writeRequest(exchange, request), async (asked) => {
    const body = await readObjectBody(exchange, asked);
    noteBody(ctx, asked, body);
    return body;
  });
  return objectAnswer(201, render, written);
}

async function serveChange(ctx: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  const isPatch = exchange.method === 'PATCH';
  if (isPatch && isApply(exchange)) return serveApply(ctx, exchange, request);
  const render = renderOptions(ctx, exchange, request.kind);
  const asked = writeRequest(exchange, request);
  const written = isPatch
    ? ctx.api.patch(asked, () => readNotedPatch(ctx, exchange, asked))
    : ctx.api.update(asked, () => readNotedUpdate(ctx, exchange, asked));
  return objectAnswer(200, render, await written);
}

async function readNotedPatch(ctx: HandlerContext, exchange: Exchange, asked: WriteRequest): Promise<Patch> {
  refuseForce(exchange.query);
  const patch = await readPatch(exchange);
  noteBody(ctx, asked, patch.body);
  return patch;
}

async function readNotedUpdate(ctx: HandlerContext, exchange: Exchange, asked: WriteRequest): Promise<BodyObject> {
  const body = await readObjectBody(exchange, asked);
  noteBody(ctx, asked, body);
  // why here too: what is sent to the wrong path is told so, also where nothing stands there
  checkTypeMeta(asked, body);
  return body;
}

async function serveApply(ctx: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  const render = renderOptions(ctx, exchange, request.kind);
  const written = await ctx.api.apply(writeRequest(exchange, request), async (asked) => {
    const { isForced } = applyOptions(exchange.query);
    const body = await readApplied(exchange);
    noteBody(ctx, asked, body.value);
    return { body, manager: managerOf(exchange), isForced };
  });
  return objectAnswer(written.isNew ? 201 : 200, render, written);
}

async function serveBinding(ctx: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  await ctx.api.bind(writeRequest(exchange, request), () => readBinding(exchange));
  return jsonAnswer(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

async function readBinding(exchange: Exchange): Promise<Binding> {
  const body = (await readJsonBody(exchange))?.value;
  const target = isRecord(body) && isRecord(body['target']) ? body['target'] : {};
  const metadata = isRecord(body) && isRecord(body['metadata']) ? body['metadata'] : {};
  const { name: nodeName } = target;
  if (typeof nodeName !== 'string' || nodeName === '') throw badRequest('Binding: target.name: Required value: name the node');
  const { uid, labels, annotations } = metadata;
  const more = { ...(isTexts(labels) && { labels }), ...(isTexts(annotations) && { annotations }) };
  return { nodeName, uid: typeof uid === 'string' ? uid : undefined, ...more };
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === 'string');
}

async function serveDelete(ctx: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  const render = renderOptions(ctx, exchange, request.kind);
  const deleted = await ctx.api.delete(writeRequest(exchange, request), async () =>
    deleteOptions(exchange.query, (await readJsonBody(exchange))?.value),
  );
  if (!deleted.isGone || request.kind.answersDeletedObject === true) return objectAnswer(200, render, deleted);
  const { resource } = request.kind;
  const details = {
    name: request.name,
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.plural,
    uid: deleted.object.metadata.uid,
  };
  return jsonAnswer(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
}

async function serveDeleteCollection(ctx: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  const render = renderOptions(ctx, exchange, request.kind);
  const page = await ctx.api.deleteCollection(writeRequest(exchange, request), async () => ({
    ...deleteOptions(exchange.query, (await readJsonBody(exchange))?.value),
    query: listQuery(exchange.query),
  }));
  return { status: 200, body: renderList(render, page), contentType: contentTypeOf(render) };
}

/** Keeps the body for the audit log where it wants bodies. */
function noteBody({ server }: HandlerContext, { notes }: WriteRequest, body: unknown): void {
  if (server.audit.keepsBodies === true) notes.requestObject = body;
}

function renderOptions(ctx: HandlerContext, exchange: Pick<Exchange, 'query' | 'request'>, kind: KindDefinition): RenderOptions {
  const asked = exchange.query.get('includeObject') ?? 'Metadata';
  const includeObject = (['None', 'Metadata', 'Object'] as const).find((choice) => choice === asked);
  if (includeObject === undefined)
    throw badRequest(`includeObject: Invalid value: ${JSON.stringify(asked)}: must be one of None, Metadata, Object`);
  const representation = negotiate(headerOf(exchange.request, 'accept'));
  return { kind, representation, includeObject, nowMs: ctx.server.clock.nowMs() };
}

function objectAnswer(status: number, render: RenderOptions, written: Written): Answer {
  return { status, body: renderObject(render, written.object, written.bytes), contentType: contentTypeOf(render) };
}

function contentTypeOf({ representation }: RenderOptions): string {
  return `application/${representation.format}`;
}
