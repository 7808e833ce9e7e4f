import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '#kit/clock.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { type FetchJson, IssuerUnreachable } from './fetch-json.ts';

/** Keys are asked for again after this time, and sooner where a token names one that is not known. */
const MAX_AGE_MS = 10 * 60_000;
/** But not more often than this, so that wrong tokens can't make us hammer the issuer. */
const COOL_DOWN_MS = 10_000;

/** The keys with which an issuer signs (OpenID Connect Discovery 1.0, RFC 7517), found by its configuration and kept. */
export class IssuerKeys {
  readonly #issuer: string;
  readonly #fetchJson: FetchJson;
  readonly #clock: Clock;
  #known: JWTVerifyGetKey | undefined;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<JWTVerifyGetKey> | undefined;

  constructor(options: { readonly issuer: string; readonly fetchJson: FetchJson; readonly clock: Clock }) {
    this.#issuer = options.issuer;
    this.#fetchJson = options.fetchJson;
    this.#clock = options.clock;
  }

  /** The keys; `mustBeNew` after a token named one that they do not have. @throws IssuerUnreachable */
  async get(mustBeNew = false): Promise<JWTVerifyGetKey> {
    const ageMs = this.#clock.nowMs() - this.#askedAtMs;
    const isFresh = ageMs < (mustBeNew ? COOL_DOWN_MS : MAX_AGE_MS);
    if (this.#asking !== undefined) return this.#asking;
    if (this.#known !== undefined && isFresh) return this.#known;
    if (this.#known === undefined && ageMs < COOL_DOWN_MS) throw new IssuerUnreachable(this.#issuer, 'it could not be asked a moment ago');
    this.#askedAtMs = this.#clock.nowMs();
    this.#asking = this.#ask();
    try {
      this.#known = await this.#asking;
      return this.#known;
    } catch (thrown) {
      // why: keys that were good may still be; an issuer that is away for a while locks nobody out
      if (this.#known === undefined) throw thrown;
      return this.#known;
    } finally {
      this.#asking = undefined;
    }
  }

  async #ask(): Promise<JWTVerifyGetKey> {
    const url = `${this.#issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const configuration = await this.#fetchJson(url);
    if (!isRecord(configuration) || configuration['issuer'] !== this.#issuer)
      throw new IssuerUnreachable(
        url,
        `it says that the issuer is ${JSON.stringify(isRecord(configuration) ? configuration['issuer'] : undefined)}`,
      );
    const { jwks_uri: keysUrl } = configuration;
    if (typeof keysUrl !== 'string' || !keysUrl.startsWith('https://'))
      throw new IssuerUnreachable(url, 'it names no https:// address of its keys');
    const keys = await this.#fetchJson(keysUrl);
    if (!isRecord(keys) || !Array.isArray(keys['keys'])) throw new IssuerUnreachable(keysUrl, 'it has no keys');
    // why trusted: the library checks each key when it is used
    return createLocalJWKSet(trusted<JSONWebKeySet>(keys));
  }
}
