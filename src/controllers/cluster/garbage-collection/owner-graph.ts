import { formatKey, keyOf, type KubeObject, type OwnerReference } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { isDeletingDependents, isOrphaningDependents, ownersOf } from './ownership.ts';

/** An object and the kind it is of. */
export interface Item {
  readonly resource: Resource;
  readonly object: KubeObject;
}

/** How dependents are found: by the uids of their owners. */
export const OWNER_INDEXES = {
  owner: (object: KubeObject): readonly string[] => ownersOf(object).map(({ uid }) => uid),
} as const;

/**
 * Who owns whom, over all kinds. It looks at every change, and wakes only the objects that may have to go, to be let go, or to let go;
 * what it knows may be old, so whoever is woken reads the truth before it acts.
 */
export class OwnerGraph {
  readonly #informers = new Map<string, Informer<KubeObject>>();
  /** By group and kind: a reference may name any version. */
  readonly #byKind = new Map<string, Informer<KubeObject>>();
  readonly #wakers = new Map<string, (key: string) => void>();

  /** `informers`: one of each kind, with {@link OWNER_INDEXES}. */
  constructor(informers: readonly Informer<KubeObject>[]) {
    for (const informer of informers) this.add(informer);
  }

  /** Looks at one more kind. */
  add(informer: Informer<KubeObject>): void {
    this.#informers.set(groupResourceOf(informer.resource), informer);
    this.#byKind.set(`${informer.resource.group} ${informer.resource.kind}`, informer);
  }

  /** Looks at a kind no longer: what it owns or owned stays as it is. */
  remove(resource: Resource): void {
    this.#informers.delete(groupResourceOf(resource));
    this.#byKind.delete(`${resource.group} ${resource.kind}`);
  }

  /** Every kind that is looked at. */
  get resources(): readonly Resource[] {
    return [...this.#informers.values()].map(({ resource }) => resource);
  }

  /** Resolves when every kind was listed: before that, an owner may only seem to be missing. */
  async start(): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.start()));
  }

  /** Calls `wake` with the keys of `resource` that want a look; answers a disposer. */
  onWake(resource: Resource, wake: (key: string) => void): () => void {
    const name = groupResourceOf(resource);
    this.#wakers.set(name, wake);
    const stop = this.#informers.get(name)?.subscribe({
      onUpsert: (object, previous) => this.#changed(resource, object, previous),
      onDelete: (object) => this.#gone(object),
    });
    return () => {
      this.#wakers.delete(name);
      stop?.();
    };
  }

  /** The dependents of the object `uid`, as far as they were seen. */
  dependentsOf(uid: string): readonly Item[] {
    return [...this.#informers.values()].flatMap((informer) =>
      informer.byIndex('owner', uid).map((object) => ({ resource: informer.resource, object })),
    );
  }

  /** The kind that a reference names; undefined where it is not looked at. */
  resourceOf(owner: OwnerReference): Resource | undefined {
    return this.#byKind.get(kindNameOf(owner))?.resource;
  }

  /** True where an owner of `object` seems to be missing or to wait for it, or `object` itself waits for its dependents. */
  needsLook(object: KubeObject): boolean {
    if (isDeletingDependents(object) || isOrphaningDependents(object)) return true;
    return ownersOf(object).some((reference) => {
      const owner = this.#ownerOf(object, reference);
      return owner === undefined || isDeletingDependents(owner);
    });
  }

  /** Wants `item` looked at. */
  wake({ resource, object }: Item): void {
    this.#wakers.get(groupResourceOf(resource))?.(formatKey(keyOf(object)));
  }

  #changed(resource: Resource, object: KubeObject, previous: KubeObject | undefined): void {
    if (this.needsLook(object)) this.wake({ resource, object });
    this.#wakeWaitingOwners(object);
    if (previous !== undefined) this.#wakeWaitingOwners(previous);
  }

  #gone(object: KubeObject): void {
    for (const dependent of this.dependentsOf(object.metadata.uid)) this.wake(dependent);
    this.#wakeWaitingOwners(object);
  }

  #wakeWaitingOwners(dependent: KubeObject): void {
    for (const reference of ownersOf(dependent)) {
      const owner = this.#ownerOf(dependent, reference);
      const resource = this.resourceOf(reference);
      if (owner !== undefined && resource !== undefined && isDeletingDependents(owner)) this.wake({ resource, object: owner });
    }
  }

  #ownerOf(dependent: KubeObject, reference: OwnerReference): KubeObject | undefined {
    const informer = this.#byKind.get(kindNameOf(reference));
    const namespace = informer?.resource.isNamespaced === true ? (dependent.metadata.namespace ?? '') : '';
    const owner = informer?.get({ namespace, name: reference.name });
    return owner?.metadata.uid === reference.uid ? owner : undefined;
  }
}

/** Group and kind that a reference names. */
function kindNameOf({ apiVersion, kind }: OwnerReference): string {
  const slash = apiVersion.indexOf('/');
  return `${slash < 0 ? '' : apiVersion.slice(0, slash)} ${kind}`;
}
