import { createHash } from 'node:crypto';
import type { Secret } from '#api/generated/kubernetes.ts';
import { isRecord } from '#kit/json.ts';

/** What a registry is shown. */
export interface RegistryCredential {
  /** `HOST[:PORT][/PATH]`; `*` stands for one label of the host. */
  readonly pattern: string;
  /** `USER:PASSWORD` in base64, as HTTP Basic has it; empty with an identity token. */
  readonly auth: string;
  /** Empty = none. */
  readonly identityToken: string;
}

const DOCKER_HUB = 'docker.io';
/** Names under which command lines keep what docker.io is shown. */
const DOCKER_HUB_NAMES = new Set([DOCKER_HUB, 'index.docker.io', 'registry-1.docker.io']);

/** The credentials in secrets of the types `kubernetes.io/dockerconfigjson` and `kubernetes.io/dockercfg`; what can't be read is left out. Pure. */
export function credentialsIn(secrets: readonly Secret[]): RegistryCredential[] {
  return secrets.flatMap(({ data = {} }) => {
    const config = jsonIn(data['.dockerconfigjson']);
    return [...entriesOf(config?.['auths']), ...entriesOf(jsonIn(data['.dockercfg']))];
  });
}

/** Those that fit an image by its full name, the most exact first (kubelet pkg/credentialprovider/keyring). Pure. */
export function credentialsFor(full: string, all: readonly RegistryCredential[]): RegistryCredential[] {
  return all.filter(({ pattern }) => fits(full, pattern)).toSorted((a, b) => b.pattern.length - a.pattern.length);
}

/** Tells credentials apart without giving them away. Pure. */
export function fingerprintOf({ pattern, auth, identityToken }: RegistryCredential): string {
  return createHash('sha256').update(`${pattern}\n${auth}\n${identityToken}`).digest('hex');
}

/** The file that shows `credential` to one registry (containers-auth.json(5)). Pure. */
export function authFileText(registry: string, { auth, identityToken }: RegistryCredential): string {
  return JSON.stringify({ auths: { [registry]: { auth, ...(identityToken === '' ? {} : { identitytoken: identityToken }) } } });
}

function jsonIn(base64: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(base64 ?? '', 'base64').toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    // why: a secret that holds something else has no credentials; the registry's refusal is what the user sees
    return undefined;
  }
}

function entriesOf(auths: unknown): RegistryCredential[] {
  if (!isRecord(auths)) return [];
  return Object.entries(auths).flatMap(([key, entry]) => {
    if (!isRecord(entry)) return [];
    const { auth, username, password, identitytoken } = entry;
    const basic = typeof username === 'string' && typeof password === 'string' ? encode(`${username}:${password}`) : undefined;
    const found = { auth: typeof auth === 'string' && auth !== '' ? auth : (basic ?? ''), identityToken: text(identitytoken) };
    return found.auth === '' && found.identityToken === '' ? [] : [{ pattern: patternOf(key), ...found }];
  });
}

const encode = (plain: string): string => Buffer.from(plain, 'utf8').toString('base64');
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** `https://index.docker.io/v1/` as `docker login` writes it means docker.io. */
function patternOf(key: string): string {
  const [host = '', ...path] = key
    .replace(/^https?:\/\//, '')
    .replace(/\/(?:v[12]\/?)?$/, '')
    .split('/');
  return [DOCKER_HUB_NAMES.has(host) ? DOCKER_HUB : host, ...path].join('/');
}

function fits(full: string, pattern: string): boolean {
  const [host = '', ...path] = full.split('/');
  const [wantedHost = '', ...wantedPath] = pattern.split('/');
  const labels = host.split('.');
  const wanted = wantedHost.split('.');
  const hostFits = labels.length === wanted.length && wanted.every((label, index) => labelFits(labels[index] ?? '', label));
  return hostFits && path.join('/').startsWith(wantedPath.join('/'));
}

function labelFits(label: string, wanted: string): boolean {
  if (!wanted.includes('*')) return label === wanted;
  const [before = '', ...rest] = wanted.split('*');
  const after = rest.join('*');
  return label.length >= before.length + after.length && label.startsWith(before) && label.endsWith(after);
}
