import type { KindDefinition } from '#api/meta/kind.ts';
import { isRecord } from '#kit/json.ts';
import { guardedRead, guardedWrite, type GuardedWrite } from '../access/guarded.ts';
import { checkTypeMeta } from '../objects/prepare-create.ts';
import { negotiate } from '../representations/negotiate.ts';
import { renderList, renderObject, type RenderOptions } from '../representations/render.ts';
import type { ApiRequest, WriteRequest } from '../contract/request.ts';
import { badRequest, methodNotAllowed, noSuchPath } from '../contract/status-error.ts';
import { applyObject } from '../verbs/apply.ts';
import { bindPod } from '../verbs/bind-pod.ts';
import { createObject } from '../verbs/create.ts';
import { deleteCollection } from '../verbs/delete-collection.ts';
import { deleteObject } from '../verbs/delete.ts';
import { listObjects } from '../verbs/list.ts';
import { patchObject } from '../verbs/patch.ts';
import { readObject, requireReached } from '../verbs/read.ts';
import { updateObject } from '../verbs/update.ts';
import { nameOfWritten, type Written, writtenEntry } from '../verbs/written.ts';
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
  const { server } = ctx;
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
    const query = listQuery(exchange.query);
    const page = guardedRead(server, { request: { ...request, fieldSelector: query.fieldSelector }, verb: 'list' }, () =>
      listObjects(server, request, query),
    );
    return { status: 200, body: renderList(render, page), contentType: contentTypeOf(render) };
  }
  const entry = guardedRead(server, { request, verb: 'get' }, () => {
    requireReached(server, exchange.query.get('resourceVersion') ?? undefined);
    return readObject(server, request);
  });
  return objectAnswer(200, render, writtenEntry(entry));
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
  const written = await write(ctx, { exchange, request, verb: 'create', nameOf: nameOfWritten }, async (asked) => {
    const body = await readObjectBody(exchange, asked);
    noteBody(ctx, asked, body);
    return createObject(ctx.server, asked, body);
  });
  return objectAnswer(201, render, written);
}

async function serveChange(ctx: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  const isPatch = exchange.method === 'PATCH';
  if (isPatch && isApply(exchange)) return serveApply(ctx, exchange, request);
  const render = renderOptions(ctx, exchange, request.kind);
  const written = await write(ctx, { exchange, request, verb: isPatch ? 'patch' : 'update' }, async (asked) => {
    if (isPatch) refuseForce(exchange.query);
    if (isPatch) {
      const patch = await readPatch(exchange);
      noteBody(ctx, asked, patch.body);
      return patchObject(ctx.server, asked, patch);
    }
    const body = await readObjectBody(exchange, asked);
    noteBody(ctx, asked, body);
    // why here too: what is sent to the wrong path is told so, also where nothing stands there
    checkTypeMeta(asked, body);
    return updateObject(ctx.server, asked, () => body);
  });
  return objectAnswer(200, render, written);
}

async function serveApply(ctx: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  const render = renderOptions(ctx, exchange, request.kind);
  const written = await write(ctx, { exchange, request, verb: 'patch' }, async (asked) => {
    const { isForced } = applyOptions(exchange.query);
    const body = await readApplied(exchange);
    noteBody(ctx, asked, body.value);
    return applyObject(ctx.server, asked, { body, manager: managerOf(exchange), isForced });
  });
  return objectAnswer(written.isNew ? 201 : 200, render, written);
}

async function serveBinding(ctx: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  await write(ctx, { exchange, request, verb: 'create' }, async (asked) => {
    const body = (await readJsonBody(exchange))?.value;
    const target = isRecord(body) && isRecord(body['target']) ? body['target'] : {};
    const metadata = isRecord(body) && isRecord(body['metadata']) ? body['metadata'] : {};
    const { name: nodeName } = target;
    if (typeof nodeName !== 'string' || nodeName === '') throw badRequest('Binding: target.name: Required value: name the node');
    const { uid, labels, annotations } = metadata;
    const more = { ...(isTexts(labels) && { labels }), ...(isTexts(annotations) && { annotations }) };
    await bindPod(ctx.server, asked, { nodeName, uid: typeof uid === 'string' ? uid : undefined, ...more });
  });
  return jsonAnswer(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === 'string');
}

async function serveDelete(ctx: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  const render = renderOptions(ctx, exchange, request.kind);
  const deleted = await write(ctx, { exchange, request, verb: 'delete' }, async (asked) => {
    const options = deleteOptions(exchange.query, (await readJsonBody(exchange))?.value);
    return deleteObject(ctx.server, { ...asked, isDryRun: options.isDryRun }, options);
  });
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
  const page = await write(ctx, { exchange, request, verb: 'deletecollection' }, async (asked) => {
    const options = deleteOptions(exchange.query, (await readJsonBody(exchange))?.value);
    return deleteCollection(ctx.server, { ...asked, isDryRun: options.isDryRun }, { ...options, query: listQuery(exchange.query) });
  });
  return { status: 200, body: renderList(render, page), contentType: contentTypeOf(render) };
}

/** Keeps the body for the audit log where it wants bodies. */
function noteBody({ server }: HandlerContext, { notes }: WriteRequest, body: unknown): void {
  if (server.audit.keepsBodies === true) notes.requestObject = body;
}

interface Asked<T> extends Pick<GuardedWrite<T>, 'verb' | 'nameOf'> {
  readonly request: ApiRequest;
  readonly exchange: Exchange;
}

/** Does a write with the options of the query, its warnings going into the answer. */
function write<T>(
  ctx: HandlerContext,
  { exchange, request: read, ...rest }: Asked<T>,
  work: (request: WriteRequest) => Promise<T>,
): Promise<T> {
  const request = writeRequest(exchange, read);
  return guardedWrite(ctx.server, { request, ...rest }, () => work(request));
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
