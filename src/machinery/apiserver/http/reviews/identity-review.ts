import type { TokenReview, TokenReviewSpec } from '#api/generated/kubernetes.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import { ISSUER } from '../../access/service-accounts/account-tokens.ts';
import type { UserInfo } from '../../contract/user.ts';
import { badRequest } from '../../contract/status-error.ts';
import type { HandlerContext } from '../handler-context.ts';
import type { Exchange } from '../messages.ts';
import { type Answer, jsonAnswer } from '../respond.ts';
import { readReview } from './read-review.ts';
import { REVIEWS } from './review-kinds.ts';

const API_VERSION = 'authentication.k8s.io/v1';

/** `kubectl auth whoami`: who asks? @throws ApiError */
export async function reviewSelf({ server }: HandlerContext, exchange: Exchange): Promise<Answer> {
  await readReview(exchange, REVIEWS.self.schema);
  return jsonAnswer(201, {
    kind: 'SelfSubjectReview',
    apiVersion: API_VERSION,
    metadata: { creationTimestamp: formatTime(server.clock.nowMs()) },
    status: { userInfo: describeUser(exchange.user) },
  });
}

/** Whose token is this, and is it meant for these audiences? @throws ApiError */
export async function reviewToken({ authenticate }: HandlerContext, exchange: Exchange): Promise<Answer> {
  const { spec } = await readReview<TokenReview>(exchange, REVIEWS.token.schema);
  const { token = '', audiences = [] }: Partial<TokenReviewSpec> = spec ?? {};
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  return jsonAnswer(201, {
    kind: 'TokenReview',
    apiVersion: API_VERSION,
    metadata: {},
    spec,
    status: await statusOf(authenticate, token, audiences.length === 0 ? [ISSUER] : audiences),
  });
}

async function statusOf(authenticate: HandlerContext['authenticate'], bearerToken: string, audiences: readonly string[]): Promise<object> {
  try {
    const user = await authenticate({ bearerToken, audiences });
    // why: a token that names no audience is one of the API itself
    const meant = (user.audiences ?? [ISSUER]).filter((audience) => audiences.includes(audience));
    if (meant.length === 0)
      return { error: `token audiences [${JSON.stringify(ISSUER)}] is invalid for the target audiences ${JSON.stringify(audiences)}` };
    return { authenticated: true, user: describeUser(user), audiences: meant };
  } catch (thrown) {
    if (hasCode(thrown, 'Unauthenticated')) return { error: 'invalid bearer token' };
    throw thrown;
  }
}

function describeUser({ name, uid, groups, extra }: UserInfo): object {
  return { username: name, ...(uid === undefined ? {} : { uid }), groups, ...(extra === undefined ? {} : { extra }) };
}
