import type { Draft, KubeList, KubeObject, ObjectKey } from '#api/meta/object.ts';
import { apiVersionOf, type Resource } from '#api/meta/resource.ts';
import type { PodToken, PodTokenOrder, PodTokenSource } from '#api/pod-tokens.ts';
import { pods, serviceAccounts } from '#api/resources.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { type Exec, SystemExec } from '#kit/exec.ts';
import { deepFreeze, isRecord, trusted } from '#kit/json.ts';
import { ApiError } from './api-error.ts';
import type {
  Client,
  DeleteOptions,
  ListOptions,
  Patch,
  PatchTarget,
  PodBinding,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import { HttpsTransport } from './https-transport.ts';
import { jsonLines } from './json-lines.ts';
import type { ClusterConfig } from './kubeconfig.ts';
import { collectionPath, objectPath, withQuery } from './resource-path.ts';
import { parseJson, refusal } from './response.ts';
import { tokenSourceOf } from './token-source.ts';
import { ApiTimedOut, ApiUnreachable, type Transport, type TransportRequest, type TransportResponse } from './transport.ts';

/** What an {@link HttpClient} is made of. */
export interface HttpClientOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** An answer that takes longer is given up; default 30 s. Watches are not bound by it. */
  readonly timeoutMs?: number;
}

/** A client of the cluster that `config` names. `userAgent` defaults to `stowage`. */
export function createHttpClient(options: {
  readonly config: ClusterConfig;
  readonly clock: Clock;
  readonly userAgent?: string;
  /** Runs credential plugins; the machine's by default. */
  readonly exec?: Exec;
}): HttpClient {
  const { config, clock, userAgent = 'stowage', exec = new SystemExec() } = options;
  return new HttpClient({ transport: new HttpsTransport(config, userAgent, tokenSourceOf(config, { clock, exec })), clock });
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** Objects per page of a list (client-go pager's default). */
const DEFAULT_PAGE_SIZE = 500;
/** The server is asked to end a watch after this long; the watcher goes on with a new one (client-go reflector: 5 to 10 min). */
const WATCH_SEC = 480;
/** A watch that the server did not end this long after its time is dead. */
const WATCH_GRACE_SEC = 30;
/** A server that asks for patience is asked again so often (client-go `rest.Request.maxRetries`) … */
const MAX_RETRIES = 10;
/** … and for at most this long in all; a caller has its own way to try later. */
const MAX_PATIENCE_SEC = 60;
/** Bytes of an answer that are read. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const satisfies Record<Patch['type'], string>;

/** Statuses with which a server that has not worked on a request asks for patience. */
const PATIENT: ReadonlySet<number> = new Set([429, 503]);

interface Tried {
  readonly value?: unknown;
  readonly refused?: ApiError;
  readonly retryAfterSec?: number | undefined;
}

type Call = Pick<TransportRequest, 'method' | 'path' | 'contentType'> & { readonly content?: unknown };

/** {@link Client} over HTTPS, to any cluster. Beside ApiErrors it throws ApiUnreachable and ApiTimedOut. */
export class HttpClient implements Client, PodTokenSource {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #timeoutMs: number;

  constructor(options: HttpClientOptions) {
    this.#transport = options.transport;
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  async get<K extends KubeObject>(resource: Resource<K>, key: ObjectKey): Promise<K> {
    return asObject(await this.#call({ method: 'GET', path: objectPath(resource, key) }));
  }

  async list<K extends KubeObject>(resource: Resource<K>, options: ListOptions = {}): Promise<KubeList<K>> {
    const { pageSize = DEFAULT_PAGE_SIZE, limit = Number.POSITIVE_INFINITY } = options;
    try {
      return await this.#pages(resource, options, Math.min(pageSize, limit));
    } catch (thrown) {
      if (!hasCode(thrown, 'OutOfRange')) throw thrown;
      // why: the pages' version was compacted while we read; one unpaged list can't be overtaken (as client-go's pager)
      return await this.#pages(resource, options, 0);
    }
  }

  async *watch<K extends KubeObject>(resource: Resource<K>, options: WatchOptions): AsyncGenerator<WatchEvent<K>> {
    const { signal } = options;
    const deadline = new AbortController();
    const timer = this.#clock.after((WATCH_SEC + WATCH_GRACE_SEC) * 1000, () => deadline.abort());
    const ended = AbortSignal.any([signal, deadline.signal]);
    try {
      const response = await this.#transport.open({ method: 'GET', path: watchPath(resource, options), mode: 'stream', signal: ended });
      if (response.status !== 200) throw refusal(response.status, await this.#text(response), this.#transport.server);
      for await (const line of jsonLines(response.body)) {
        if (ended.aborted) return;
        yield eventOf<K>(line, this.#transport.server);
      }
    } catch (thrown) {
      if (ended.aborted && !(thrown instanceof ApiError)) return;
      throw thrown;
    } finally {
      timer.cancel();
      // why: a consumer that stops reading must not leave the connection open
      deadline.abort();
    }
  }

  async create<K extends KubeObject>(resource: Resource<K>, draft: Draft<K>, options: WriteOptions = {}): Promise<K> {
    const collection = collectionPath(resource, draft.metadata.namespace ?? '');
    // why: a subresource of a new object has no name in its path but the draft's
    const path = options.subresource === undefined ? collection : `${collection}/${draft.metadata.name ?? ''}/${options.subresource}`;
    return asObject(await this.#call({ method: 'POST', path: writePath(path, options), content: typed(resource, draft) }));
  }

  async update<K extends KubeObject>(resource: Resource<K>, object: K, options: WriteOptions = {}): Promise<K> {
    const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name };
    return asObject(
      await this.#call({
        method: 'PUT',
        path: writePath(objectPath(resource, key, options.subresource), options),
        content: typed(resource, object),
      }),
    );
  }

  async patch<K extends KubeObject>(resource: Resource<K>, target: PatchTarget, options: WriteOptions = {}): Promise<K> {
    const path = writePath(objectPath(resource, target.key, options.subresource), options);
    return asObject(await this.#call({ method: 'PATCH', path, contentType: PATCH_TYPES[target.patch.type], content: target.patch.body }));
  }

  async delete<K extends KubeObject>(resource: Resource<K>, key: ObjectKey, options: DeleteOptions = {}): Promise<void> {
    const preconditions = { uid: options.uid, resourceVersion: options.resourceVersion };
    const content = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      gracePeriodSeconds: options.gracePeriodSec,
      propagationPolicy: options.propagation,
      ...(options.isDryRun === true ? { dryRun: ['All'] } : {}),
      ...(options.uid === undefined && options.resourceVersion === undefined ? {} : { preconditions }),
    };
    await this.#call({ method: 'DELETE', path: objectPath(resource, key), content });
  }

  async bindPod(pod: PodBinding): Promise<void> {
    const metadata = { name: pod.key.name, namespace: pod.key.namespace, uid: pod.uid };
    const target = { apiVersion: 'v1', kind: 'Node', name: pod.nodeName };
    await this.#call({
      method: 'POST',
      path: objectPath(pods, pod.key, 'binding'),
      content: { apiVersion: 'v1', kind: 'Binding', metadata, target },
    });
  }

  /** What a path beside the API answers, in JSON. @throws ApiError where it refuses, ApiUnreachable where it answers something else */
  async read(path: string): Promise<unknown> {
    return this.#call({ method: 'GET', path });
  }

  /** Asks for a token that is bound to the pod (`POST serviceaccounts/NAME/token`). */
  async issue({ pod: { metadata, spec }, audience, expiresInSec }: PodTokenOrder): Promise<PodToken> {
    const key = { namespace: metadata.namespace ?? '', name: spec.serviceAccountName ?? 'default' };
    const boundObjectRef = { kind: pods.kind, apiVersion: pods.version, name: metadata.name, uid: metadata.uid };
    const asked = { audiences: audience === '' ? [] : [audience], expirationSeconds: expiresInSec, boundObjectRef };
    const content = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: asked };
    const answer = await this.#call({ method: 'POST', path: objectPath(serviceAccounts, key, 'token'), content });
    const { status } = trusted<{ readonly status: { readonly token: string; readonly expirationTimestamp: string } }>(answer);
    return { token: status.token, expiresAtMs: Date.parse(status.expirationTimestamp) };
  }

  /** Ends every request and watch; later ones fail. */
  close(): void {
    this.#transport.close();
  }

  async #pages<K extends KubeObject>(resource: Resource<K>, options: ListOptions, limit: number): Promise<KubeList<K>> {
    const items: K[] = [];
    const { limit: wanted = Number.POSITIVE_INFINITY } = options;
    let next: string | undefined;
    for (;;) {
      const parameters = {
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
        limit: limit === 0 ? undefined : String(limit),
        continue: next,
      };
      const answer = await this.#call({ method: 'GET', path: withQuery(collectionPath(resource, options.namespace ?? ''), parameters) });
      const page = trusted<{ readonly metadata: KubeList<K>['metadata']; readonly items: readonly K[] | null }>(answer);
      // why: servers leave out kind and apiVersion of the items of a list
      for (const item of page.items ?? []) items.push(typed(resource, item));
      next = page.metadata.continue;
      if (next === undefined || next === '' || items.length >= wanted) {
        const { resourceVersion, remainingItemCount } = page.metadata;
        const beyond = items.length - Math.min(items.length, wanted) + (remainingItemCount ?? 0);
        items.length = Math.min(items.length, wanted);
        const metadata = { resourceVersion, ...(beyond === 0 ? {} : { remainingItemCount: beyond }) };
        return deepFreeze({ apiVersion: apiVersionOf(resource), kind: resource.listKind, metadata, items });
      }
    }
  }

  /** Asks again where the server says when: it is busy, or starts or stops, and did nothing of what it was asked for. */
  async #call(call: Call): Promise<unknown> {
    let patienceSec = MAX_PATIENCE_SEC;
    for (let tries = 0; ; tries += 1) {
      const { retryAfterSec, ...answer } = await this.#try(call);
      if (answer.refused === undefined) return answer.value;
      patienceSec -= retryAfterSec ?? 0;
      if (retryAfterSec === undefined || tries >= MAX_RETRIES || patienceSec < 0) throw answer.refused;
      await sleep(this.#clock, retryAfterSec * 1_000);
    }
  }

  async #try(call: Call): Promise<Tried> {
    const deadline = new AbortController();
    const timer = this.#clock.after(this.#timeoutMs, () => deadline.abort());
    const { content, ...request } = call;
    try {
      const response = await this.#transport.open({
        ...request,
        ...(content === undefined ? {} : { body: JSON.stringify(content) }),
        mode: 'call',
        signal: deadline.signal,
      });
      const text = await this.#text(response);
      const { status, retryAfterSec } = response;
      if (status >= 200 && status <= 299) return { value: parseJson(text, this.#transport.server) };
      const refused = refusal(status, text, this.#transport.server);
      return PATIENT.has(status) ? { refused, retryAfterSec } : { refused };
    } catch (thrown) {
      if (deadline.signal.aborted) throw new ApiTimedOut(this.#transport.server, this.#timeoutMs);
      throw PlatformError.from(thrown);
    } finally {
      timer.cancel();
    }
  }

  async #text(response: TransportResponse): Promise<string> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) throw new ApiUnreachable(this.#transport.server, `its answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

function watchPath(resource: Resource, options: WatchOptions): string {
  return withQuery(collectionPath(resource, options.namespace ?? ''), {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: options.resourceVersion,
    timeoutSeconds: String(WATCH_SEC),
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
  });
}

function writePath(path: string, options: WriteOptions): string {
  return withQuery(path, { dryRun: options.isDryRun === true ? 'All' : undefined });
}

function typed<T extends object>(resource: Resource, object: T): T {
  return { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object };
}

/** The server checked the object against its schema; what comes back for a resource is of its kind. */
function asObject<K extends KubeObject>(answer: unknown): K {
  return trusted<K>(deepFreeze(answer));
}

function eventOf<K extends KubeObject>(line: unknown, server: string): WatchEvent<K> {
  const { type, object } = isRecord(line) ? line : {};
  if (type === 'ERROR') throw refusal(500, JSON.stringify(object), server);
  if (type === 'BOOKMARK') return { type, resourceVersion: trusted<KubeObject>(object).metadata.resourceVersion };
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return { type, object: asObject<K>(object) };
  throw new ApiUnreachable(server, `its watch sent an event of the unknown type ${JSON.stringify(type)}`);
}
