import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { ArchiveOrder, DirectoryOrder } from '#api/populators/fill-order.ts';
import type { DataSource } from '#api/storage/data-source.ts';
import type { Result } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';

type SameForAll = 'maxBytes' | 'progress';

/** What a claim's volume is to be filled with. */
export interface Filling {
  /** What the program in the pod is told, but for what is the same for all. */
  readonly order: Omit<ArchiveOrder, SameForAll> | Omit<DirectoryOrder, SameForAll>;
  /** A claim that is copied from: a copy of it is at the program's hand. */
  readonly copyOf?: ObjectKey;
}

/** Who fills volumes from objects of one kind: all that differs from one populator to another. */
export interface Populator<K extends KubeObject = KubeObject> {
  readonly kind: Resource<K>;
  /** What `source` says is to be filled in, or why that can't be. Pure. */
  fillingOf(source: K, claim: PersistentVolumeClaim): Result<Filling>;
}

/** A populator among those of other kinds. */
export function populator<K extends KubeObject>(of: Populator<K>): Populator {
  // why trusted: it is asked with objects of its own kind only
  return { kind: of.kind, fillingOf: (source, claim) => of.fillingOf(trusted<K>(source), claim) };
}

/** The one of `populators` that fills volumes from `source`. */
export function populatorOf(populators: readonly Populator[], source: DataSource | undefined): Populator | undefined {
  return source === undefined ? undefined : populators.find(({ kind }) => kind.group === source.group && kind.kind === source.kind);
}
