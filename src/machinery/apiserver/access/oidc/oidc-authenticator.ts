import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import type { Authenticator, Credentials } from '../authentication.ts';
import { ISSUER } from '../service-accounts/account-tokens.ts';
import type { UserInfo } from '../../contract/user.ts';
import { IssuerUnreachable } from './fetch-json.ts';
import type { IssuerKeys } from './issuer-keys.ts';

/** What of whose tokens is believed (kube-apiserver's flags `--oidc-…`). */
export interface OidcOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly usernameClaim: string;
  /** Goes before the name. */
  readonly usernamePrefix: string;
  /** Absent = no groups. */
  readonly groupsClaim?: string | undefined;
  readonly groupsPrefix: string;
  /** Claims that a token must have, with these values. */
  readonly requiredClaims: Readonly<Record<string, string>>;
  readonly signingAlgorithms: readonly string[];
}

/** Longest token that is looked at, in characters. */
const MAX_CHARS = 64 * 1024;

/** Knows people by the ID tokens of an OpenID provider. A token of another issuer is left to others. */
export class OidcAuthenticator implements Authenticator {
  readonly name = 'oidc';
  readonly #options: OidcOptions;
  readonly #keys: Pick<IssuerKeys, 'get'>;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(options: OidcOptions, parts: { readonly keys: Pick<IssuerKeys, 'get'>; readonly clock: Clock; readonly log: Logger }) {
    this.#options = options;
    this.#keys = parts.keys;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  async authenticate({ bearerToken, audiences }: Credentials): Promise<UserInfo | undefined> {
    // why: who asks for a token that is not for the API does not mean those of this provider
    const isForApi = audiences === undefined || audiences.includes(ISSUER);
    if (bearerToken === undefined || !isForApi || issuerOf(bearerToken) !== this.#options.issuer) return undefined;
    try {
      return userOf(this.#options, await this.#verify(bearerToken));
    } catch (thrown) {
      if (thrown instanceof IssuerUnreachable) this.#log.warn('the issuer of OpenID tokens could not be asked', { err: thrown });
      else if (!(thrown instanceof errors.JOSEError)) throw thrown;
      return undefined;
    }
  }

  async #verify(token: string): Promise<JWTPayload> {
    const { issuer, clientId, signingAlgorithms } = this.#options;
    const options = {
      issuer,
      audience: clientId,
      algorithms: [...signingAlgorithms],
      currentDate: new Date(this.#clock.nowMs()),
      requiredClaims: ['exp'],
    };
    try {
      return (await jwtVerify(token, await this.#keys.get(), options)).payload;
    } catch (thrown) {
      if (!(thrown instanceof errors.JWKSNoMatchingKey)) throw thrown;
      return (await jwtVerify(token, await this.#keys.get(true), options)).payload;
    }
  }
}

function issuerOf(token: string): string | undefined {
  if (token.length > MAX_CHARS || token.split('.').length !== 3) return undefined;
  try {
    return decodeJwt(token).iss;
  } catch {
    // why: what is no JWT is no token of an OpenID provider, and nobody needs to know more
    return undefined;
  }
}

/** Undefined where the token lacks what it must have. */
function userOf(options: OidcOptions, claims: JWTPayload): UserInfo | undefined {
  const { usernameClaim, usernamePrefix, groupsClaim, groupsPrefix, requiredClaims } = options;
  const name = claims[usernameClaim];
  if (typeof name !== 'string' || name === '') return undefined;
  // why: an address that nobody checked could be anybody's (OpenID Connect Core 1.0 section 5.7)
  if (usernameClaim === 'email' && claims['email_verified'] !== undefined && claims['email_verified'] !== true) return undefined;
  if (Object.entries(requiredClaims).some(([claim, value]) => claims[claim] !== value)) return undefined;
  const groups = groupsClaim === undefined ? [] : textsOf(claims[groupsClaim]);
  if (groups === undefined) return undefined;
  return {
    name: `${usernamePrefix}${name}`,
    groups: groups.map((group) => `${groupsPrefix}${group}`),
    ...(claims.jti === undefined ? {} : { extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`] } }),
  };
}

/** One text or a list of them; undefined where it is something else. */
function textsOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}
