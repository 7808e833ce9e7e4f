import type { ConsoleRights } from '#api/console-session.ts';
import type { Resource } from '#api/meta/resource.ts';
import { persistentVolumeClaims, persistentVolumes, storageClasses } from '#api/resources.ts';
import type { UserInfo } from '#machinery/apiserver/contract/user.ts';

/** Whom to ask. */
export interface RightsSource {
  /** True where the user may list these objects; in all namespaces where none is named. */
  readonly mayList: (user: UserInfo, resource: Resource, namespace: string) => boolean;
  /** The names of all namespaces. */
  readonly namespaceNames: () => readonly string[];
}

/** What of the console is of use to `user`: who may not see a list is not led to it. */
export function consoleRights({ mayList, namespaceNames }: RightsSource, user: UserInfo): ConsoleRights {
  const seesAll = mayList(user, persistentVolumeClaims, '');
  return {
    namespaces: seesAll
      ? 'all'
      : namespaceNames()
          .filter((name) => mayList(user, persistentVolumeClaims, name))
          .toSorted(),
    seesAdministration: mayList(user, storageClasses, '') && mayList(user, persistentVolumes, ''),
  };
}
