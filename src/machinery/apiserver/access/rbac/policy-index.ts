import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject } from '#api/generated/kubernetes.ts';
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from '#api/resources.ts';
import type { Store, StoreWatch } from '../../../store/store.ts';
import { followResource } from '../../objects/follow-resource.ts';
import type { UserInfo } from '../../contract/user.ts';
import { keysOfUser, subjectKey } from './subjects.ts';

/** A binding as it concerns one of its subjects. */
export interface Grant {
  /** `''` = of the whole cluster. */
  readonly namespace: string;
  readonly bindingName: string;
  readonly subject: Subject;
  readonly roleRef: RoleRef;
}

interface Indexed {
  readonly grants: ReadonlyMap<string, Grant>;
}

/**
 * All roles, and all bindings by whom they are for; kept up to date by watches of the store.
 * A question looks at the bindings of the asker only, however many others there are.
 */
export class PolicyIndex {
  readonly #rules = new Map<string, readonly PolicyRule[]>();
  readonly #bindings = new Map<string, Indexed>();
  /** By namespace of the binding and key of the subject. */
  readonly #grants = new Map<string, Map<string, Grant>>();
  readonly #watches: readonly StoreWatch[];

  constructor(store: Store) {
    this.#watches = [
      followResource(store, roles, (key, object) => this.#setRole(objectKey(key.namespace, key.name), object)),
      followResource(store, clusterRoles, (key, object) => this.#setRole(objectKey(key.namespace, key.name), object)),
      followResource(store, roleBindings, (key, object) => this.#setBinding(objectKey(key.namespace, key.name), object)),
      followResource(store, clusterRoleBindings, (key, object) => this.#setBinding(objectKey(key.namespace, key.name), object)),
    ];
  }

  /** What `user` is granted: by bindings of the cluster, then by those of `namespace` (`''` = none). */
  *grantsFor(user: UserInfo, namespace: string): Generator<Grant, void, undefined> {
    const keys = keysOfUser(user);
    for (const scope of namespace === '' ? [''] : ['', namespace]) {
      for (const key of keys) yield* this.#grants.get(grantKey(scope, key))?.values() ?? [];
    }
  }

  /** The rules of the role that a binding in `namespace` names; undefined where there is no such role. */
  rulesOf(roleRef: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    return this.#rules.get(objectKey(roleRef.kind === 'ClusterRole' ? '' : namespace, roleRef.name));
  }

  /** Stops following the store. */
  close(): void {
    for (const watch of this.#watches) watch.close();
  }

  #setRole(key: string, role: Role | ClusterRole | undefined): void {
    if (role === undefined) this.#rules.delete(key);
    else this.#rules.set(key, role.rules ?? []);
  }

  #setBinding(key: string, binding: RoleBinding | ClusterRoleBinding | undefined): void {
    for (const found of this.#bindings.get(key)?.grants.keys() ?? []) this.#removeGrant(found, key);
    if (binding === undefined) {
      this.#bindings.delete(key);
      return;
    }
    const grants = grantsOf(binding);
    this.#bindings.set(key, { grants });
    for (const [found, grant] of grants) {
      const known = this.#grants.get(found) ?? new Map<string, Grant>();
      known.set(key, grant);
      this.#grants.set(found, known);
    }
  }

  #removeGrant(found: string, key: string): void {
    const known = this.#grants.get(found);
    known?.delete(key);
    if (known?.size === 0) this.#grants.delete(found);
  }
}

function grantsOf({ metadata, roleRef, subjects }: RoleBinding | ClusterRoleBinding): ReadonlyMap<string, Grant> {
  const namespace = metadata.namespace ?? '';
  const grants = new Map<string, Grant>();
  for (const subject of subjects ?? []) {
    const key = subjectKey(subject, namespace);
    if (key !== undefined) grants.set(grantKey(namespace, key), { namespace, bindingName: metadata.name, subject, roleRef });
  }
  return grants;
}

/** Names of namespaces have no slash, so neither key can stand for two things. */
function objectKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function grantKey(namespace: string, subject: string): string {
  return `${namespace}/${subject}`;
}
