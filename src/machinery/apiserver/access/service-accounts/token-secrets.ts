import type { Secret, ServiceAccount } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { secrets, serviceAccounts } from '#api/resources.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import type { Client } from '../../../client/client.ts';
import type { Store, StoreWatch } from '../../../store/store.ts';
import type { AccountTokens } from './account-tokens.ts';

/** Secrets of this type hold a token of the account that they name (core/v1 `SecretTypeServiceAccountToken`). */
const TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';

/** What {@link TokenSecrets} is made of. */
export interface TokenSecretsOptions {
  readonly store: Store;
  readonly client: Client;
  readonly tokens: AccountTokens;
  /** The certificate of the API's authority. */
  readonly caPem: string;
  readonly log: Logger;
}

/**
 * Fills secrets that ask for a lasting token of a service account, and takes them away with the account (upstream's tokens controller).
 * It follows the store, so other secrets cost a look at their type.
 */
export class TokenSecrets {
  readonly #options: TokenSecretsOptions;
  readonly #watches: readonly StoreWatch[];

  constructor(options: TokenSecretsOptions) {
    this.#options = options;
    this.#watches = [
      this.#follow<Secret>(secrets, (secret, isGone) => (isGone ? undefined : this.#settle(secret))),
      this.#follow<ServiceAccount>(serviceAccounts, (account, isGone) => (isGone ? this.#settleAll(account) : undefined)),
    ];
  }

  /** Stops following the store. */
  close(): void {
    for (const watch of this.#watches) watch.close();
  }

  #follow<K>(resource: Resource, on: (object: K, isGone: boolean) => Promise<void> | undefined): StoreWatch {
    const { store, log } = this.#options;
    const scope = { resource: groupResourceOf(resource) };
    const take = (object: unknown, isGone: boolean): void => {
      // why trusted: the store holds under a resource only what its kind let through
      on(trusted<K>(object), isGone)?.catch((thrown: unknown) => {
        // why: gone or changed meanwhile, which is heard of again
        if (!hasCode(thrown, 'NotFound', 'Aborted')) log.warn('a token secret could not be filled', { err: PlatformError.from(thrown) });
      });
    };
    const page = store.list(scope);
    for (const { object } of page.entries) take(object, false);
    return store.watch(scope, page.revision, {
      onEvents: (events) => {
        for (const { type, entry } of events) take(entry.object, type === 'DELETED');
      },
      onClose: () => {},
    });
  }

  /** Every token secret of an account that is gone. */
  async #settleAll({ metadata }: ServiceAccount): Promise<void> {
    const page = this.#options.store.list({ resource: groupResourceOf(secrets), namespace: metadata.namespace ?? '' });
    for (const { object } of page.entries) {
      const secret = trusted<Secret>(object);
      if (secret.metadata.annotations?.[ACCOUNT_NAME] === metadata.name) await this.#settle(secret);
    }
  }

  #settle(secret: Secret): Promise<void> | undefined {
    const wanted = wantedAccount(secret);
    if (wanted === undefined) return undefined;
    const { store, client } = this.#options;
    const namespace = secret.metadata.namespace ?? '';
    const uid = store.get({ resource: groupResourceOf(serviceAccounts), namespace, name: wanted.name })?.object.metadata.uid;
    if (uid === undefined || (wanted.uid ?? uid) !== uid) return client.delete(secrets, keyOf(secret), { uid: secret.metadata.uid });
    return hasToken(secret) ? undefined : this.#fill(secret, { name: wanted.name, uid });
  }

  async #fill({ metadata, data }: Secret, account: { readonly name: string; readonly uid: string }): Promise<void> {
    const { client, tokens, caPem } = this.#options;
    const namespace = metadata.namespace ?? '';
    const token = tokens.issueForSecret({ namespace, account, secret: { name: metadata.name, uid: metadata.uid } });
    const encode = (text: string): string => Buffer.from(text).toString('base64');
    const body = {
      metadata: { uid: metadata.uid, annotations: { [ACCOUNT_UID]: account.uid } },
      data: { ...data, token: encode(token), 'ca.crt': encode(caPem), namespace: encode(namespace) },
    };
    await client.patch(secrets, { key: { namespace, name: metadata.name }, patch: { type: 'merge', body } });
  }
}

/** The account that a token secret names; undefined for other secrets and for what is going away. */
function wantedAccount({ metadata, type }: Secret): { readonly name: string; readonly uid: string | undefined } | undefined {
  const { annotations = {}, deletionTimestamp } = metadata;
  const name = annotations[ACCOUNT_NAME] ?? '';
  return type !== TYPE || name === '' || deletionTimestamp !== undefined ? undefined : { name, uid: annotations[ACCOUNT_UID] };
}

function hasToken({ data = {} }: Secret): boolean {
  return (data['token'] ?? '') !== '';
}
