import type { TokenRequestSpec } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type {
  AdmissionChain,
  AdmissionMutator,
  AdmissionOutsiders,
  AdmissionPlugin,
  AdmissionRequest,
  AdmissionWebhooks,
  MutableRequest,
  MutationRound,
  StoreView,
} from '../contract/admission.ts';

/** The ordered plugins. */
export class PluginChain implements AdmissionChain {
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

  mutate(request: MutableRequest): Promise<KubeObject> {
    return this.#mutate(request, (asked) => this.#byPlugins(asked));
  }

  async validate(request: AdmissionRequest): Promise<void> {
    await this.#validateBy((plugin) => plugin.isLast !== true, request);
    const asked = this.#webhooks?.validate(request);
    if (asked !== undefined) await asked;
    await this.#validateBy((plugin) => plugin.isLast === true, request);
  }

  async #validateBy(isMeant: (plugin: AdmissionPlugin) => boolean, request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) {
      if (!isMeant(plugin)) continue;
      const asked = plugin.validate?.(request, this.#view);
      // why: most decide at once, and every write waits for all of them in turn
      if (asked !== undefined) await asked;
    }
  }

  async ask(request: MutableRequest): Promise<KubeObject> {
    const object = await this.#mutate(request, (asked) => Promise.resolve(asked.object));
    const asked = { ...request, object };
    await this.#validateBy((plugin) => plugin.isAskedOfSent === true, asked);
    await this.#webhooks?.validate(asked);
    return object;
  }

  async validateOutcome(request: AdmissionRequest): Promise<void> {
    await this.#validateBy((plugin) => plugin.isAskedOfSent !== true, request);
  }

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
      const changed = plugin.mutate?.({ ...request, object }, this.#view);
      if (changed !== undefined) object = (await changed) ?? object;
    }
    return object;
  }
}
