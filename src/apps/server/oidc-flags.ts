import path from 'node:path';
import { type ConfigSchema, parsers } from '#kit/config.ts';

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'] as const;

/** Sign-on with the tokens of an OpenID provider, by kube-apiserver's flags. */
export const oidcFlags = {
  oidcIssuerUrl: {
    flag: 'oidc-issuer-url',
    env: 'STOWAGE_OIDC_ISSUER_URL',
    default: undefined,
    defaultText: 'no OpenID provider',
    placeholder: 'URL',
    doc: 'https:// address of the OpenID provider of which ID tokens sign in',
    parse: parseIssuer,
  },
  oidcClientId: {
    flag: 'oidc-client-id',
    env: 'STOWAGE_OIDC_CLIENT_ID',
    default: undefined,
    placeholder: 'ID',
    doc: 'the audience that tokens must be for; needed with --oidc-issuer-url',
    parse: parsers.text,
  },
  oidcUsernameClaim: {
    flag: 'oidc-username-claim',
    env: 'STOWAGE_OIDC_USERNAME_CLAIM',
    default: 'sub',
    placeholder: 'CLAIM',
    doc: 'the claim that is the name of the user',
    parse: parsers.text,
  },
  oidcUsernamePrefix: {
    flag: 'oidc-username-prefix',
    env: 'STOWAGE_OIDC_USERNAME_PREFIX',
    default: undefined,
    defaultText: 'the issuer and #, nothing for the claim email',
    placeholder: 'TEXT',
    doc: 'goes before names; - = nothing',
    parse: parsers.text,
  },
  oidcGroupsClaim: {
    flag: 'oidc-groups-claim',
    env: 'STOWAGE_OIDC_GROUPS_CLAIM',
    default: undefined,
    placeholder: 'CLAIM',
    doc: 'the claim that is a group, or a list of groups',
    parse: parsers.text,
  },
  oidcGroupsPrefix: {
    flag: 'oidc-groups-prefix',
    env: 'STOWAGE_OIDC_GROUPS_PREFIX',
    default: '',
    placeholder: 'TEXT',
    doc: 'goes before groups, for example oidc:',
    parse: parsers.text,
  },
  oidcRequiredClaim: {
    flag: 'oidc-required-claim',
    env: 'STOWAGE_OIDC_REQUIRED_CLAIM',
    default: undefined,
    placeholder: 'CLAIM=VALUE,…',
    doc: 'claims that tokens must have, with these values',
    parse: parseClaims,
  },
  oidcSigningAlgs: {
    flag: 'oidc-signing-algs',
    env: 'STOWAGE_OIDC_SIGNING_ALGS',
    default: ['RS256'],
    placeholder: 'ALG,…',
    doc: `signatures that are believed, of ${ALGORITHMS.join(', ')}`,
    parse: (text: string): string[] => text.split(',').map(parsers.oneOf(...ALGORITHMS)),
  },
  oidcCaFile: {
    flag: 'oidc-ca-file',
    env: 'STOWAGE_OIDC_CA_FILE',
    default: undefined,
    defaultText: 'the authorities of the system',
    placeholder: 'FILE',
    doc: 'PEM of the authority that signed the certificate of the provider',
    parse: (text: string) => path.resolve(text),
  },
} as const satisfies ConfigSchema;

function parseIssuer(text: string): string {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'https:' || url.search !== '' || url.hash !== '')
    throw new TypeError('must be an https:// URL without query and fragment');
  return text;
}

function parseClaims(text: string): Readonly<Record<string, string>> {
  const entries = text.split(',').map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new TypeError('must be CLAIM=VALUE, several separated by commas');
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  return Object.fromEntries(entries);
}
