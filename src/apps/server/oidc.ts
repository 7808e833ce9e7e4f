import { readFileSync } from 'node:fs';
import type { Clock } from '#kit/clock.ts';
import { ConfigInvalid } from '#kit/config-invalid.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import { httpsJson } from '#machinery/apiserver/access/oidc/fetch-json.ts';
import { IssuerKeys } from '#machinery/apiserver/access/oidc/issuer-keys.ts';
import { OidcAuthenticator } from '#machinery/apiserver/access/oidc/oidc-authenticator.ts';
import type { ServerConfig } from './config.ts';

/** Sign-on by an OpenID provider where the flags name one: none or one authenticator. @throws ConfigInvalid */
export function oidcAuthenticators(
  config: ServerConfig,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): readonly OidcAuthenticator[] {
  const { oidcIssuerUrl: issuer, oidcClientId: clientId, oidcUsernameClaim: usernameClaim } = config;
  if (issuer === undefined) return [];
  if (clientId === undefined || clientId === '')
    throw new ConfigInvalid('--oidc-client-id', 'is needed with --oidc-issuer-url: name the audience that tokens are for');
  const fetchJson = httpsJson({ caPem: readAuthority(config.oidcCaFile), clock });
  const options = {
    issuer,
    clientId,
    usernameClaim,
    usernamePrefix: prefixOf(config.oidcUsernamePrefix, issuer, usernameClaim),
    groupsClaim: config.oidcGroupsClaim,
    groupsPrefix: config.oidcGroupsPrefix,
    requiredClaims: config.oidcRequiredClaim ?? {},
    signingAlgorithms: config.oidcSigningAlgs,
  };
  return [new OidcAuthenticator(options, { keys: new IssuerKeys({ issuer, fetchJson, clock }), clock, log })];
}

/** As kube-apiserver does it: names of different issuers must not meet, except for addresses. */
function prefixOf(prefix: string | undefined, issuer: string, claim: string): string {
  if (prefix === '-') return '';
  return prefix ?? (claim === 'email' ? '' : `${issuer}#`);
}

function readAuthority(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new ConfigInvalid('--oidc-ca-file', `${file} can't be read: ${PlatformError.from(thrown).message}`);
  }
}
