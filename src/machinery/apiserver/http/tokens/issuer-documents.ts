import { requireAllowed } from '../../access/authorization.ts';
import { ISSUER } from '../../access/service-accounts/account-tokens.ts';
import { noSuchPath } from '../../contract/status-error.ts';
import type { HandlerContext } from '../handler-context.ts';
import type { Exchange } from '../messages.ts';
import type { Answer } from '../respond.ts';

const CONFIGURATION = '/.well-known/openid-configuration';
const KEYS = '/openid/v1/jwks';

/**
 * What somebody needs who wants to check tokens of service accounts himself: who issues them, and the public key
 * (OpenID Connect Discovery 1.0 section 4, RFC 7517; apiserver routes/openidmetadata.go).
 * @throws ApiError 403, 404
 */
export function serveIssuerDocument({ server, accountTokens }: HandlerContext, { user, segments, request }: Exchange): Answer {
  const path = `/${segments.join('/')}`;
  if (accountTokens === undefined || (path !== CONFIGURATION && path !== KEYS)) throw noSuchPath();
  requireAllowed(server.authorizer, { type: 'path', user, verb: 'get', path });
  return path === KEYS
    ? answer('application/jwk-set+json', { keys: [accountTokens.publicKey()] })
    : answer('application/json', {
        issuer: ISSUER,
        jwks_uri: `https://${hostOf(request)}${KEYS}`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      });
}

function hostOf({ headers }: Exchange['request']): string {
  const authority = headers[':authority'] ?? headers.host;
  return typeof authority === 'string' ? authority : 'kubernetes.default.svc';
}

function answer(contentType: string, value: object): Answer {
  return {
    status: 200,
    body: Buffer.from(JSON.stringify(value)),
    contentType,
    headers: { 'cache-control': 'public, max-age=3600' },
  };
}
