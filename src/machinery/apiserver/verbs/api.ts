import type { Eviction, Pod, Scale } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { trusted } from '#kit/json.ts';
import type { ApiError } from '../../client/api-error.ts';
import type { DeleteOptions, Patch } from '../../client/client.ts';
import type { AccountTokens } from '../access/service-accounts/account-tokens.ts';
import { connectionRequest } from '../admission/connection.ts';
import { EVICTION } from '../admission/sent-object.ts';
import type { ListPage } from '../contract/answers.ts';
import type { ServerContext } from '../contract/context.ts';
import type { ApiRequest, WriteRequest } from '../contract/request.ts';
import { toApiError } from '../contract/status-error.ts';
import type { BodyObject } from '../objects/json-object.ts';
import { admissionRequest } from './admission-request.ts';
import { type AppliedWrite, applyObject, type ApplyOptions } from './apply.ts';
import { type Binding, bindPod } from './bind-pod.ts';
import { createObject } from './create.ts';
import { deleteCollection } from './delete-collection.ts';
import { type Deleted, deleteObject } from './delete.ts';
import { evictPod } from './evict-pod.ts';
import { guardedRead, guardedWrite, requireVerb, type Verb } from './guarded.ts';
import { listObjects, type ListQuery } from './list.ts';
import { patchObject } from './patch.ts';
import { readObject, requireReached } from './read.ts';
import { readScale, type ScaleChange, writeScale } from './scale.ts';
import { type AnsweredTokenRequest, type AskedToken, requestToken } from './tokens/request-token.ts';
import { updateObject } from './update.ts';
import { openWatch, type WatchQuery, type WatchSink } from './watch.ts';
import { nameOfWritten, type Written, writtenEntry } from './written.ts';

/** What comes with a request is read when the user may do what it asks for: until then nobody's body is looked at. */
export type Read<T> = (request: WriteRequest) => Promise<T>;

/** What is watched, and where it goes. */
export interface WatchOrder {
  readonly query: WatchQuery;
  readonly sink: WatchSink;
  /** Told in place of an error that the version is no longer kept. */
  readonly onExpired?: (error: ApiError) => void;
}

/** A connection into a pod. */
export interface Connection {
  readonly asked: KubeObject;
  /** What the admission rules made of it; the same object where they changed nothing. */
  readonly options: KubeObject;
}

/** How an eviction is told. */
export interface EvictionOrder {
  readonly read: Read<KubeObject>;
  /** How it is done, by what the admission rules made of the eviction. */
  readonly optionsOf: (eviction: Eviction) => DeleteOptions;
}

/** HTTP status of a version that is no longer kept. */
const EXPIRED = 410;

/**
 * Everything that can be asked of the API, over the wire or from this process: each verb asks once whether the user may, and keeps it in the audit log.
 * There is no other way to a verb (`verbs-guarded-once` in .dependency-cruiser.cjs). Every method throws ApiError.
 */
export class Api {
  readonly #ctx: ServerContext;

  constructor(ctx: ServerContext) {
    this.#ctx = ctx;
  }

  /** The newest durable state; `notBefore` is a version that must exist already. */
  get(request: ApiRequest, notBefore?: string): Written {
    return guardedRead(this.#ctx, { request, verb: 'get' }, () => {
      requireReached(this.#ctx, notBefore);
      return writtenEntry(readObject(this.#ctx, request));
    });
  }

  list(request: ApiRequest, query: ListQuery): ListPage {
    return guardedRead(this.#ctx, { request: narrowed(request, query), verb: 'list' }, () => listObjects(this.#ctx, request, query));
  }

  /** @returns a disposer */
  watch(request: ApiRequest, { onExpired, ...order }: WatchOrder): () => void {
    return guardedRead(this.#ctx, { request: narrowed(request, order.query), verb: 'watch' }, () => {
      try {
        return openWatch(this.#ctx, request, order);
      } catch (thrown) {
        const error = toApiError(thrown);
        if (onExpired === undefined || error.status.code !== EXPIRED) throw thrown;
        onExpired(error);
        return () => {};
      }
    });
  }

  create(request: WriteRequest, read: Read<BodyObject>): Promise<Written> {
    return guardedWrite(this.#ctx, { request, verb: 'create', nameOf: nameOfWritten }, async () =>
      createObject(this.#ctx, request, await read(request)),
    );
  }

  update(request: WriteRequest, read: Read<BodyObject>): Promise<Written> {
    return guardedWrite(this.#ctx, { request, verb: 'update' }, async () => {
      const body = await read(request);
      return updateObject(this.#ctx, request, () => body);
    });
  }

  patch(request: WriteRequest, read: Read<Patch>): Promise<Written> {
    return guardedWrite(this.#ctx, { request, verb: 'patch' }, async () => patchObject(this.#ctx, request, await read(request)));
  }

  apply(request: WriteRequest, read: Read<ApplyOptions>): Promise<AppliedWrite> {
    return guardedWrite(this.#ctx, { request, verb: 'patch' }, async () => applyObject(this.#ctx, request, await read(request)));
  }

  delete(request: WriteRequest, read: Read<DeleteOptions>): Promise<Deleted> {
    return guardedWrite(this.#ctx, { request, verb: 'delete' }, async () => {
      const options = await read(request);
      return deleteObject(this.#ctx, asSaid(request, options), options);
    });
  }

  deleteCollection(request: WriteRequest, read: Read<DeleteOptions & { readonly query: ListQuery }>): Promise<ListPage> {
    return guardedWrite(this.#ctx, { request, verb: 'deletecollection' }, async () => {
      const options = await read(request);
      return deleteCollection(this.#ctx, asSaid(request, options), options);
    });
  }

  /** `request` names the subresource `binding` of a pod. */
  bind(request: WriteRequest, read: Read<Binding>): Promise<void> {
    return guardedWrite(this.#ctx, { request, verb: 'create' }, async () => bindPod(this.#ctx, request, await read(request)));
  }

  /** `request` names the subresource `eviction` of a pod. */
  evict(request: WriteRequest, order: EvictionOrder): Promise<void> {
    return guardedWrite(this.#ctx, { request, verb: 'create' }, async () => {
      const object = await order.read(request);
      const admitted = await this.#ctx.admission.ask({ ...admissionRequest(request, 'create'), object, sent: EVICTION });
      const options = order.optionsOf(trusted<Eviction>(admitted));
      await evictPod(this.#ctx, asSaid(request, options), options);
    });
  }

  getScale(request: ApiRequest): Scale {
    return guardedRead(this.#ctx, { request, verb: 'get' }, () => readScale(this.#ctx, request));
  }

  writeScale(request: WriteRequest, verb: 'update' | 'patch', read: Read<ScaleChange>): Promise<Scale> {
    return guardedWrite(this.#ctx, { request, verb }, async () => writeScale(this.#ctx, request, await read(request)));
  }

  /** A token of the service account whose subresource `token` the request names. */
  requestToken(request: WriteRequest, tokens: AccountTokens, read: Read<AskedToken>): Promise<AnsweredTokenRequest> {
    return guardedWrite(this.#ctx, { request, verb: 'create' }, async () =>
      requestToken(this.#ctx, request, { tokens, asked: await read(request) }),
    );
  }

  /** The pod that somebody wants to reach into, if he may do each of `verbs`. Who serves the connection keeps it in the audit log, when it is known what came of it. */
  permittedPod(request: ApiRequest, verbs: readonly Verb[]): Pod {
    for (const verb of verbs) requireVerb(this.#ctx, request, verb);
    return trusted<Pod>(readObject(this.#ctx, { ...request, subresource: '' }).object);
  }

  /** Asks the admission rules about a connection into a pod. */
  async connect(request: ApiRequest, query: URLSearchParams): Promise<Connection> {
    const connection = connectionRequest(request, query, new Map());
    return { options: await this.#ctx.admission.ask(connection), asked: connection.object };
  }
}

/** A list may narrow what is asked for to what one may see. */
function narrowed(request: ApiRequest, { fieldSelector }: Pick<ListQuery, 'fieldSelector'>): ApiRequest {
  return { ...request, fieldSelector };
}

function asSaid(request: WriteRequest, { isDryRun = request.isDryRun }: DeleteOptions): WriteRequest {
  return { ...request, isDryRun };
}
