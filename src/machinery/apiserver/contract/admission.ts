import type { TokenRequestSpec } from '#api/generated/kubernetes.ts';
import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeList, KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { UserInfo } from './user.ts';

/** The kind of an object that is sent to a subresource and not stored. */
export interface SentKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Its definition; absent for the options of a connection, which have none. */
  readonly schema?: string;
  /** True where configurations can be applied to it, too: upstream's OpenAPI has it under its group. */
  readonly isMergeable?: boolean;
}

/** What a plugin is told of a write. */
export interface AdmissionRequest {
  /** `connect` = somebody reaches into a pod; only what is asked of connections hears of it. */
  readonly verb: 'create' | 'update' | 'delete' | 'connect';
  readonly user: UserInfo;
  readonly kind: KindDefinition;
  readonly subresource: string;
  readonly key: ObjectKey;
  /** The object as it would be stored; absent for deletions; the options of a connection, which have no metadata. Frozen. */
  readonly object?: KubeObject;
  /** The object as it is; absent for creations. Frozen. */
  readonly previous?: KubeObject;
  /** The kind of `object` where that is none of `kind` and is not stored: an eviction, options of a connection. */
  readonly sent?: SentKind;
  readonly isDryRun: boolean;
  readonly warn: (text: string) => void;
  /** What is added to the audit log, by key. */
  readonly annotations: Map<string, string>;
}

/** The newest stored state, for plugins to look things up. */
export interface StoreView {
  get<K extends KubeObject>(resource: Resource<K>, key: ObjectKey): K | undefined;
  /** Everything of a resource, or of one namespace; a scan, so not for each write of a busy kind. */
  list<K extends KubeObject>(resource: Resource<K>, namespace?: string): KubeList<K>;
}

/** A named rule that every write passes: first all plugins may change the object, then all may refuse it. */
export interface AdmissionPlugin {
  readonly name: string;
  /** Answers the changed object (a copy), or undefined to leave it. Must have the same result when run again on its own answer. */
  mutate?(request: AdmissionRequest, view: StoreView): KubeObject | undefined | Promise<KubeObject | undefined>;
  /** True for what counts writes and so must refuse last, after the webhooks. */
  readonly isLast?: boolean;
  /** True for what is also asked of what is sent and not stored: connections into pods, evictions, bindings, token requests. */
  readonly isAskedOfSent?: boolean;
  /** @throws ApiError to refuse the write */
  validate?(request: AdmissionRequest, view: StoreView): void | Promise<void>;
  /** Asked before a token of the service account that `request` names is issued. @throws ApiError to refuse it */
  validateToken?(request: AdmissionRequest, spec: Pick<TokenRequestSpec, 'audiences' | 'boundObjectRef'>, view: StoreView): void;
}

/** Changes objects after the plugins: policies, then webhooks. */
export interface AdmissionMutator {
  /** Undefined where nobody is asked about this write. @throws ApiError */
  mutate(request: MutableRequest): MutationRound | Promise<MutationRound> | undefined;
}

/** Rules that run outside of this process: asked after the plugins, before those that count (quota). */
export interface AdmissionWebhooks extends AdmissionMutator {
  /** Lets webhooks refuse the write, or the connection; undefined where none is asked. @throws ApiError */
  validate(request: AdmissionRequest): Promise<void> | undefined;
}

/** What policies or webhooks made of an object. */
export interface MutationRound {
  readonly object: KubeObject;
  /** Asks those again that want it, after plugins looked at what was changed. @throws ApiError */
  again(object: KubeObject): KubeObject | Promise<KubeObject>;
}

/** A write that has an object to change. */
export type MutableRequest = AdmissionRequest & { readonly object: KubeObject };

/** What is asked beside the plugins. */
export interface AdmissionOutsiders {
  readonly policies?: AdmissionMutator;
  readonly webhooks?: AdmissionWebhooks;
}

/** What every write is asked about, in order: plugins, policies, webhooks. */
export interface AdmissionChain {
  /** The object after every plugin, policy and webhook had its turn; all have another where a policy or webhook changed it (apiserver pkg/admission/reinvocation.go). */
  mutate(request: MutableRequest): Promise<KubeObject>;
  /** @throws what the first refusing plugin or webhook throws */
  validate(request: AdmissionRequest): Promise<void>;
  /** Asks whether something may be sent that is not stored, and answers it as policies and webhooks changed it. @throws what the first refusing policy or webhook throws */
  ask(request: MutableRequest): Promise<KubeObject>;
  /** What comes of something that was asked about with {@link ask}: rules of users are not asked again. @throws what the first refusing plugin throws */
  validateOutcome(request: AdmissionRequest): Promise<void>;
  /** @throws what the first refusing plugin throws */
  validateToken(request: AdmissionRequest, spec: Pick<TokenRequestSpec, 'audiences' | 'boundObjectRef'>): void;
}
