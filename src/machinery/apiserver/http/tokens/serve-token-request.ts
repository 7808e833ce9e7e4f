import type { TokenRequest, TokenRequestSpec } from '#api/generated/kubernetes.ts';
import { invalid as invalidField, notSupported, required } from '#api/meta/field-error.ts';
import type { FieldError } from '#api/meta/kind.ts';
import { formatTime } from '#kit/clock.ts';
import { guardedWrite } from '../../access/guarded.ts';
import { type ApiRequest, storeKeyOf } from '../../request.ts';
import { badRequest, invalid, methodNotAllowed, notFound } from '../../status-error.ts';
import type { HandlerContext } from '../handler-context.ts';
import type { Exchange } from '../messages.ts';
import { readReview } from '../reviews/read-review.ts';
import { type Answer, jsonAnswer } from '../respond.ts';
import { writeRequest } from '../write-request.ts';
import { BOUND_KINDS, findBound, isBoundKind } from './bound-object.ts';

/** An hour (authentication/v1 defaults.go). */
const DEFAULT_SEC = 3_600;
const MIN_SEC = 600;
const MAX_SEC = 2 ** 32;

/** Answers `POST …/serviceaccounts/NAME/token` with a token of the account. @throws ApiError */
export async function serveTokenRequest(ctx: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<Answer> {
  if (exchange.method !== 'POST') throw methodNotAllowed(exchange.method);
  const { server, accountTokens } = ctx;
  if (accountTokens === undefined) throw badRequest('this server issues no tokens: it has no key to sign them with');
  const asked = writeRequest(exchange, request);
  const answer = await guardedWrite(server, { request: asked, verb: 'create' }, async () => {
    const body = await readReview<TokenRequest>(exchange, 'io.k8s.api.authentication.v1.TokenRequest');
    const spec = { ...body.spec, expirationSeconds: body.spec?.expirationSeconds ?? DEFAULT_SEC };
    const faults = validate(spec);
    if (faults.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', faults);
    const account = server.store.get(storeKeyOf(request));
    if (account === undefined) throw notFound(request.kind.resource, request.name);
    const { namespace, name } = request;
    const bound = findBound(server.store, spec, { namespace, account: name });
    const issued = accountTokens.issue({
      namespace,
      account: { name, uid: account.object.metadata.uid },
      audiences: spec.audiences ?? [],
      expiresInSec: spec.expirationSeconds,
      bound,
    });
    return {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, creationTimestamp: formatTime(server.clock.nowMs()) },
      spec: { ...spec, audiences: issued.audiences },
      status: { token: issued.token, expirationTimestamp: formatTime(issued.expiresAtMs) },
    };
  });
  return jsonAnswer(201, answer);
}

/** Texts of pkg/apis/authentication/validation. */
function validate({ expirationSeconds = DEFAULT_SEC, boundObjectRef }: TokenRequestSpec): readonly FieldError[] {
  const field = 'spec.expirationSeconds';
  const faults: FieldError[] = [];
  if (expirationSeconds < MIN_SEC) faults.push(invalidField(field, expirationSeconds, 'may not specify a duration less than 10 minutes'));
  if (expirationSeconds > MAX_SEC)
    faults.push(invalidField(field, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
  if (boundObjectRef === undefined) return faults;
  const { kind = '', apiVersion = '', name = '' } = boundObjectRef;
  if (!isBoundKind(kind)) faults.push(notSupported('spec.boundObjectRef.kind', kind, Object.keys(BOUND_KINDS)));
  if (apiVersion !== 'v1') faults.push(notSupported('spec.boundObjectRef.apiVersion', apiVersion, ['v1']));
  if (name === '') faults.push(required('spec.boundObjectRef.name'));
  return faults;
}
