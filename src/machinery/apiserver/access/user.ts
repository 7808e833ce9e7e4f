/** Who asks (authentication.k8s.io/v1 UserInfo). */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
}

/** Group whose members may do everything (the group of the admin certificate). */
export const MASTERS = 'system:masters';

/** Nobody in particular: a request without credentials. */
export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** True where `user` showed credentials. */
export function isAuthenticated(user: UserInfo): boolean {
  return !user.groups.includes('system:unauthenticated');
}
