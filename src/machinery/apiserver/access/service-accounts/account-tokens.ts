import { nodes, pods, secrets, serviceAccounts } from '#api/resources.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import type { Clock } from '#kit/clock.ts';
import type { Ids } from '#kit/ids.ts';
import { isRecord } from '#kit/json.ts';
import type { Entry, Store } from '../../../store/store.ts';
import type { Authenticator } from '../authentication.ts';
import { serviceAccountGroups, serviceAccountUser } from '../rbac/subjects.ts';
import type { UserInfo } from '../../contract/user.ts';
import type { SigningKey } from './signing-key.ts';
import { signToken, verifyToken } from './web-token.ts';

/** Who issues tokens, and whom they are for unless they say otherwise (kube-apiserver `--service-account-issuer` of a usual cluster). */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

/** An object by name and uid. */
export interface Named {
  readonly name: string;
  readonly uid: string;
}

/** An object with which a token ends. */
export interface Bound extends Named {
  readonly kind: 'Pod' | 'Secret' | 'Node';
  /** Of a pod: the node that it is on, which the token names too. */
  readonly node?: Named | undefined;
}

/** A token that is asked for. */
export interface TokenOrder {
  readonly namespace: string;
  readonly account: Named;
  /** None = the API itself. */
  readonly audiences: readonly string[];
  readonly expiresInSec: number;
  readonly bound?: Bound | undefined;
}

/** A token and its end. */
export interface IssuedToken {
  readonly token: string;
  readonly audiences: readonly string[];
  readonly expiresAtMs: number;
}

/** What {@link AccountTokens} is made of. */
export interface AccountTokensOptions {
  readonly key: SigningKey;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
}

const BOUND_KINDS: Readonly<Record<Bound['kind'], { readonly claim: string; readonly resource: Resource }>> = {
  Pod: { claim: 'pod', resource: pods },
  Secret: { claim: 'secret', resource: secrets },
  Node: { claim: 'node', resource: nodes },
};

/** Where the claims of Kubernetes stand in a token (apiserver serviceaccount/claims.go). */
const PRIVATE_CLAIMS = 'kubernetes.io';

/** Issues the tokens of service accounts, and knows them again while their account, and what they are bound to, is there. */
export class AccountTokens implements Authenticator {
  readonly name = 'service-account';
  readonly #options: AccountTokensOptions;

  constructor(options: AccountTokensOptions) {
    this.#options = options;
  }

  /** A new token. The caller checked that the account and the bound object exist. */
  issue({ namespace, account, audiences, expiresInSec, bound }: TokenOrder): IssuedToken {
    const { key, clock, ids } = this.#options;
    const nowSec = Math.floor(clock.nowMs() / 1000);
    const aud = audiences.length === 0 ? [ISSUER] : audiences;
    const exp = nowSec + expiresInSec;
    const boundClaim = bound === undefined ? {} : { [BOUND_KINDS[bound.kind].claim]: { name: bound.name, uid: bound.uid } };
    const nodeClaim = bound?.node === undefined ? {} : { [BOUND_KINDS.Node.claim]: bound.node };
    const token = signToken(key, {
      aud,
      exp,
      iat: nowSec,
      iss: ISSUER,
      jti: ids.uid(),
      [PRIVATE_CLAIMS]: { namespace, ...nodeClaim, ...boundClaim, serviceaccount: account },
      nbf: nowSec,
      sub: serviceAccountUser(namespace, account.name),
    });
    return { token, audiences: aud, expiresAtMs: exp * 1000 };
  }

  /** A token that lasts as long as the secret that holds it. The caller checked that the account exists. */
  issueForSecret({ namespace, account, secret }: { readonly namespace: string; readonly account: Named; readonly secret: Named }): string {
    const { key, clock } = this.#options;
    const nowSec = Math.floor(clock.nowMs() / 1000);
    return signToken(key, {
      aud: [ISSUER],
      iat: nowSec,
      iss: ISSUER,
      [PRIVATE_CLAIMS]: { namespace, secret: { name: secret.name, uid: secret.uid }, serviceaccount: account },
      nbf: nowSec,
      sub: serviceAccountUser(namespace, account.name),
    });
  }

  /** The key that tokens are checked with, as RFC 7517 writes it. */
  publicKey(): Readonly<Record<string, unknown>> {
    const { publicKey, keyId } = this.#options.key;
    return { use: 'sig', kid: keyId, alg: 'ES256', ...publicKey.export({ format: 'jwk' }) };
  }

  authenticate({ bearerToken, audiences }: Parameters<Authenticator['authenticate']>[0]): UserInfo | undefined {
    if (bearerToken === undefined) return undefined;
    const claims = verifyToken(this.#options.key, bearerToken);
    if (claims === undefined || !this.#isInTime(claims)) return undefined;
    const { aud } = claims;
    const given = Array.isArray(aud) ? aud : [];
    const meant = (audiences ?? [ISSUER]).filter((audience) => given.includes(audience));
    const user = meant.length === 0 ? undefined : this.#userOf(claims);
    return user === undefined ? undefined : { ...user, audiences: meant };
  }

  #isInTime({ exp, nbf, [PRIVATE_CLAIMS]: own }: Readonly<Record<string, unknown>>): boolean {
    const nowMs = this.#options.clock.nowMs();
    // why: what is held by a secret ends with it
    const lasts = exp === undefined && isRecord(own) && own['secret'] !== undefined;
    return (lasts || (typeof exp === 'number' && nowMs < exp * 1000)) && typeof nbf === 'number' && nowMs >= nbf * 1000;
  }

  #userOf(claims: Readonly<Record<string, unknown>>): UserInfo | undefined {
    const own = claims[PRIVATE_CLAIMS];
    if (!isRecord(own) || typeof own['namespace'] !== 'string') return undefined;
    const { namespace } = own;
    const account = namedOf(own['serviceaccount']);
    if (account === undefined || !this.#isThere(serviceAccounts, namespace, account)) return undefined;
    const bound = this.#extraOf(own, namespace);
    if (bound === undefined) return undefined;
    const { jti } = claims;
    const extra = typeof jti === 'string' ? { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`], ...bound } : bound;
    return { name: serviceAccountUser(namespace, account.name), uid: account.uid, groups: serviceAccountGroups(namespace), extra };
  }

  /** What the token is bound to, as a user's extra; undefined where something of it is gone. */
  #extraOf(own: Readonly<Record<string, unknown>>, namespace: string): Record<string, readonly string[]> | undefined {
    const extra: Record<string, readonly string[]> = {};
    for (const { claim, resource } of Object.values(BOUND_KINDS)) {
      if (own[claim] === undefined) continue;
      const bound = namedOf(own[claim]);
      // why not the node of a pod: the token is bound to the pod, and only says where that is
      const isOnlySaid = claim === BOUND_KINDS.Node.claim && own[BOUND_KINDS.Pod.claim] !== undefined;
      if (bound === undefined || !(isOnlySaid || this.#isThere(resource, resource.isNamespaced ? namespace : '', bound))) return undefined;
      if (claim === BOUND_KINDS.Secret.claim) continue;
      extra[`authentication.kubernetes.io/${claim}-name`] = [bound.name];
      extra[`authentication.kubernetes.io/${claim}-uid`] = [bound.uid];
    }
    return extra;
  }

  #isThere(resource: Resource, namespace: string, { name, uid }: Named): boolean {
    return find(this.#options.store, resource, { namespace, name })?.object.metadata.uid === uid;
  }
}

function find(store: Store, resource: Resource, key: ObjectKey): Entry | undefined {
  return store.get({ resource: groupResourceOf(resource), ...key });
}

function namedOf(value: unknown): Named | undefined {
  if (!isRecord(value)) return undefined;
  const { name, uid } = value;
  return typeof name === 'string' && typeof uid === 'string' ? { name, uid } : undefined;
}
