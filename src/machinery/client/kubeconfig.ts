import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CORE_SCHEMA, load } from 'js-yaml';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import { Secret } from '#kit/secret.ts';

/** How to reach a cluster and who to be there. */
export interface ClusterConfig {
  /** `https://host:port`, perhaps with a path in front of the API's. */
  readonly server: URL;
  /** PEM; absent = the system's authorities. */
  readonly ca?: string | undefined;
  /** PEM of the client certificate. */
  readonly cert?: string | undefined;
  /** PEM of its key. */
  readonly key?: Secret | undefined;
  readonly token?: Secret | undefined;
  /** Read again and again: who renews it replaces the file. */
  readonly tokenFile?: string | undefined;
  /** A program that logs in. */
  readonly plugin?: CredentialPlugin | undefined;
  /** The name that the server's certificate must have, where it is not the host's. */
  readonly tlsServerName?: string | undefined;
  /** `skip` = any certificate is believed; only where the kubeconfig says so. */
  readonly verification: 'verify' | 'skip';
  /** The namespace of the context. */
  readonly namespace: string;
}

/** A program that answers with a token (client.authentication.k8s.io). */
export interface CredentialPlugin {
  readonly command: string;
  readonly args: readonly string[];
  /** Variables beside those of this process. */
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
  /** What to do where it is not there. */
  readonly installHint?: string | undefined;
}

/** A kubeconfig that can't be used; the message names the file, the field and what would be right. */
export class KubeconfigInvalid extends PlatformError {
  constructor(path: string, fault: string, cause?: unknown) {
    super({ code: 'InvalidArgument', reason: 'KubeconfigInvalid', message: `kubeconfig ${path}: ${fault}`, details: { path }, cause });
  }
}

/**
 * Reads the current context (or `contextName`) of a kubeconfig: client certificates, tokens, authorities, inline or as files beside it; credential plugins.
 * Of several files the first that has something wins, as with client-go, and those that are not there are left out unless none is.
 * @throws KubeconfigInvalid
 */
export async function loadKubeconfig(paths: string | readonly string[], contextName?: string): Promise<ClusterConfig> {
  const sources = await readSources(typeof paths === 'string' ? [paths] : paths);
  const path = sources.map((source) => source.path).join(':');
  const current = sources.map((source) => text(source, source.root, 'current-context')).find((name) => name !== undefined);
  const name = contextName ?? current;
  if (name === undefined) throw new KubeconfigInvalid(path, `current-context is not set; contexts: ${names(sources, 'contexts')}`);
  const { fields: context, source: contextSource } = named(sources, 'contexts', name);
  const cluster = named(sources, 'clusters', text(contextSource, context, 'cluster') ?? '');
  const userName = text(contextSource, context, 'user');
  const user = userName === undefined ? { source: contextSource, fields: {} } : named(sources, 'users', userName);
  refuseUnsupported(cluster, user, userName ?? '');
  return {
    server: serverOf(cluster),
    verification: cluster.fields['insecure-skip-tls-verify'] === true ? 'skip' : 'verify',
    namespace: text(contextSource, context, 'namespace') ?? 'default',
    tlsServerName: text(cluster.source, cluster.fields, 'tls-server-name'),
    ca: await pem(cluster, 'certificate-authority'),
    cert: await pem(user, 'client-certificate'),
    key: asSecret(await pem(user, 'client-key')),
    token: asSecret(text(user.source, user.fields, 'token')),
    tokenFile: fileName(user, 'tokenFile'),
    plugin: pluginOf(user),
  };
}

function refuseUnsupported(cluster: Entry, user: Entry, userName: string): void {
  for (const field of UNSUPPORTED) {
    if (user.fields[field] !== undefined)
      throw new KubeconfigInvalid(
        user.source.path,
        `users[${userName}].user.${field} is not supported; use a client certificate, a token or an exec plugin`,
      );
  }
  if (cluster.fields['proxy-url'] !== undefined)
    throw new KubeconfigInvalid(
      cluster.source.path,
      'clusters[].cluster.proxy-url is not supported; use an address that can be reached directly',
    );
}

/** Ways to log in that are gone from Kubernetes, and acting as somebody else. */
const UNSUPPORTED = ['auth-provider', 'username', 'password', 'as', 'as-uid', 'as-groups', 'as-user-extra'];

interface Source {
  readonly path: string;
  readonly root: Fields;
}

type Fields = Readonly<Record<string, unknown>>;

/** What a list says under a name, and which file does. */
interface Entry {
  readonly source: Source;
  readonly fields: Fields;
}

async function readSources(paths: readonly string[]): Promise<readonly Source[]> {
  const there = paths.length === 1 ? paths : paths.filter((path) => existsSync(path));
  if (there.length === 0)
    throw new KubeconfigInvalid(paths.join(':'), 'none of the files is there: name one that is, or start the platform, which writes one');
  return Promise.all(there.map(async (path) => ({ path, root: await readRoot(path) })));
}

async function readRoot(path: string): Promise<Fields> {
  let root: unknown;
  try {
    root = load(await readFile(path, 'utf8'), { schema: CORE_SCHEMA });
  } catch (thrown) {
    throw new KubeconfigInvalid(
      path,
      `can't be read (${PlatformError.from(thrown).message}): name one that is there, or start the platform, which writes one`,
      thrown,
    );
  }
  if (!isRecord(root)) throw new KubeconfigInvalid(path, 'must be a YAML mapping with clusters, contexts and users');
  return root;
}

/** The inner mapping of the entry of `list` that is called `name`; lists hold `{ name, cluster | context | user }`. */
function named(sources: readonly Source[], list: 'clusters' | 'contexts' | 'users', name: string): Entry {
  for (const source of sources) {
    const fields = entries(source, list).find((candidate) => candidate['name'] === name)?.[list.slice(0, -1)];
    if (isRecord(fields)) return { source, fields };
  }
  const path = sources.map((source) => source.path).join(':');
  throw new KubeconfigInvalid(path, `${list} has no entry ${JSON.stringify(name)}; it has: ${names(sources, list)}`);
}

function entries(source: Source, list: string): readonly Fields[] {
  const value = source.root[list];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function names(sources: readonly Source[], list: string): string {
  const found = sources.flatMap((source) => entries(source, list).map((entry) => String(entry['name'])));
  return [...new Set(found)].join(', ') || 'none';
}

function text(source: Source, fields: Fields, field: string): string | undefined {
  const value = fields[field];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw new KubeconfigInvalid(source.path, `${field} must be a string`);
  return value;
}

function serverOf({ source, fields }: Entry): URL {
  const server = text(source, fields, 'server') ?? '';
  const url = URL.parse(server);
  if (url?.protocol !== 'https:')
    throw new KubeconfigInvalid(source.path, `clusters[].cluster.server is ${JSON.stringify(server)}; it must be https://HOST:PORT`);
  return url;
}

/** `FIELD-data` (base64) or the file that `FIELD` names, relative to the kubeconfig. */
async function pem(entry: Entry, field: string): Promise<string | undefined> {
  const data = text(entry.source, entry.fields, `${field}-data`);
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  return fileOf(entry, field);
}

function pluginOf({ source, fields: user }: Entry): CredentialPlugin | undefined {
  const fields = user['exec'];
  if (!isRecord(fields)) return undefined;
  const command = text(source, fields, 'command');
  const apiVersion = text(source, fields, 'apiVersion') ?? '';
  if (command === undefined) throw new KubeconfigInvalid(source.path, 'users[].user.exec.command is not set; name the program');
  if (!PLUGIN_VERSIONS.has(apiVersion))
    throw new KubeconfigInvalid(
      source.path,
      `users[].user.exec.apiVersion is ${JSON.stringify(apiVersion)}; it must be ${[...PLUGIN_VERSIONS].join(' or ')}`,
    );
  const listed = (name: string): readonly unknown[] => (Array.isArray(fields[name]) ? fields[name] : []);
  const variables = listed('env').filter(isRecord);
  return {
    // why: a command with a path is meant as seen from the kubeconfig (client-go, exec plugins)
    command: command.includes('/') ? resolve(dirname(source.path), command) : command,
    args: listed('args').map(String),
    env: Object.fromEntries(variables.map(({ name, value }) => [String(name), typeof value === 'string' ? value : ''])),
    apiVersion,
    installHint: text(source, fields, 'installHint'),
  };
}

/** Versions of the plugins' protocol; they differ in nothing that is used here. */
const PLUGIN_VERSIONS: ReadonlySet<string> = new Set(['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']);

function fileName({ source, fields }: Entry, field: string): string | undefined {
  const file = text(source, fields, field);
  return file === undefined ? undefined : resolve(dirname(source.path), file);
}

async function fileOf(entry: Entry, field: string): Promise<string | undefined> {
  const file = fileName(entry, field);
  if (file === undefined) return undefined;
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    throw new KubeconfigInvalid(entry.source.path, `${field}: ${PlatformError.from(thrown).message}`, thrown);
  }
}

function asSecret(value: string | undefined): Secret | undefined {
  return value === undefined ? undefined : new Secret(value);
}
