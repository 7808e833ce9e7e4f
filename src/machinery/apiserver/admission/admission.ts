import type { TokenRequestSpec } from '#api/generated/kubernetes.ts';
import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeList, KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { UserInfo } from '../access/user.ts';

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
  /** True for what is asked of connections into pods too. */
  readonly isAskedOfConnections?: boolean;
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
  readonly #policies: AdmissionMutator | undefined;
  readonly #webhooks: AdmissionWebhooks | undefined;
  readonly #mutators: readonly AdmissionMutator[];

  constructor(plugins: readonly AdmissionPlugin[], view: StoreView, { policies, webhooks }: AdmissionOutsiders = {}) {
    this.#plugins = plugins;
    this.#view = view;
    this.#policies = policies;
    this.#webhooks = webhooks;
    this.#mutators = [policies, webhooks].filter((mutator) => mutator !== undefined);
  }

  /** The object after every plugin, policy and webhook had its turn; all have another where a policy or webhook changed it (apiserver pkg/admission/reinvocation.go). */
  async mutate(request: MutableRequest): Promise<KubeObject> {
    const object = await this.#byPlugins(request);
    const rounds: MutationRound[] = [];
    let changed = object;
    for (const mutator of this.#mutators) {
      const round = await mutator.mutate({ ...request, object: changed });
      if (round === undefined) continue;
      rounds.push(round);
      changed = round.object;
    }
    if (changed === object) return object;
    let latest = await this.#byPlugins({ ...request, object: changed });
    for (const round of rounds) latest = await round.again(latest);
    return latest;
  }

  /** @throws what the first refusing plugin or webhook throws */
  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) if (plugin.isLast !== true) await plugin.validate?.(request, this.#view);
    await this.#webhooks?.validate(request);
    for (const plugin of this.#plugins) if (plugin.isLast === true) await plugin.validate?.(request, this.#view);
  }

  /** Asks whether somebody may reach into a pod; answers the options of the connection as policies changed them. @throws what the first refusing policy or webhook throws */
  async connect(request: MutableRequest): Promise<KubeObject> {
    const round = await this.#policies?.mutate(request);
    const isChanged = round !== undefined && round.object !== request.object;
    const asked = { ...request, object: isChanged ? await round.again(round.object) : request.object };
    for (const plugin of this.#plugins) if (plugin.isAskedOfConnections === true) await plugin.validate?.(asked, this.#view);
    await this.#webhooks?.validate(asked);
    return asked.object;
  }

  /** @throws what the first refusing plugin throws */
  validateToken(request: AdmissionRequest, spec: Pick<TokenRequestSpec, 'audiences' | 'boundObjectRef'>): void {
    for (const plugin of this.#plugins) plugin.validateToken?.(request, spec, this.#view);
  }

  async #byPlugins(request: MutableRequest): Promise<KubeObject> {
    let object = request.object;
    for (const plugin of this.#plugins) {
      object = (await plugin.mutate?.({ ...request, object }, this.#view)) ?? object;
    }
    return object;
  }
}
