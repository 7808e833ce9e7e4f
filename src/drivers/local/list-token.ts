import { RequestRefused } from '#protocols/csi/request-fields.ts';
import { PlatformError } from '#kit/errors.ts';

/** A list was asked to go on from something that is no token of ours; the caller starts over (CSI 1.13 "ListVolumes Errors"). */
export class InvalidListToken extends PlatformError {
  constructor(token: string) {
    super({
      code: 'Aborted',
      reason: 'InvalidListToken',
      message: `starting_token ${JSON.stringify(token)} is not one of this driver; list again without it`,
    });
  }
}

const PREFIX = 'after:';

/** Entries of one answer where the caller sets no limit. */
const PAGE_ENTRIES = 5_000;

/** One page of a list, in order of id, so that what is made between two pages does not move what follows. @throws InvalidListToken, RequestRefused */
export function pageOf<T>(
  all: readonly T[],
  {
    request,
    idOf,
  }: {
    readonly request: { readonly maxEntries?: number | undefined; readonly startingToken?: string | undefined };
    readonly idOf: (item: T) => string;
  },
): { readonly page: readonly T[]; readonly nextToken: string | undefined } {
  const asked = request.maxEntries ?? 0;
  if (asked < 0) throw new RequestRefused('max_entries', `${asked} is negative`);
  const limit = asked === 0 ? PAGE_ENTRIES : Math.min(asked, PAGE_ENTRIES);
  const after = parseListToken(request.startingToken ?? '');
  const left = all.filter((item) => after === undefined || idOf(item) > after).toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  const page = left.slice(0, limit);
  const last = page.at(-1);
  return { page, nextToken: last !== undefined && left.length > limit ? formatListToken(idOf(last)) : undefined };
}

/** The token that continues behind an id. */
function formatListToken(id: string): string {
  return `${PREFIX}${id}`;
}

/** The id to continue behind; undefined for the start. @throws InvalidListToken */
function parseListToken(token: string): string | undefined {
  if (token === '') return undefined;
  if (!token.startsWith(PREFIX)) throw new InvalidListToken(token);
  return token.slice(PREFIX.length);
}
