import { requireAllowed } from '../access/authorization.ts';
import { parseAccept } from '../representations/negotiate.ts';
import { methodNotAllowed, noSuchPath, notAcceptable } from '../contract/status-error.ts';
import type { HandlerContext } from './handler-context.ts';
import { type Exchange, headerOf } from './messages.ts';
import type { Answer } from './respond.ts';
import { reviewAccess, reviewLocalAccess, reviewOwnAccess, reviewOwnRules } from './reviews/access-review.ts';
import { reviewSelf, reviewToken } from './reviews/identity-review.ts';
import { REVIEWS } from './reviews/review-kinds.ts';
import type { ResourcePath } from './route.ts';

type Serve = (ctx: HandlerContext, exchange: Exchange, namespace: string) => Promise<Answer>;

interface Review {
  readonly serve: Serve;
  /** Asked about oneself: everybody who signed in may, whatever the roles say. */
  readonly isOfSelf: boolean;
}

const SERVED: ReadonlyMap<string, Review> = new Map(
  (
    [
      ['self', reviewSelf],
      ['selfAccess', reviewOwnAccess],
      ['selfRules', reviewOwnRules],
      ['token', reviewToken],
      ['access', reviewAccess],
      ['localAccess', reviewLocalAccess],
    ] as const
  ).map(([name, serve]) => [pathOf(REVIEWS[name].resource), { serve, isOfSelf: name.startsWith('self') }]),
);

/** Answers questions about identities and rights, which are never stored; undefined for other paths. @throws ApiError */
export function findReview(path: ResourcePath): ((ctx: HandlerContext, exchange: Exchange) => Promise<Answer>) | undefined {
  const review = SERVED.get(pathOf(path));
  return review === undefined ? undefined : (ctx, exchange) => serveReview(ctx, exchange, { review, path });
}

/** An answer to a question has no rows and no metadata to show instead. */
function asksForOtherForm({ request }: Exchange): boolean {
  const ranges = parseAccept(headerOf(request, 'accept'));
  return ranges.length > 0 && ranges.every(({ parameters }) => parameters.has('as'));
}

async function serveReview(
  ctx: HandlerContext,
  exchange: Exchange,
  { review, path }: { readonly review: Review; readonly path: ResourcePath },
): Promise<Answer> {
  const { namespace, name, subresource, group, version, plural } = path;
  const isNamespaced = pathOf(path) === pathOf(REVIEWS.localAccess.resource);
  if (name !== '' || subresource !== '' || (namespace !== '') !== isNamespaced) throw noSuchPath();
  if (exchange.method !== 'POST') throw methodNotAllowed(exchange.method);
  if (!review.isOfSelf) {
    const resource = { group, version, plural };
    requireAllowed(ctx.server.authorizer, {
      type: 'resource',
      user: exchange.user,
      verb: 'create',
      resource,
      subresource,
      namespace,
      name,
    });
  }
  if (asksForOtherForm(exchange)) throw notAcceptable();
  return review.serve(ctx, exchange, namespace);
}

function pathOf({ group, version, plural }: Pick<ResourcePath, 'group' | 'version' | 'plural'>): string {
  return `${group}/${version}/${plural}`;
}
