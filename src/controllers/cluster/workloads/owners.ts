import type { LabelSelector } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf, type KubeObject, type ObjectMeta, type OwnerReference } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';

/** A workload: what has a selector, and so owns what it selects. */
export interface Selecting extends KubeObject {
  readonly spec: { readonly selector?: LabelSelector | undefined };
}

/** How what workloads own is found: by the uid of its controller, or, where it has none, by its labels. */
export const OWNED_INDEXES = {
  controller: ({ metadata }: KubeObject): readonly string[] => {
    const uid = controllerOf(metadata)?.uid;
    return uid === undefined ? [] : [uid];
  },
  orphan: ({ metadata }: KubeObject): readonly string[] => (controllerOf(metadata) === undefined ? labelKeys(metadata) : []),
} as const;

/** How workloads are found by a label that they ask for. */
export const SELECTOR_INDEXES = {
  selector: (owner: Selecting): readonly string[] => [selectorKey(owner)],
} as const;

/** The reference to whoever is responsible for the object. */
export function controllerOf(metadata: ObjectMeta): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** The reference that says "`owner` is responsible for this" (metav1 `NewControllerRef`). */
export function controllerRef({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

/** Keys of the workloads of `owners` that may want to know that `object` changed: its controller, or those that would select it. */
export function keysOfOwners(owners: Informer<Selecting>, object: KubeObject, previous?: KubeObject): readonly string[] {
  const keys = new Set<string>();
  for (const { metadata } of previous === undefined ? [object] : [object, previous]) {
    const controller = controllerOf(metadata);
    if (controller?.kind === owners.resource.kind) keys.add(formatKey({ namespace: metadata.namespace ?? '', name: controller.name }));
    if (controller !== undefined) continue;
    for (const owner of labelKeys(metadata).flatMap((label) => owners.byIndex('selector', label))) {
      if (isSelected(owner, metadata)) keys.add(formatKey(keyOf(owner)));
    }
  }
  return [...keys];
}

/** What a workload owns, what it may adopt, and what it has to let go. */
export interface OwnershipPlan<K extends KubeObject> {
  readonly kept: readonly K[];
  readonly adopted: readonly K[];
  readonly released: readonly K[];
}

/** Sorts the objects of `owned` (owner's uid) and `orphans` (nobody's) by whether `owner` selects them (controller_ref_manager.go). Pure. */
export function planOwnership<K extends KubeObject>(
  owner: Selecting,
  found: { readonly owned: readonly K[]; readonly orphans: readonly K[] },
): OwnershipPlan<K> {
  const isGoing = owner.metadata.deletionTimestamp !== undefined;
  return {
    kept: found.owned.filter(({ metadata }) => isGoing || isSelected(owner, metadata)),
    released: isGoing ? [] : found.owned.filter(({ metadata }) => !isSelected(owner, metadata)),
    adopted: isGoing
      ? []
      : found.orphans.filter(
          ({ metadata }) =>
            metadata.deletionTimestamp === undefined && metadata.namespace === owner.metadata.namespace && isSelected(owner, metadata),
        ),
  };
}

/** The objects of one kind that workloads of another own. */
export class OwnedObjects<K extends KubeObject, O extends Selecting = Selecting> {
  readonly #informer: Informer<K>;
  readonly #isMember: (owner: O, object: K) => boolean;

  /** `informer` must have the {@link OWNED_INDEXES}; `isMember` says what may be adopted of what is selected. */
  constructor(informer: Informer<K>, isMember: (owner: O, object: K) => boolean = () => true) {
    this.#informer = informer;
    this.#isMember = isMember;
  }

  /** Everything that `owner` owns, after adopting what it selects and letting go what it does not select any more. */
  async claim<P extends O>(ctx: Ctx, ownerResource: Resource<P>, owner: P): Promise<readonly K[]> {
    const plan = planOwnership(owner, {
      owned: this.#informer.byIndex('controller', owner.metadata.uid),
      orphans: this.#informer.byIndex('orphan', selectorKey(owner)).filter((object) => this.#isMember(owner, object)),
    });
    for (const object of plan.released) await this.#setOwners(ctx, object, withoutOwner(object, owner));
    if (plan.adopted.length === 0 || !(await isStillThere(ctx, ownerResource, owner))) return plan.kept;
    const adopted: K[] = [];
    for (const object of plan.adopted) {
      const taken = await this.#setOwners(ctx, object, [...(object.metadata.ownerReferences ?? []), controllerRef(owner)]);
      if (taken !== undefined) adopted.push(taken);
    }
    return [...plan.kept, ...adopted];
  }

  async #setOwners(ctx: Ctx, object: K, ownerReferences: readonly OwnerReference[]): Promise<K | undefined> {
    const { uid, resourceVersion } = object.metadata;
    const body = { metadata: { uid, resourceVersion, ownerReferences } };
    try {
      return await ctx.client.patch(this.#informer.resource, { key: keyOf(object), patch: { type: 'merge', body } });
    } catch (thrown) {
      if (hasCode(thrown, 'NotFound')) return undefined;
      throw thrown;
    }
  }
}

/** Nothing is adopted for an owner that a stale cache only believes in. */
async function isStillThere<O extends Selecting>(ctx: Ctx, resource: Resource<O>, owner: O): Promise<boolean> {
  try {
    const { metadata } = await ctx.client.get(resource, keyOf(owner));
    return metadata.uid === owner.metadata.uid && metadata.deletionTimestamp === undefined;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return false;
    throw thrown;
  }
}

function withoutOwner(object: KubeObject, owner: KubeObject): readonly OwnerReference[] {
  return (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
}

function isSelected({ spec: { selector } }: Selecting, { labels }: ObjectMeta): boolean {
  // why: an absent selector is one that has not been filled in yet, and selects nothing
  return selector !== undefined && matchesLabelSelector(selector, labels);
}

/** One label that whatever `owner` selects must have; its namespace alone where it names none. */
function selectorKey({ metadata, spec }: Selecting): string {
  const [label] = Object.entries(spec.selector?.matchLabels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return label === undefined ? `${metadata.namespace ?? ''}/` : `${metadata.namespace ?? ''}/${label[0]}=${label[1]}`;
}

function labelKeys({ namespace = '', labels = {} }: ObjectMeta): readonly string[] {
  return [`${namespace}/`, ...Object.entries(labels).map(([key, value]) => `${namespace}/${key}=${value}`)];
}
