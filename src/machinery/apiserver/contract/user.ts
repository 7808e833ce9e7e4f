/** Who asks (authentication.k8s.io/v1 UserInfo). */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  /** What else the credentials say, by key. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  /** Of those asked for, the audiences that the credentials are meant for; absent = the API itself. */
  readonly audiences?: readonly string[];
  /** Who acts as this user (`kubectl --as`). */
  readonly impersonator?: string;
}

/** Group whose members may do everything (the group of the admin certificate). */
export const MASTERS = 'system:masters';

/** Group of everybody who showed credentials. */
export const AUTHENTICATED_GROUP = 'system:authenticated';

/** Nobody in particular: a request without credentials. */
export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/**
 * Whoever makes the objects that a server needs before it serves anybody: nobody outside is asked about it, for nobody outside can answer yet.
 * Told by identity, so that no name makes a user it.
 */
export const STARTING_USER: UserInfo = { name: 'system:starting', groups: [MASTERS] };

/** True where `user` showed credentials. */
export function isAuthenticated(user: UserInfo): boolean {
  return !user.groups.includes('system:unauthenticated');
}
