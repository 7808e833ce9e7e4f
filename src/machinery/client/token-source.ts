import { readFile } from 'node:fs/promises';
import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Exec } from '#kit/exec.ts';
import { isRecord } from '#kit/json.ts';
import { Secret } from '#kit/secret.ts';
import type { ClusterConfig, CredentialPlugin } from './kubeconfig.ts';

/** Where the token of each request comes from. */
export interface TokenSource {
  /** The token to send now; undefined = none. @throws CredentialsUnavailable */
  token(): Promise<Secret | undefined>;
  /** The server refused the last one. */
  refused(): void;
}

/** What token sources work with. */
export interface TokenSourceDeps {
  readonly clock: Clock;
  readonly exec: Exec;
}

/** The token can't be had from where the configuration says. */
export class CredentialsUnavailable extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super({ code: 'Unauthenticated', reason: 'CredentialsUnavailable', message, cause, retry: 'backoff' });
  }
}

/** A token file is read again after this long, because kubelets renew it in place (client-go `transport/token_source.go`). */
const FILE_MS = 60_000;
/** A plugin may ask somebody far away. */
const PLUGIN_TIMEOUT_MS = 60_000;
/** A token is renewed this long before it ends, so that it does not end on its way. */
const EARLY_MS = 10_000;

/** The source that a configuration names: a token, a file, a plugin, or none. */
export function tokenSourceOf(config: ClusterConfig, deps: TokenSourceDeps): TokenSource {
  const { token, tokenFile, plugin } = config;
  if (plugin !== undefined) return new PluginTokens(plugin, deps);
  if (tokenFile !== undefined) return new FileTokens(tokenFile, deps.clock);
  return { token: async () => token, refused: () => {} };
}

interface Known {
  readonly token: Secret;
  readonly untilMs: number;
}

class FileTokens implements TokenSource {
  readonly #file: string;
  readonly #clock: Clock;
  #known: Known | undefined;

  constructor(file: string, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
  }

  async token(): Promise<Secret> {
    const nowMs = this.#clock.nowMs();
    if (this.#known !== undefined && nowMs < this.#known.untilMs) return this.#known.token;
    try {
      const text = (await readFile(this.#file, 'utf8')).trim();
      if (text === '') throw new CredentialsUnavailable(`the token file ${this.#file} is empty`);
      this.#known = { token: new Secret(text), untilMs: nowMs + FILE_MS };
      return this.#known.token;
    } catch (thrown) {
      // why: a file that is being replaced is there again in a moment, and the old token is still good
      if (this.#known !== undefined) return this.#known.token;
      if (thrown instanceof CredentialsUnavailable) throw thrown;
      throw new CredentialsUnavailable(`the token file ${this.#file} can't be read: ${PlatformError.from(thrown).message}`, thrown);
    }
  }

  refused(): void {
    if (this.#known !== undefined) this.#known = { ...this.#known, untilMs: 0 };
  }
}

/** Tokens of a credential plugin (client-go `plugin/pkg/client/auth/exec`). */
class PluginTokens implements TokenSource {
  readonly #plugin: CredentialPlugin;
  readonly #deps: TokenSourceDeps;
  #known: Known | undefined;
  #running: Promise<Secret> | undefined;

  constructor(plugin: CredentialPlugin, deps: TokenSourceDeps) {
    this.#plugin = plugin;
    this.#deps = deps;
  }

  token(): Promise<Secret> {
    if (this.#known !== undefined && this.#deps.clock.nowMs() < this.#known.untilMs) return Promise.resolve(this.#known.token);
    // why shared: many requests must not start the plugin many times
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  refused(): void {
    this.#known = undefined;
  }

  async #run(): Promise<Secret> {
    const { command, args, env, apiVersion, installHint } = this.#plugin;
    const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } });
    const variables = { ...env, KUBERNETES_EXEC_INFO: info };
    const argv = ['env', ...Object.entries(variables).map(([name, value]) => `${name}=${value}`), command, ...args];
    let stdout: string;
    try {
      ({ stdout } = await this.#deps.exec.run(argv, { timeoutMs: PLUGIN_TIMEOUT_MS }));
    } catch (thrown) {
      // why not the message of the failed command: it repeats the variables, and they may hold secrets
      const hint = installHint === undefined ? '' : `: ${installHint}`;
      throw new CredentialsUnavailable(`the credential plugin ${command} failed (${PlatformError.from(thrown).reason})${hint}`);
    }
    this.#known = this.#read(stdout);
    return this.#known.token;
  }

  #read(stdout: string): Known {
    const { command, apiVersion } = this.#plugin;
    const answer = parse(stdout);
    const status = isRecord(answer) && answer['apiVersion'] === apiVersion && isRecord(answer['status']) ? answer['status'] : undefined;
    const token = status?.['token'];
    if (typeof token !== 'string' || token === '')
      throw new CredentialsUnavailable(`the credential plugin ${command} answered no ExecCredential of ${apiVersion} with a status.token`);
    const expires = status?.['expirationTimestamp'];
    const ends = Date.parse(typeof expires === 'string' ? expires : '');
    return { token: new Secret(token), untilMs: Number.isNaN(ends) ? Number.POSITIVE_INFINITY : ends - EARLY_MS };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // why: the caller says what it should have been
    return undefined;
  }
}
