import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '#kit/secret.ts';
import { unauthorized } from '../contract/status-error.ts';
import { ANONYMOUS, AUTHENTICATED_GROUP, type UserInfo } from '../contract/user.ts';

/** What a connection and its request show. */
export interface Credentials {
  /** Present where TLS verified it against our CA. */
  readonly certificate?: { readonly commonName: string; readonly organizations: readonly string[] } | undefined;
  readonly bearerToken?: string | undefined;
  /** For whom a token should be; absent = for the API itself. */
  readonly audiences?: readonly string[];
}

/** Finds out who somebody is. */
export interface Authenticator {
  readonly name: string;
  /** Undefined where the credentials say nothing to this authenticator. */
  authenticate(credentials: Credentials): UserInfo | undefined | Promise<UserInfo | undefined>;
}

/** A token and whose it is. */
export interface StaticToken {
  readonly token: Secret;
  readonly user: UserInfo;
}

/** The subject of a client certificate of our CA: CN is the name, each O a group (as kube-apiserver reads them). */
export const certificateAuthenticator: Authenticator = {
  name: 'certificate',
  authenticate: ({ certificate }) =>
    certificate === undefined || certificate.commonName === ''
      ? undefined
      : { name: certificate.commonName, groups: certificate.organizations },
};

/** Tokens that are known from the start. Every token is compared in constant time, so an answer's time tells nothing. */
export function tokenAuthenticator(tokens: readonly StaticToken[]): Authenticator {
  const known = tokens.map(({ token, user }) => ({ digest: digestOf(token.reveal()), user }));
  return {
    name: 'token',
    authenticate: ({ bearerToken }) => {
      if (bearerToken === undefined) return undefined;
      const digest = digestOf(bearerToken);
      return known.filter((candidate) => timingSafeEqual(candidate.digest, digest))[0]?.user;
    },
  };
}

/**
 * Who asks: the first authenticator that knows; {@link ANONYMOUS} without credentials.
 * @throws ApiError `Unauthenticated` where a token is shown that nobody knows
 */
export async function authenticate(authenticators: readonly Authenticator[], credentials: Credentials): Promise<UserInfo> {
  for (const authenticator of authenticators) {
    const user = await authenticator.authenticate(credentials);
    if (user !== undefined) return { ...user, groups: [...new Set([...user.groups, AUTHENTICATED_GROUP])] };
  }
  if (credentials.bearerToken !== undefined) throw unauthorized();
  return ANONYMOUS;
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
