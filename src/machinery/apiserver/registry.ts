import type { KindDefinition } from '#api/meta/kind.ts';
import { apiVersionOf, type Resource } from '#api/meta/resource.ts';
import { noSuchPath } from './status-error.ts';

/** A group and version with the kinds it serves. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
  /** `v1` or `group/version`. */
  readonly apiVersion: string;
  readonly kinds: readonly KindDefinition[];
}

/** The kinds that the server serves. One path through the server for all of them. */
export class KindRegistry {
  readonly #byPath = new Map<string, KindDefinition>();
  #groupVersions: readonly GroupVersion[] = [];

  constructor(kinds: readonly KindDefinition[]) {
    for (const kind of kinds) this.add(kind);
  }

  /** Serves `kind` from now on; replaces an earlier definition of the same resource. */
  add(kind: KindDefinition): void {
    this.#byPath.set(pathOf(kind.resource), kind);
    this.#groupVersions = groupKinds([...this.#byPath.values()]);
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

  /** In the order of registration. */
  get groupVersions(): readonly GroupVersion[] {
    return this.#groupVersions;
  }

  /** The kinds of one group and version; undefined where there are none. */
  groupVersion(group: string, version: string): GroupVersion | undefined {
    return this.#groupVersions.find((candidate) => candidate.group === group && candidate.version === version);
  }
}

function pathOf(resource: Pick<Resource, 'group' | 'version' | 'plural'>): string {
  return `${resource.group}/${resource.version}/${resource.plural}`;
}

function groupKinds(kinds: readonly KindDefinition[]): readonly GroupVersion[] {
  const groups = Map.groupBy(kinds, (kind) => apiVersionOf(kind.resource));
  return [...groups].flatMap(([apiVersion, members]) => {
    const [first] = members;
    return first === undefined ? [] : [{ group: first.resource.group, version: first.resource.version, apiVersion, kinds: members }];
  });
}
