import type { Draft, KubeList, KubeObject, ObjectKey } from '#api/meta/object.ts';
import { apiVersionOf, type Resource } from '#api/meta/resource.ts';
import { pods } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { newNotes } from '../contract/audit.ts';
import type {
  Client,
  DeleteOptions,
  ListOptions,
  PatchTarget,
  PodBinding,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../../client/client.ts';
import type { UserInfo } from '../contract/user.ts';
import type { ServerContext } from '../contract/context.ts';
import { decodeObject } from '../objects/decode-object.ts';
import { asObject } from '../objects/json-object.ts';
import type { ApiRequest, WriteRequest } from '../contract/request.ts';
import { badRequest, methodNotAllowed } from '../contract/status-error.ts';
import type { Sent } from '../contract/answers.ts';
import { Api } from '../verbs/api.ts';
import { SentBuffer } from './sent-buffer.ts';

/** Events that may wait for a watch's reader. */
const BUFFERED_EVENTS = 100_000;
/** A watch in process need not end for load balancing; a day is what a timer can hold with room to spare. */
const WATCH_MS = 24 * 3_600_000;

/** The API in this process: everything a request over HTTPS passes but the wire. */
export class InProcessClient implements Client {
  readonly #ctx: ServerContext;
  readonly #api: Api;
  readonly #user: UserInfo;
  readonly #giveWay: (() => Promise<void>) | undefined;

  /** With `giveWay` its writes may share the commits of others, and what follows a write waits until it resolves. */
  constructor(ctx: ServerContext, user: UserInfo, giveWay?: () => Promise<void>) {
    this.#ctx = ctx;
    this.#api = new Api(ctx);
    this.#user = user;
    this.#giveWay = giveWay;
  }

  async get<K extends KubeObject>(resource: Resource<K>, key: ObjectKey): Promise<K> {
    return trusted<K>(this.#api.get(this.#request(resource, key)).object);
  }

  async list<K extends KubeObject>(resource: Resource<K>, options: ListOptions = {}): Promise<KubeList<K>> {
    const request = this.#request(resource, { namespace: options.namespace ?? '', name: '' });
    const page = this.#api.list(request, { ...options, limit: options.limit ?? 0 });
    return {
      apiVersion: apiVersionOf(resource),
      kind: resource.listKind,
      metadata: {
        resourceVersion: String(page.revision),
        ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
      },
      items: page.entries.map((entry) => trusted<K>(entry.object)),
    };
  }

  async *watch<K extends KubeObject>(resource: Resource<K>, options: WatchOptions): AsyncGenerator<WatchEvent<K>, void, undefined> {
    if (options.signal.aborted) return;
    const request = this.#request(resource, { namespace: options.namespace ?? '', name: '' });
    const buffer = new SentBuffer(BUFFERED_EVENTS);
    const { labelSelector, fieldSelector, resourceVersion } = options;
    const query = {
      labelSelector,
      fieldSelector,
      resourceVersion,
      sendInitialEvents: undefined,
      allowBookmarks: true,
      timeoutMs: WATCH_MS,
    };
    const stop = this.#api.watch(request, { query, sink: buffer });
    const onAbort = (): void => buffer.onEnd();
    options.signal.addEventListener('abort', onAbort, { once: true });
    try {
      for (;;) {
        const batch = await buffer.take();
        if (batch === undefined || options.signal.aborted) return;
        for (const sent of batch) yield toWatchEvent<K>(sent);
      }
    } finally {
      options.signal.removeEventListener('abort', onAbort);
      stop();
    }
  }

  async create<K extends KubeObject>(resource: Resource<K>, draft: Draft<K>, options: WriteOptions = {}): Promise<K> {
    const request = this.#writeRequest(resource, { namespace: draft.metadata.namespace ?? '', name: '' }, options);
    if (resource.isNamespaced && request.namespace === '') throw badRequest('an empty namespace may not be set during creation');
    const written = await this.#inTurn(this.#api.create(request, async () => decodeObject(request, draft)));
    return trusted<K>(written.object);
  }

  async update<K extends KubeObject>(resource: Resource<K>, object: K, options: WriteOptions = {}): Promise<K> {
    const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name };
    const request = this.#writeRequest(resource, key, options);
    const written = await this.#inTurn(this.#api.update(request, async () => decodeObject(request, object)));
    return trusted<K>(written.object);
  }

  async patch<K extends KubeObject>(resource: Resource<K>, target: PatchTarget, options: WriteOptions = {}): Promise<K> {
    const request = this.#writeRequest(resource, target.key, options);
    const written = await this.#inTurn(this.#api.patch(request, async () => target.patch));
    return trusted<K>(written.object);
  }

  async delete<K extends KubeObject>(resource: Resource<K>, key: ObjectKey, options: DeleteOptions = {}): Promise<void> {
    const request = this.#writeRequest(resource, key, {});
    await this.#inTurn(this.#api.delete(request, async () => options));
  }

  async bindPod(pod: PodBinding): Promise<void> {
    const request = { ...this.#writeRequest(pods, pod.key, {}), subresource: 'binding' };
    await this.#inTurn(this.#api.bind(request, async () => pod));
  }

  async #inTurn<T>(write: Promise<T>): Promise<T> {
    const written = await write;
    await this.#giveWay?.();
    return written;
  }

  #request(resource: Resource, key: ObjectKey): ApiRequest {
    return { user: this.#user, kind: this.#ctx.registry.require(resource), namespace: key.namespace, name: key.name, subresource: '' };
  }

  #writeRequest(resource: Resource, key: ObjectKey, options: WriteOptions): WriteRequest {
    const request = this.#request(resource, key);
    const { subresource = '' } = options;
    if (subresource !== '' && !request.kind.subresources.includes(subresource)) throw methodNotAllowed();
    return {
      ...request,
      subresource,
      isDryRun: options.isDryRun ?? false,
      fieldValidation: 'Warn',
      // why: docs/decisions/0006: components of this process write often, and keeping account of their fields would cost more than it tells
      ownership: 'kept',
      notes: newNotes(),
      canWait: this.#giveWay !== undefined,
      warn: (text) =>
        this.#ctx.log.warn('request of this process was answered with a warning', { kind: resource.kind, ...key, reason: text }),
    };
  }
}

function toWatchEvent<K extends KubeObject>(sent: Sent): WatchEvent<K> {
  if (sent.type === 'BOOKMARK') return { type: 'BOOKMARK', resourceVersion: String(sent.revision) };
  return { type: sent.type, object: trusted<K>(asObject(sent.entry.object)) };
}
