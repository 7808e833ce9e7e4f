import type { TokenRequest } from '#api/generated/kubernetes.ts';
import type { ApiRequest } from '../../contract/request.ts';
import { badRequest } from '../../contract/status-error.ts';
import type { AskedToken } from '../../verbs/tokens/request-token.ts';
import type { HandlerContext } from '../handler-context.ts';
import type { Exchange } from '../messages.ts';
import { readReview } from '../reviews/read-review.ts';
import { type Answer, jsonAnswer } from '../respond.ts';
import { writeRequest } from '../write-request.ts';

/** Answers `POST …/serviceaccounts/NAME/token` with a token of the account. @throws ApiError */
export async function serveTokenRequest(ctx: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  const { api, accountTokens: tokens } = ctx;
  if (tokens === undefined) throw badRequest('this server issues no tokens: it has no key to sign them with');
  const read = (): Promise<AskedToken> => readReview<TokenRequest>(exchange, 'io.k8s.api.authentication.v1.TokenRequest');
  return jsonAnswer(201, await api.requestToken(writeRequest(exchange, request), tokens, read));
}
