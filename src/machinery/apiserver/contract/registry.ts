import type { KindDefinition } from '#api/meta/kind.ts';
import { apiVersionOf, groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { compareVersions } from '#api/meta/version-priority.ts';
import { noSuchPath } from './status-error.ts';

/** A group and version with the kinds it serves. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
  /** `v1` or `group/version`. */
  readonly apiVersion: string;
  readonly kinds: readonly KindDefinition[];
  /** Kinds that are answered and never stored. */
  readonly reviews?: readonly ReviewKind[];
}

/** A kind that is answered when it is created, and never stored. */
export interface ReviewKind {
  readonly resource: Resource;
  /** The name of its definition in the schema facts. */
  readonly schema: string;
}

/** The kinds that the server serves. One path through the server for all of them. */
export class KindRegistry {
  readonly #byPath = new Map<string, KindDefinition>();
  readonly #removals = new Map<KindDefinition, AbortController>();
  #groupVersions: readonly GroupVersion[] = [];

  constructor(kinds: readonly KindDefinition[]) {
    this.change({ add: kinds });
  }

  /**
   * Serves the kinds of `add` and no longer those of `remove`, at once. A kind that is added takes the place of an earlier one of the same resource;
   * what goes ends its watches.
   */
  change({ add = [], remove = [] }: { readonly add?: readonly KindDefinition[]; readonly remove?: readonly KindDefinition[] }): void {
    const gone: KindDefinition[] = [];
    for (const kind of remove) {
      const path = pathOf(kind.resource);
      if (this.#byPath.get(path) !== kind) continue;
      this.#byPath.delete(path);
      gone.push(kind);
    }
    for (const kind of add) {
      const path = pathOf(kind.resource);
      const replaced = this.#byPath.get(path);
      if (replaced !== undefined) gone.push(replaced);
      this.#byPath.set(path, kind);
      this.#removals.set(kind, new AbortController());
    }
    this.#groupVersions = groupKinds([...this.#byPath.values()], this.#groupVersions);
    for (const kind of gone) {
      this.#removals.get(kind)?.abort();
      this.#removals.delete(kind);
    }
  }

  /** Aborts when `kind` is no longer served as it is. */
  removalOf(kind: KindDefinition): AbortSignal {
    return this.#removals.get(kind)?.signal ?? AbortSignal.abort();
  }

  /** The kind behind a path's parts. */
  find(resource: Pick<Resource, 'group' | 'version' | 'plural'>): KindDefinition | undefined {
    return this.#byPath.get(pathOf(resource));
  }

  /** @throws ApiError `NotFound` where the resource is not served */
  require(resource: Pick<Resource, 'group' | 'version' | 'plural'>): KindDefinition {
    const kind = this.find(resource);
    if (kind === undefined) throw noSuchPath();
    return kind;
  }

  /** In the order of registration; versions of a group in the order in which clients prefer them. */
  get groupVersions(): readonly GroupVersion[] {
    return this.#groupVersions;
  }

  /** Every resource once, in the version that clients prefer; not those that show the objects of another one. */
  get resources(): readonly Resource[] {
    const preferred = new Map<string, Resource>();
    for (const { kinds } of this.#groupVersions) {
      for (const { resource, storedWith } of kinds) {
        if (storedWith !== undefined) continue;
        const name = groupResourceOf(resource);
        if (!preferred.has(name)) preferred.set(name, resource);
      }
    }
    return [...preferred.values()];
  }

  /** The kinds of one group and version; undefined where there are none. */
  groupVersion(group: string, version: string): GroupVersion | undefined {
    return this.#groupVersions.find((candidate) => candidate.group === group && candidate.version === version);
  }
}

function pathOf(resource: Pick<Resource, 'group' | 'version' | 'plural'>): string {
  return `${resource.group}/${resource.version}/${resource.plural}`;
}

/** What did not change stays the same object, so that documents made of it stay valid. */
function groupKinds(kinds: readonly KindDefinition[], known: readonly GroupVersion[]): readonly GroupVersion[] {
  const groups = [...Map.groupBy(kinds, ({ resource }) => resource.group)];
  return groups.flatMap(([group, members]) =>
    [...Map.groupBy(members, ({ resource }) => resource.version)]
      .toSorted(([a], [b]) => compareVersions(a, b))
      .map(([version, inVersion]) => {
        const before = known.find((one) => one.group === group && one.version === version);
        const isSame = before?.kinds.length === inVersion.length && before.kinds.every((kind, index) => kind === inVersion[index]);
        return isSame ? before : { group, version, apiVersion: apiVersionOf({ group, version }), kinds: inVersion };
      }),
  );
}
