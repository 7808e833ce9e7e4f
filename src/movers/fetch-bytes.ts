import type { ClientRequest, IncomingMessage } from 'node:http';
import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import { type Clock, sleep } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { backoffMs, type BackoffPolicy } from '#kit/retry.ts';
import { FillFailed, FillRefused } from './fill-errors.ts';
import { bareHost, isOfThisMachine, lookupAnywhere, lookupElsewhere, refusedAddress } from './allowed-address.ts';

/** What is fetched, and who is told. */
export interface FetchOptions {
  readonly url: string;
  readonly caBundle?: string | undefined;
  /** Hosts that may be asked wherever they are. */
  readonly allowedHosts: readonly string[];
  readonly clock: Clock;
  /** Told how much there is, as soon as the server says so. */
  readonly onTotal: (bytes: number) => void;
  readonly signal: AbortSignal;
}

const MAX_REDIRECTS = 5;
/** A server that sends nothing for so long is given up. */
const STALL_MS = 30_000;
/** How often in a row without a single byte. */
const MAX_FAILURES = 6;
const BACKOFF: BackoffPolicy = { initialMs: 500, maxMs: 15_000, factor: 2 };

/** The bytes at an address. A transfer that breaks off goes on where it was, as long as the server still has the same. @throws FillRefused, FillFailed */
export async function* fetchBytes(options: FetchOptions): AsyncGenerator<Uint8Array> {
  const seen: Seen = { offset: 0, total: undefined, validator: undefined };
  for (let failures = 0; ;) {
    const before = seen.offset;
    try {
      yield* transfer(options, seen);
      if (seen.total === undefined || seen.offset >= seen.total) return;
      throw new FillFailed(`the transfer ended after ${seen.offset} of ${seen.total} bytes`);
    } catch (thrown) {
      const error = PlatformError.from(thrown);
      if (error instanceof FillRefused || options.signal.aborted) throw error;
      failures = seen.offset > before ? 1 : failures + 1;
      if (failures >= MAX_FAILURES) throw new FillFailed(`${options.url} can't be fetched: ${error.message}`, error);
      await sleep(options.clock, backoffMs(BACKOFF, failures - 1), options.signal);
    }
  }
}

interface Seen {
  offset: number;
  total: number | undefined;
  /** ETag or time of the first answer; a later one has to be of the same. */
  validator: string | undefined;
}

async function* transfer(options: FetchOptions, seen: Seen): AsyncGenerator<Uint8Array> {
  const response = await request(options, seen);
  try {
    let skip = startOf(response, seen);
    options.onTotal(seen.total ?? 0);
    for await (const bytes of bytesOf(response)) {
      const rest = bytes.subarray(Math.min(skip, bytes.length));
      skip -= bytes.length - rest.length;
      seen.offset += rest.length;
      if (rest.length > 0) yield rest;
    }
  } finally {
    response.destroy();
  }
}

async function* bytesOf(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  for await (const bytes of response) if (bytes instanceof Uint8Array) yield bytes;
}

/** Notes what the answer is of, and says how many of its bytes are known already. @throws FillFailed where it is of something else than before */
function startOf({ statusCode, headers }: IncomingMessage, seen: Seen): number {
  const validator = headers.etag ?? headers['last-modified'];
  const isFirst = seen.offset === 0;
  if (!isFirst && validator !== seen.validator) throw new FillFailed('what is fetched was changed at the server meanwhile');
  seen.validator = validator;
  if (statusCode === 206) return 0;
  const length = Number(headers['content-length']);
  if (Number.isSafeInteger(length)) seen.total = length;
  // why: a server without ranges sends all again
  return seen.offset;
}

async function request(options: FetchOptions, seen: Seen): Promise<IncomingMessage> {
  let url = parse(options.url, undefined);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const response = await answer(url, options, rangeOf(seen));
    const { statusCode = 0, headers } = response;
    if (statusCode === 200 || (statusCode === 206 && seen.offset > 0)) return response;
    response.destroy();
    if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) throw refusalOf(statusCode, url);
    url = parse(headers.location, url);
  }
  throw new FillRefused(`${options.url} leads from one address to another more than ${MAX_REDIRECTS} times`);
}

function rangeOf({ offset, validator }: Seen): Readonly<Record<string, string>> {
  if (offset === 0) return {};
  return { range: `bytes=${offset}-`, ...(validator === undefined ? {} : { 'if-range': validator }) };
}

function parse(text: string, base: URL | undefined): URL {
  if (!URL.canParse(text, base?.href)) throw new FillRefused(`${JSON.stringify(text)} is no address: write https://HOST/PATH`);
  const url = new URL(text, base?.href);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new FillRefused(`${JSON.stringify(text)} is no http: or https: address`);
}

function refusalOf(statusCode: number, { href }: URL): PlatformError {
  const message = `the server answers ${statusCode} for ${href}`;
  return statusCode >= 500 || statusCode === 429 || statusCode === 408 ? new FillFailed(message) : new FillRefused(message);
}

function answer(
  url: URL,
  { caBundle, signal, allowedHosts }: FetchOptions,
  range: Readonly<Record<string, string>>,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { 'accept-encoding': 'identity', 'user-agent': 'stowage-populator', ...range };
  const lookup = allowedHosts.includes(url.hostname) || allowedHosts.includes(url.host) ? lookupAnywhere : lookupElsewhere;
  // why: a literal address is never looked up
  if (lookup === lookupElsewhere && isIP(bareHost(url)) !== 0 && isOfThisMachine(bareHost(url)))
    return Promise.reject(refusedAddress(url.hostname));
  const options = { headers, signal, timeout: STALL_MS, lookup };
  const ca = caBundle === undefined ? {} : { ca: [...rootCertificates, caBundle] };
  const sent: ClientRequest = url.protocol === 'https:' ? getSecure(url, { ...options, ...ca }, resolve) : getPlain(url, options, resolve);
  sent.on('timeout', () => sent.destroy(new FillFailed(`${url.host} has sent nothing for ${STALL_MS / 1_000} s`)));
  sent.on('error', reject);
  return promise;
}
