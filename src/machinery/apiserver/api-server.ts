import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeObject, ObjectKey } from '#api/meta/object.ts';
import { apiVersionOf, groupResourceOf, type Resource } from '#api/meta/resource.ts';
import type { PodLogSource } from '#api/pod-logs.ts';
import type { Clock } from '#kit/clock.ts';
import type { Ids } from '#kit/ids.ts';
import { trusted } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import type { Client } from '../client/client.ts';
import type { Store } from '../store/store.ts';
import { type AuditSink, noAudit } from './access/audit.ts';
import { type Authorizer, chainAuthorizers, mastersAuthorizer } from './access/authorization.ts';
import type { UserInfo } from './access/user.ts';
import { AdmissionChain, type AdmissionPlugin, type StoreView } from './admission/admission.ts';
import { InProcessClient } from './client/in-process-client.ts';
import type { ServerContext } from './context.ts';
import { NamespaceGuard } from './objects/namespace-guard.ts';
import { KindRegistry } from './registry.ts';

/** What an API server is made of. */
export interface ApiServerOptions {
  readonly store: Store;
  readonly kinds: readonly KindDefinition[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Asked in order before `system:masters`. */
  readonly authorizers?: readonly Authorizer[];
  /** In this order, for every write. */
  readonly admission?: readonly AdmissionPlugin[];
  readonly audit?: AuditSink;
}

/** The Kubernetes API over a store. */
export interface ApiServer {
  /** The API in this process, as `user`. */
  clientFor(user: UserInfo): Client;
  /** Where pod logs come from; without one they are refused. */
  setPodLogs(source: PodLogSource): void;
  /** Ends all watches and listeners. The store stays open. */
  close(): Promise<void>;
}

/** An API server; it serves nobody before `listen`. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { store, clock, ids, log } = options;
  const registry = new KindRegistry(options.kinds);
  const closing = new AbortController();
  const ctx: ServerContext = {
    store,
    registry,
    clock,
    ids,
    log,
    admission: new AdmissionChain(options.admission ?? [], storeView(store)),
    authorizer: chainAuthorizers([...(options.authorizers ?? []), mastersAuthorizer]),
    audit: options.audit ?? noAudit,
    namespaces: new NamespaceGuard(store),
    closing: closing.signal,
  };
  return {
    clientFor: (user) => new InProcessClient(ctx, user),
    setPodLogs: () => {},
    close: async () => closing.abort(),
  };
}

function storeView(store: Store): StoreView {
  return {
    get: <K extends KubeObject>(resource: Resource<K>, key: ObjectKey) => {
      const entry = store.get({ resource: groupResourceOf(resource), ...key });
      return entry === undefined ? undefined : trusted<K>(entry.object);
    },
    list: <K extends KubeObject>(resource: Resource<K>, namespace?: string) => {
      const page = store.list({ resource: groupResourceOf(resource), namespace });
      return {
        apiVersion: apiVersionOf(resource),
        kind: resource.listKind,
        metadata: { resourceVersion: String(page.revision) },
        items: page.entries.map((entry) => trusted<K>(entry.object)),
      };
    },
  };
}
