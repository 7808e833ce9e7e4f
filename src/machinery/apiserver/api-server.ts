import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeObject, ObjectKey } from '#api/meta/object.ts';
import { apiVersionOf, groupResourceOf, type Resource } from '#api/meta/resource.ts';
import type { PodLogSource } from '#api/pod-logs.ts';
import type { PodStreamSource } from '#api/pod-streams.ts';
import type { PodTokenSource } from '#api/pod-tokens.ts';
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '#api/resources.ts';
import { KUBERNETES_VERSION } from '#api/schema/definitions.ts';
import type { Clock } from '#kit/clock.ts';
import type { Ids } from '#kit/ids.ts';
import { trusted } from '#kit/json.ts';
import { KeyedLock } from '#kit/keyed-lock.ts';
import type { Logger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import type { Client } from '../client/client.ts';
import type { Store } from '../store/store.ts';
import { type AuditSink, noAudit } from './contract/audit.ts';
import { chainAuthorizers, mastersAuthorizer } from './access/authorization.ts';
import type { Attributes, Authorizer } from './contract/authorizer.ts';
import { authenticate, type Authenticator, certificateAuthenticator, type Credentials } from './access/authentication.ts';
import { impersonate } from './access/impersonation.ts';
import type { AccountTokens } from './access/service-accounts/account-tokens.ts';
import type { UserInfo } from './contract/user.ts';
import { PluginChain } from './admission/admission-chain.ts';
import type { AdmissionChain } from './contract/admission.ts';
import type { AdmissionPlugin, StoreView } from './contract/admission.ts';
import { admissionPolicies } from './admission/policies/policies.ts';
import { MutatingPolicies } from './admission/policies/mutating/mutating-policies.ts';
import { mutatingPolicyOf } from './admission/policies/mutating/mutating-policy.ts';
import { policyOf } from './admission/policies/policy.ts';
import { policyExpressions } from './admission/policies/policy-expressions.ts';
import { policyParamAccess } from './admission/policies/policy-param-access.ts';
import { PolicyIndex } from './admission/policies/policy-index.ts';
import { HttpsWebhookCaller } from './admission/webhooks/webhook-caller.ts';
import { webhookConditions } from './admission/webhooks/webhook-conditions.ts';
import { WebhookIndex } from './admission/webhooks/webhook-index.ts';
import { Webhooks } from './admission/webhooks/webhooks.ts';
import { FLOW_LIMITS, FlowControl, type FlowLimits } from './http/fairness/flow-control.ts';
import { flowObserver, showFlows } from './http/fairness/flow-metrics.ts';
import { credentialsOf } from './http/credentials.ts';
import type { HttpRequest } from './http/messages.ts';
import { type ApiHandler, createApiHandler } from './http/api-handler.ts';
import { Health } from './http/health.ts';
import { PROXIED, SessionLimit, SESSIONS } from './http/session-limit.ts';
import { Api } from './verbs/api.ts';
import { createUpgradeHandler } from './streams/upgrade-handler.ts';
import { listen, type Listener, type ListenOptions } from './http/listener.ts';
import type { HandlerContext } from './http/handler-context.ts';
import { Precedence } from './http/precedence.ts';
import { RequestMetrics } from './http/request-metrics.ts';
import { WatchLines } from './representations/watch-encoder.ts';
import { definitionRules } from './custom/rules/definition-rules.ts';
import { CustomKinds } from './custom/custom-kinds.ts';
import { InProcessClient } from './client/in-process-client.ts';
import { podTokens } from './client/pod-tokens.ts';
import type { ServerContext } from './contract/context.ts';
import { StoreDefinitionGuard } from './objects/definition-guard.ts';
import { StoreNamespaceGuard } from './objects/namespace-guard.ts';
import { KindRegistry } from './contract/registry.ts';

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
  /** Asked in order, before client certificates of our CA. */
  readonly authenticators?: readonly Authenticator[];
  /** Issues the tokens of service accounts and knows them again; without it none are. Asked after `authenticators`. */
  readonly accountTokens?: AccountTokens;
  /** Of the whole process, served at `/metrics`; by default those of the API alone. */
  readonly metrics?: Metrics;
  /** Of the product, for example `0.1.0`. */
  readonly version: string;
  readonly podLogs?: PodLogSource;
  /** How requests over the network share the server. */
  readonly flowLimits?: FlowLimits;
  readonly podStreams?: PodStreamSource;
}

/** How a client of this process is served. */
export interface ClientOptions {
  /** Clients that wait for an answer go first: its writes share their commits, and what follows a write waits for its turn. */
  readonly isPatient?: boolean;
}

/** The Kubernetes API over a store. */
export interface ApiServer {
  /** The API in this process, as `user`. */
  clientFor(user: UserInfo, options?: ClientOptions): Client;
  /** Tokens for pods, asked for as `user`; undefined where the server issues none. */
  podTokensFor(user: UserInfo): PodTokenSource | undefined;
  /** Where pod logs come from; without one they are refused. */
  setPodLogs(source: PodLogSource): void;
  /** What reaches into pods (exec, attach, port-forward); without it they are refused. */
  setPodStreams(source: PodStreamSource): void;
  /** Every resource that is served now, once, in the version that clients prefer. */
  resources(): readonly Resource[];
  /** Who shows these credentials. @throws ApiError `Unauthenticated` for a token that nobody knows */
  authenticate(credentials: Credentials): Promise<UserInfo>;
  /** As whom a request is served (`kubectl --as` included); the anonymous user where it shows nothing. @throws ApiError `Unauthenticated`, `PermissionDenied` */
  userOf(request: HttpRequest): Promise<UserInfo>;
  /** True where the authorizers allow it. */
  mayDo(attributes: Attributes): boolean;
  /** For controllers of this process: resolves when a piece of their work may begin beside the requests of clients; while they ask, they go first. */
  readonly giveWay: () => Promise<void>;
  /** Answers one request for a path of the API; never throws. */
  readonly handler: ApiHandler;
  /** Opens a port. @throws ListenFailed */
  listen(options: ListenOptions): Promise<{ readonly port: number }>;
  /** Ends all watches, connections and ports. The store stays open. */
  close(): Promise<void>;
}

function measured(
  { metrics, flowLimits = FLOW_LIMITS }: ApiServerOptions,
  ctx: ServerContext,
): Pick<HandlerContext, 'metrics' | 'scrape' | 'flows' | 'health' | 'precedence'> {
  const all = metrics ?? new Metrics();
  const flows = new FlowControl({
    limits: flowLimits,
    clock: ctx.clock,
    observer: flowObserver(all),
    nextTurn: (callback) => void setImmediate(callback),
  });
  showFlows(all, flows);
  const precedence = new Precedence({ clock: ctx.clock });
  return { metrics: new RequestMetrics(all, ctx), scrape: () => all.render(), flows, health: healthOf(ctx), precedence };
}

function healthOf({ store, closing }: ServerContext): Health {
  const health = new Health();
  health.add({ name: 'store', probes: ['livez', 'readyz'], isOk: () => !store.isRefusing });
  health.add({ name: 'store-space', probes: ['readyz'], isOk: () => !store.isFull });
  health.add({ name: 'shutdown', probes: ['readyz'], isOk: () => !closing.aborted });
  return health;
}

/** An API server; it serves nobody before `listen`. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { store, clock, ids, log } = options;
  const registry = new KindRegistry(options.kinds);
  const closing = new AbortController();
  const view = storeView(store);
  const authorizer = chainAuthorizers([...(options.authorizers ?? []), mastersAuthorizer]);
  const admission = startAdmission(options, { registry, view, authorizer });
  const ctx: ServerContext = {
    store,
    registry,
    clock,
    ids,
    log,
    admission: admission.chain,
    authorizer,
    audit: options.audit ?? noAudit,
    namespaces: new StoreNamespaceGuard(store),
    definitions: new StoreDefinitionGuard(store),
    changes: new KeyedLock(),
    closing: closing.signal,
  };
  const customKinds = new CustomKinds({ store, registry, log });
  customKinds.start();
  const { accountTokens } = options;
  let { podLogs, podStreams } = options;
  const handlerContext = { ...handlerParts(options, ctx), podLogs: () => podLogs, podStreams: () => podStreams };
  const giveWay = (): Promise<void> => handlerContext.precedence.turn();
  const handler = createApiHandler(handlerContext);
  const upgrade = createUpgradeHandler(handlerContext);
  const listeners: Listener[] = [];
  return {
    clientFor: (user, { isPatient = false } = {}) => new InProcessClient(ctx, user, isPatient ? giveWay : undefined),
    podTokensFor: (user) => (accountTokens === undefined ? undefined : podTokens(ctx, user, accountTokens)),
    setPodLogs: (source) => {
      podLogs = source;
    },
    setPodStreams: (source) => {
      podStreams = source;
    },
    resources: () => registry.resources,
    authenticate: handlerContext.authenticate,
    userOf: async (request) => impersonate(ctx.authorizer, await handlerContext.authenticate(credentialsOf(request)), request.rawHeaders),
    mayDo: (attributes) => ctx.authorizer.authorize(attributes).verdict === 'allow',
    giveWay,
    handler,
    listen: async (asked) => {
      const listener = await listen(asked, { handler, upgrade });
      listeners.push(listener);
      return { port: listener.port };
    },
    close: async () => {
      closing.abort();
      customKinds.stop();
      admission.close();
      await Promise.all(listeners.splice(0).map((listener) => listener.close()));
    },
  };
}

function authenticationOf({ authenticators = [], accountTokens }: ApiServerOptions): (credentials: Credentials) => Promise<UserInfo> {
  const asked = [...authenticators, ...(accountTokens === undefined ? [] : [accountTokens]), certificateAuthenticator];
  return (credentials) => authenticate(asked, credentials);
}

function handlerParts(options: ApiServerOptions, server: ServerContext): Omit<HandlerContext, 'podLogs' | 'podStreams'> {
  return {
    server,
    api: new Api(server),
    lines: new WatchLines(),
    ...measured(options, server),
    version: { product: options.version, kubernetes: KUBERNETES_VERSION },
    authenticate: authenticationOf(options),
    accountTokens: options.accountTokens,
    sessions: new SessionLimit(SESSIONS),
    proxied: new SessionLimit(PROXIED),
  };
}

const VALIDATING_POLICIES = { policies: validatingAdmissionPolicies, bindings: validatingAdmissionPolicyBindings, policyOf };
const MUTATING_POLICIES = { policies: mutatingAdmissionPolicies, bindings: mutatingAdmissionPolicyBindings, policyOf: mutatingPolicyOf };

/** The plugins, then the policies and webhooks that are stored as objects. */
function startAdmission(
  options: ApiServerOptions,
  parts: { readonly registry: KindRegistry; readonly view: StoreView; readonly authorizer: Authorizer },
): { readonly chain: AdmissionChain; close(): void } {
  const { store, clock, ids, log, admission = [] } = options;
  const { view } = parts;
  const index = new WebhookIndex(store);
  const caller = new HttpsWebhookCaller(clock);
  const validating = new PolicyIndex(store, VALIDATING_POLICIES);
  const mutating = new PolicyIndex(store, MUTATING_POLICIES);
  const rules = [
    definitionRules,
    webhookConditions,
    policyExpressions,
    policyParamAccess(parts),
    admissionPolicies({ index: validating, ...parts }),
  ];
  return {
    chain: new PluginChain([...admission, ...rules], view, {
      policies: new MutatingPolicies({ index: mutating, ...parts }),
      webhooks: new Webhooks({ index, caller, ...parts, ids, log }),
    }),
    close: () => {
      index.close();
      caller.close();
      validating.close();
      mutating.close();
    },
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
