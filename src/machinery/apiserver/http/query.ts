import { notSupported } from '#api/meta/field-error.ts';
import type { DeleteOptions } from '../../client/client.ts';
import { isRecord } from '#kit/json.ts';
import type { FieldValidation } from '../contract/request.ts';
import { isSet } from '../contract/query-flag.ts';
import { badRequest, invalid } from '../contract/status-error.ts';
import type { ListQuery } from '../verbs/list.ts';
import type { WatchQuery } from '../verbs/watch.ts';

/** Shortest and longest time after which the server ends a watch that names none (apiserver `--min-request-timeout` 1800 s, up to twice that). */
const MIN_WATCH_SEC = 1_800;
/** Longest watch that a client may ask for: a day. */
const MAX_WATCH_SEC = 86_400;

/** The query of a list. @throws ApiError 400 */
export function listQuery(query: URLSearchParams): ListQuery {
  return {
    labelSelector: query.get('labelSelector') ?? undefined,
    fieldSelector: query.get('fieldSelector') ?? undefined,
    // why signed: upstream takes a negative limit for none
    limit: signedNumber(query, 'limit') ?? 0,
    continueToken: query.get('continue') ?? undefined,
    resourceVersion: query.get('resourceVersion') ?? undefined,
    resourceVersionMatch: query.get('resourceVersionMatch') ?? undefined,
  };
}

/** The query of a watch; `fraction` in [0, 1) spreads the ends of watches that name no timeout. @throws ApiError 400 */
export function watchQuery(query: URLSearchParams, fraction: number): WatchQuery {
  const seconds = wholeNumber(query, 'timeoutSeconds') ?? 0;
  return {
    labelSelector: query.get('labelSelector') ?? undefined,
    fieldSelector: query.get('fieldSelector') ?? undefined,
    resourceVersion: query.get('resourceVersion') ?? undefined,
    resourceVersionMatch: query.get('resourceVersionMatch') ?? undefined,
    allowBookmarks: isSet(query, 'allowWatchBookmarks') ?? false,
    sendInitialEvents: isSet(query, 'sendInitialEvents'),
    timeoutMs: 1000 * (seconds === 0 ? MIN_WATCH_SEC * (1 + fraction) : Math.min(seconds, MAX_WATCH_SEC)),
  };
}

/** A whole number of the query that is not negative; undefined where it is not there. @throws ApiError 400 */
export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw badRequest(`${name}: Invalid value: ${JSON.stringify(text.slice(0, 64))}: write a whole number that is not negative`);
  return Number(text);
}

function signedNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? '';
  return /^-\d{1,15}$/.test(text) ? Number(text) : wholeNumber(query, name);
}

/** What faults of a write's query are reported of. */
const PATCH_OPTIONS = { group: 'meta.k8s.io', kind: 'PatchOptions' };

/** What the query of a write says. */
interface WriteOptions {
  readonly isDryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** Who writes; `''` where the client does not say. */
  readonly fieldManager: string;
}

/** What a write's query says. @throws ApiError 422 */
export function writeOptions(query: URLSearchParams): WriteOptions {
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const wrong = dryRun.find((value) => value !== 'All');
  if (wrong !== undefined) throw invalid(PATCH_OPTIONS, '', [notSupported('dryRun', wrong, ['All'])]);
  const asked = query.get('fieldValidation') ?? '';
  const fieldValidation = LEVELS.find((level) => level === (asked === '' ? 'Warn' : asked));
  if (fieldValidation === undefined) throw invalid(PATCH_OPTIONS, '', [notSupported('fieldValidation', asked, LEVELS)]);
  return { isDryRun: dryRun.length > 0, fieldValidation, fieldManager: fieldManagerOf(query) };
}

/** Longest name of a field manager (apimachinery `FieldManagerMaxLength`). */
const MAX_MANAGER_LENGTH = 128;
/** Go's `unicode.IsPrint`. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u;
const NOT_PRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

function fieldManagerOf(query: URLSearchParams): string {
  const value = query.get('fieldManager') ?? '';
  const refuse = (type: 'TooLong' | 'Invalid', detail: string): never => {
    throw invalid(PATCH_OPTIONS, '', [{ field: 'fieldManager', type, value, detail }]);
  };
  if (value.length > MAX_MANAGER_LENGTH) refuse('TooLong', `may not be more than ${MAX_MANAGER_LENGTH} bytes`);
  if (!PRINTABLE.test(value)) refuse('Invalid', 'should only contain printable characters');
  return value;
}

/** The field manager of a client that names none: the program of its user agent. */
export function managerOfUserAgent(userAgent: string): string {
  const program = (userAgent.split('/')[0] ?? '').replaceAll(NOT_PRINTABLE, '').slice(0, MAX_MANAGER_LENGTH);
  return program === '' ? 'unknown' : program;
}

/** What the query of an application says. @throws ApiError 422 where the client does not say who applies */
export function applyOptions(query: URLSearchParams): { readonly isForced: boolean } {
  if ((query.get('fieldManager') ?? '') === '')
    throw invalid(PATCH_OPTIONS, '', [{ field: 'fieldManager', type: 'Required', detail: 'is required for apply patch' }]);
  return { isForced: isSet(query, 'force') ?? false };
}

/** @throws ApiError 422 where a patch that is no application is to take over fields */
export function refuseForce(query: URLSearchParams): void {
  if (isSet(query, 'force') !== undefined)
    throw invalid(PATCH_OPTIONS, '', [{ field: 'force', type: 'Forbidden', detail: 'may not be specified for non-apply patch' }]);
}

const LEVELS: readonly FieldValidation[] = ['Ignore', 'Strict', 'Warn'];

/** A deletion's options from its body (`DeleteOptions`, may be absent) and query; the body wins. @throws ApiError 400, 422 */
export function deleteOptions(query: URLSearchParams, body: unknown): DeleteOptions & { readonly isDryRun: boolean } {
  const given = isRecord(body) ? body : {};
  const preconditions = isRecord(given['preconditions']) ? given['preconditions'] : {};
  const { uid, resourceVersion } = preconditions;
  const grace = given['gracePeriodSeconds'] ?? signedNumber(query, 'gracePeriodSeconds');
  if (grace !== undefined && typeof grace !== 'bigint' && !Number.isSafeInteger(grace)) {
    throw badRequest('DeleteOptions: gracePeriodSeconds: write a whole number');
  }
  return {
    ...(grace === undefined ? {} : { gracePeriodSec: Number(grace) }),
    ...propagationOf(given, query),
    ...(isAbsent(uid) ? {} : { uid: textOf('uid', uid) }),
    ...(isAbsent(resourceVersion) ? {} : { resourceVersion: textOf('resourceVersion', resourceVersion) }),
    isDryRun: writeOptions(query).isDryRun || isDryRunList(given['dryRun']),
  };
}

function isDryRunList(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const wrong: unknown = value.find((item) => item !== 'All');
  if (wrong !== undefined) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [notSupported('dryRun', wrong, ['All'])]);
  return value.length > 0;
}

const POLICIES = ['Background', 'Foreground', 'Orphan'] as const;

/** The policy; `orphanDependents` is its form of before Kubernetes 1.7. */
function propagationOf(given: Readonly<Record<string, unknown>>, query: URLSearchParams): Pick<DeleteOptions, 'propagation'> {
  const value = given['propagationPolicy'] ?? query.get('propagationPolicy');
  const orphanDependents = given['orphanDependents'] ?? isSet(query, 'orphanDependents');
  if (isAbsent(value)) return typeof orphanDependents === 'boolean' ? { propagation: orphanDependents ? 'Orphan' : 'Background' } : {};
  if (typeof orphanDependents === 'boolean') {
    const detail = 'orphanDependents and deletionPropagation cannot be both set';
    throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [{ field: 'propagationPolicy', type: 'Invalid', value, detail }]);
  }
  const propagation = POLICIES.find((policy) => policy === value);
  if (propagation === undefined)
    throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [notSupported('propagationPolicy', value, POLICIES)]);
  return { propagation };
}

function textOf(name: string, value: unknown): string {
  if (typeof value !== 'string') throw badRequest(`DeleteOptions: preconditions.${name}: write a text`);
  return value;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
