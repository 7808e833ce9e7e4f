import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeList, KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { UserInfo } from '../access/user.ts';

/** What a plugin is told of a write. */
export interface AdmissionRequest {
  readonly verb: 'create' | 'update' | 'delete';
  readonly user: UserInfo;
  readonly kind: KindDefinition;
  readonly subresource: string;
  readonly key: ObjectKey;
  /** The object as it would be stored; absent for deletions. Frozen. */
  readonly object?: KubeObject;
  /** The object as it is; absent for creations. Frozen. */
  readonly previous?: KubeObject;
  readonly isDryRun: boolean;
  readonly warn: (text: string) => void;
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
  /** @throws ApiError to refuse the write */
  validate?(request: AdmissionRequest, view: StoreView): void | Promise<void>;
}

/** The ordered plugins. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #view: StoreView;

  constructor(plugins: readonly AdmissionPlugin[], view: StoreView) {
    this.#plugins = plugins;
    this.#view = view;
  }

  /** The object after every plugin had its turn. */
  async mutate(request: AdmissionRequest & { readonly object: KubeObject }): Promise<KubeObject> {
    let object = request.object;
    for (const plugin of this.#plugins) {
      object = (await plugin.mutate?.({ ...request, object }, this.#view)) ?? object;
    }
    return object;
  }

  /** @throws what the first refusing plugin throws */
  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) await plugin.validate?.(request, this.#view);
  }
}
