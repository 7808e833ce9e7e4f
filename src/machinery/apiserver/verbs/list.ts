import { forbidden, notSupported } from '#api/meta/field-error.ts';
import type { FieldError, KindDefinition } from '#api/meta/kind.ts';
import { hasCode } from '#kit/errors.ts';
import type { ApiError } from '../../client/api-error.ts';
import type { Entry, StoreCursor, StorePage, StoreScope } from '../../store/store.ts';
import type { ListPage } from '../contract/answers.ts';
import type { ServerContext } from '../contract/context.ts';
import { servedEntries, servedEntry } from '../objects/served-entry.ts';
import { type ApiRequest, storedResourceOf } from '../contract/request.ts';
import { badRequest, expired, invalid, versionInFuture } from '../contract/status-error.ts';
import { formatContinue, NEWEST, parseContinue } from './continue-token.ts';
import { parseResourceVersion } from './resource-version.ts';
import { parseSelection, type Selection } from './selection.ts';

/** What a list asks for, in the form of the query. */
export interface ListQuery {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** 0 or less = everything. */
  readonly limit: number;
  readonly continueToken?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: string | undefined;
}

/** Entries that are looked at between two places where a filtered list can stop. */
const SCAN = 500;
/** How long the pages of a list may be fetched one after the other: a cluster's etcd forgets what is older (apiserver `DefaultCompactInterval`). */
const CONTINUE_MS = 5 * 60_000;

/** The objects that match, in key order, consistent at one revision. @throws ApiError `OutOfRange` (410) when the asked version is gone; `InvalidArgument` */
export function listObjects(ctx: ServerContext, request: ApiRequest, query: ListQuery): ListPage {
  const selection = parseSelection(request.kind, query, () => checkMatch(query));
  const scope: StoreScope = {
    resource: storedResourceOf(request.kind),
    namespace: request.namespace === '' ? undefined : request.namespace,
  };
  const start = startOf(ctx, query);
  const only = onlyName(request, selection);
  const kind = request.kind;
  if (only !== undefined && start === undefined) return listByName(ctx, scope, { kind, selection, name: only });
  try {
    return selection.isEverything
      ? listAll(ctx, scope, { kind, query, start })
      : listFiltered(ctx, scope, { kind, query, start, selection });
  } catch (thrown) {
    if (!hasCode(thrown, 'OutOfRange')) throw thrown;
    throw isContinued(query) ? continueExpired(query) : expired('The resourceVersion for the provided list is too old.');
  }
}

function isContinued({ continueToken = '' }: ListQuery): boolean {
  return continueToken !== '';
}

/** With a token for the rest as it is now. */
function continueExpired({ continueToken = '' }: ListQuery): ApiError {
  const { cursor, sinceMs } = parseContinue(continueToken);
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
  return expired(message, formatContinue({ cursor: { ...cursor, revision: NEWEST }, sinceMs }));
}

/** The cursor to begin at: a continue token, an exact version, or undefined for the newest state. */
function startOf(ctx: ServerContext, query: ListQuery): StoreCursor | undefined {
  const revision = parseResourceVersion(query.resourceVersion) ?? 0;
  if (isContinued(query)) {
    if (revision !== 0) throw badRequest('specifying resource version is not allowed when using continue');
    const { cursor, sinceMs } = parseContinue(query.continueToken ?? '');
    if (cursor.revision === NEWEST) return { ...cursor, revision: ctx.store.revision };
    if (ctx.clock.nowMs() - sinceMs > CONTINUE_MS) throw continueExpired(query);
    return cursor;
  }
  if (revision > ctx.store.revision) throw versionInFuture(revision, ctx.store.revision);
  const isPast = query.resourceVersionMatch === 'Exact' && revision !== 0 && revision !== ctx.store.revision;
  return isPast ? { revision, afterNamespace: '', afterName: '' } : undefined;
}

/** Rules of apimachinery pkg/apis/meta/internalversion/validation for list options. */
function checkMatch({ resourceVersionMatch: match = '', resourceVersion = '', continueToken = '' }: ListQuery): void {
  if (match === '') return;
  const field = 'resourceVersionMatch';
  const faults: FieldError[] = [];
  if (resourceVersion === '') faults.push(forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
  if (continueToken !== '') faults.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
  if (match !== 'Exact' && match !== 'NotOlderThan') faults.push(notSupported(field, match, ['Exact', 'NotOlderThan']));
  if (match === 'Exact' && resourceVersion === '0')
    faults.push(forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  if (faults.length > 0) throw invalid(LIST_OPTIONS, '', faults);
}

const LIST_OPTIONS = { group: 'meta.k8s.io', kind: 'ListOptions' };

function onlyName(request: ApiRequest, selection: Selection): string | undefined {
  return request.namespace !== '' || !request.kind.resource.isNamespaced ? selection.name : undefined;
}

function listByName(
  ctx: ServerContext,
  scope: StoreScope,
  step: { readonly kind: KindDefinition; readonly selection: Selection; readonly name: string },
): ListPage {
  const stored = ctx.store.get({ resource: scope.resource, namespace: scope.namespace ?? '', name: step.name });
  const entry = stored === undefined ? undefined : servedEntry(step.kind, stored);
  return { entries: entry !== undefined && step.selection.matches(entry) ? [entry] : [], revision: ctx.store.revision };
}

function listAll(
  ctx: ServerContext,
  scope: StoreScope,
  step: { readonly kind: KindDefinition; readonly query: ListQuery; readonly start: StoreCursor | undefined },
): ListPage {
  const page = readPage(ctx, scope, {
    limit: step.query.limit <= 0 ? Number.MAX_SAFE_INTEGER : step.query.limit,
    cursor: step.start,
    kind: step.kind,
  });
  return {
    entries: page.entries,
    revision: page.revision,
    ...(page.next === undefined ? {} : { continueToken: continueAt(ctx, step.query, page.next), remaining: page.remaining }),
  };
}

function listFiltered(
  ctx: ServerContext,
  scope: StoreScope,
  step: {
    readonly kind: KindDefinition;
    readonly query: ListQuery;
    readonly start: StoreCursor | undefined;
    readonly selection: Selection;
  },
): ListPage {
  const { query, selection } = step;
  if (query.limit <= 0) {
    const page = readPage(ctx, scope, { limit: Number.MAX_SAFE_INTEGER, cursor: step.start, kind: step.kind });
    return { entries: page.entries.filter((entry) => selection.matches(entry)), revision: page.revision };
  }
  const entries: Entry[] = [];
  let cursor = step.start;
  for (;;) {
    const page = readPage(ctx, scope, { limit: SCAN, cursor, kind: step.kind });
    for (const entry of page.entries) {
      if (!selection.matches(entry)) continue;
      if (entries.length === query.limit) {
        const last = entries.at(-1);
        const next = { revision: page.revision, afterNamespace: last?.key.namespace ?? '', afterName: last?.key.name ?? '' };
        return { entries, revision: page.revision, continueToken: continueAt(ctx, query, next) };
      }
      entries.push(entry);
    }
    if (page.next === undefined) return { entries, revision: page.revision };
    cursor = page.next;
  }
}

/** The token of the next page; the time of the first page goes with it. */
function continueAt(ctx: ServerContext, query: ListQuery, cursor: StoreCursor): string {
  const before = isContinued(query) ? parseContinue(query.continueToken ?? '') : undefined;
  const sinceMs = before === undefined || before.cursor.revision === NEWEST ? ctx.clock.nowMs() : before.sinceMs;
  return formatContinue({ cursor, sinceMs });
}

function readPage(
  ctx: ServerContext,
  scope: StoreScope,
  page: { readonly limit: number; readonly cursor: StoreCursor | undefined; readonly kind: KindDefinition },
): StorePage {
  const read = ctx.store.list(scope, { limit: page.limit, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) });
  return page.kind.fromStored === undefined ? read : { ...read, entries: servedEntries(page.kind, read.entries) };
}
