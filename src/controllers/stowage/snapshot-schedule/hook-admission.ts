import { type SnapshotSchedule, snapshotSchedules } from '#api/generated/definitions.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { PlatformError } from '#kit/errors.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import type { RuleRequest } from '../../admission-rule.ts';

/** Somebody lets a schedule run commands that he may not run himself. */
export class HooksNotAllowed extends PlatformError {
  constructor(namespace: string) {
    const message = `spec.hooks: commands in pods of namespace ${JSON.stringify(namespace)} take the right to create pods/exec there: ask for it, or leave the hooks out`;
    super({ code: 'PermissionDenied', reason: 'HooksNotAllowed', message, details: { field: 'spec.hooks' } });
  }
}

/** SNAP-8: a schedule runs in pods only what its writer may run there; `mayExec` says whether somebody may in a namespace. */
export function hookAdmission<User>(mayExec: (user: User, namespace: string) => boolean) {
  return {
    name: 'SnapshotHooks',
    validate({ verb, kind, subresource, key, object, previous, user }: Omit<RuleRequest, 'warn'> & { readonly user: User }): void {
      const { group, plural } = kind.resource;
      // why first: every write comes by here
      if (plural !== snapshotSchedules.plural || group !== snapshotSchedules.group) return;
      if (subresource !== '' || verb === 'delete') return;
      const hooks = hooksOf(object);
      if (hooks === undefined || deepEqual(hooks, hooksOf(previous))) return;
      if (!mayExec(user, key.namespace)) throw new HooksNotAllowed(key.namespace);
    },
  };
}

function hooksOf(object: KubeObject | undefined): SnapshotSchedule['spec']['hooks'] {
  // why trusted: the server has checked the object against the schema of the resource that was just compared
  return object === undefined ? undefined : trusted<SnapshotSchedule>(object).spec.hooks;
}
