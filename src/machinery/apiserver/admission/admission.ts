import type { TokenRequestSpec } from '#api/generated/kubernetes.ts';
import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeList, KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { UserInfo } from '../access/user.ts';
import type { SentKind } from './sent-object.ts';

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

/** The ordered plugins. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #view: StoreView;
  readonly #webhooks: AdmissionWebhooks | undefined;
  readonly #mutators: readonly AdmissionMutator[];

  constructor(plugins: readonly AdmissionPlugin[], view: StoreView, { policies, webhooks }: AdmissionOutsiders = {}) {
    this.#plugins = plugins;
    this.#view = view;
    this.#webhooks = webhooks;
    this.#mutators = [policies, webhooks].filter((mutator) => mutator !== undefined);
  }

  /** The object after every plugin, policy and webhook had its turn; all have another where a policy or webhook changed it (apiserver pkg/admission/reinvocation.go). */
  mutate(request: MutableRequest): Promise<KubeObject> {
    return this.#mutate(request, (asked) => this.#byPlugins(asked));
  }

  /** @throws what the first refusing plugin or webhook throws */
  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) if (plugin.isLast !== true) await plugin.validate?.(request, this.#view);
    await this.#webhooks?.validate(request);
    for (const plugin of this.#plugins) if (plugin.isLast === true) await plugin.validate?.(request, this.#view);
  }

  /** Asks whether something may be sent that is not stored, and answers it as policies and webhooks changed it. @throws what the first refusing policy or webhook throws */
  async ask(request: MutableRequest): Promise<KubeObject> {
    const object = await this.#mutate(request, (asked) => Promise.resolve(asked.object));
    const asked = { ...request, object };
    for (const plugin of this.#plugins) if (plugin.isAskedOfSent === true) await plugin.validate?.(asked, this.#view);
    await this.#webhooks?.validate(asked);
    return object;
  }

  /** What comes of something that was asked about with {@link ask}: rules of users are not asked again. @throws what the first refusing plugin throws */
  async validateOutcome(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) if (plugin.isAskedOfSent !== true) await plugin.validate?.(request, this.#view);
  }

  /** @throws what the first refusing plugin throws */
  validateToken(request: AdmissionRequest, spec: Pick<TokenRequestSpec, 'audiences' | 'boundObjectRef'>): void {
    for (const plugin of this.#plugins) plugin.validateToken?.(request, spec, this.#view);
  }

  async #mutate(request: MutableRequest, byPlugins: (asked: MutableRequest) => Promise<KubeObject>): Promise<KubeObject> {
    const object = await byPlugins(request);
    const rounds: MutationRound[] = [];
    let changed = object;
    for (const mutator of this.#mutators) {
      const round = await mutator.mutate({ ...request, object: changed });
      if (round === undefined) continue;
      rounds.push(round);
      changed = round.object;
    }
    if (changed === object) return object;
    let latest = await byPlugins({ ...request, object: changed });
    for (const round of rounds) latest = await round.again(latest);
    return latest;
  }

  async #byPlugins(request: MutableRequest): Promise<KubeObject> {
    let object = request.object;
    for (const plugin of this.#plugins) {
      object = (await plugin.mutate?.({ ...request, object }, this.#view)) ?? object;
    }
    return object;
  }
}
