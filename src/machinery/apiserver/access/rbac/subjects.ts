import type { Subject } from '#api/generated/kubernetes.ts';
import type { UserInfo } from '../../contract/user.ts';

const SERVICE_ACCOUNT = 'system:serviceaccount';

/** The user name of a service account (apiserver serviceaccount/util.go). */
export function serviceAccountUser(namespace: string, name: string): string {
  return `${SERVICE_ACCOUNT}:${namespace}:${name}`;
}

/** Groups of every service account of `namespace`. */
export function serviceAccountGroups(namespace: string): readonly string[] {
  return [`${SERVICE_ACCOUNT}s`, `${SERVICE_ACCOUNT}s:${namespace}`];
}

/** Under which a binding is found for `subject`; undefined where it names nobody. `namespace`: that of the binding. */
export function subjectKey(subject: Subject, namespace: string): string | undefined {
  switch (subject.kind) {
    case 'User':
      return `user ${subject.name}`;
    case 'Group':
      return `group ${subject.name}`;
    case 'ServiceAccount': {
      const own = subject.namespace === undefined || subject.namespace === '' ? namespace : subject.namespace;
      return own === '' ? undefined : `user ${serviceAccountUser(own, subject.name)}`;
    }
    default:
      return undefined;
  }
}

/** Every key under which a binding may be for `user`. */
export function keysOfUser({ name, groups }: UserInfo): readonly string[] {
  return [`user ${name}`, ...groups.map((group) => `group ${group}`)];
}

/** `Group "system:masters"`, as upstream says for whom a binding is. */
export function describeSubject({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  if (kind !== 'ServiceAccount') return `${kind} ${JSON.stringify(name)}`;
  return `${kind} ${JSON.stringify(`${name}/${namespace === undefined || namespace === '' ? bindingNamespace : namespace}`)}`;
}
