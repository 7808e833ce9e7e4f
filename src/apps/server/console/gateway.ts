import { words, wordsText } from '#api/explanation.ts';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { LIVE_PATH } from '#api/console-frames.ts';
import { type ConsoleRefusal, type ConsoleRights, type ConsoleSession, CSRF_HEADER } from '#api/console-session.ts';
import type { ClaimStatuses } from '#controllers/stowage/explain/claim-statuses.ts';
import type { Explainer } from '#controllers/stowage/explain/explain.ts';
import type { ExplainedKind } from '#controllers/stowage/explain/explained-kind.ts';
import type { Clock } from '#kit/clock.ts';
import { ERROR_CODES } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Ids } from '#kit/ids.ts';
import { isRecord } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import { Secret } from '#kit/secret.ts';
import type { UserInfo } from '#machinery/apiserver/contract/user.ts';
import type { Client } from '#machinery/client/client.ts';
import { ConsoleRequestRefused, wordsOfFailure } from './errors.ts';
import { type Asked, explainFor, whatWaitsFor } from './explain.ts';
import type { KnownDrivers } from './capability-feed.ts';
import { FeedHub } from './feed-hub.ts';
import {
  type Answer,
  cookieOf,
  type ConsoleRequest,
  type ConsoleResponse,
  headerOf,
  isEncrypted,
  pathOf,
  readJson,
  requireSameOrigin,
  send,
} from './http.ts';
import { LiveConnection } from './live-connection.ts';
import { claimKeyOf, Recoveries } from './recoveries.ts';
import { DATA_POLICY, SECURITY_HEADERS } from './security-headers.ts';
import type { SessionFile } from './session-file.ts';
import type { Credential } from './session-seal.ts';
import { isSameSecret, type Session, Sessions } from './sessions.ts';
import { SignInFailures } from './sign-in-failures.ts';
import { StaticFiles } from './static-files.ts';

/** What the gateway is made of. */
export interface ConsoleGatewayOptions {
  /** The API as `user` may use it. */
  readonly clientFor: (user: UserInfo) => Client;
  /** The user of a bearer token; undefined for an unknown one. */
  readonly authenticateToken: (token: string) => Promise<UserInfo | undefined>;
  /** As whom a request is served that shows what the API itself takes, as the command line's do; undefined where it shows nothing. @throws ApiError for what nobody knows */
  readonly userOf: (request: ConsoleRequest) => Promise<UserInfo | undefined>;
  /** Who answers questions why. */
  readonly explainer: () => Explainer;
  /** What can be asked about. */
  readonly explainedKinds: readonly ExplainedKind[];
  /** Of all claims that wait; from when the platform has started. */
  readonly statuses: Promise<ClaimStatuses>;
  /** What is known of drivers, for what their classes can do. */
  readonly knownDrivers: KnownDrivers;
  /** What of the console is of use to a user. */
  readonly rightsOf: (user: UserInfo) => ConsoleRights;
  /** The folder that `npm run build:console` fills. */
  readonly distDir: string;
  /** Where sessions live on over a restart. */
  readonly sessionFile: SessionFile;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
}

/** Serves the console below `/console/` and lets the browser use the API as the signed-in user. */
export interface ConsoleGateway {
  /** Answers every request below `/console`. */
  handle(request: ConsoleRequest, response: ConsoleResponse): void;
  /** Takes over WebSockets below `/console/`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** The path, with the secret in its fragment, that signs `user` in once within an hour. */
  makeSignInLink(user: UserInfo): string;
  close(): void;
}

const BASE = '/console/';
const COOKIE = 'stowage-session';
/** Most open sockets of the whole gateway. */
const MAX_SOCKETS = 500;
/** Largest frame of a browser, in bytes. */
const MAX_FRAME_BYTES = 16_384;

/** Makes the gateway; it opens nothing by itself. */
export function createConsoleGateway(options: ConsoleGatewayOptions): ConsoleGateway {
  const gateway = new Gateway(options);
  return {
    handle: (request, response) => void gateway.handle(request, response),
    upgrade: (request, socket, head) => void gateway.upgrade(request, socket, head),
    makeSignInLink: (user) => gateway.makeSignInLink(user),
    close: () => gateway.close(),
  };
}

/** Who signs in, and with what. */
interface SignedIn {
  readonly user: UserInfo;
  readonly credential: Credential;
}

class Gateway {
  readonly #options: ConsoleGatewayOptions;
  readonly #sessions: Sessions;
  readonly #files: StaticFiles;
  readonly #hub: FeedHub;
  readonly #recoveries: Recoveries;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  readonly #connections = new Set<LiveConnection>();
  readonly #failures: SignInFailures;

  constructor(options: ConsoleGatewayOptions) {
    this.#options = options;
    this.#sessions = new Sessions({ ...options, file: options.sessionFile });
    this.#failures = new SignInFailures(options);
    this.#files = new StaticFiles(options.distDir);
    this.#hub = new FeedHub(options);
    this.#recoveries = new Recoveries(options);
  }

  async handle(request: ConsoleRequest, response: ConsoleResponse): Promise<void> {
    for (const [name, value] of Object.entries({ 'content-security-policy': DATA_POLICY, ...SECURITY_HEADERS }))
      response.setHeader(name, value);
    try {
      send(request, response, await this.#route(request));
    } catch (thrown) {
      send(request, response, refusalAnswer(this.#refusal(thrown, pathOf(request))));
    }
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // why first: a browser that goes away while its session is looked at is no fault of ours
    socket.on('error', () => socket.destroy());
    try {
      if (pathOf(request) !== LIVE_PATH) throw new ConsoleRequestRefused('PageUnknown', words('noSocket', { path: pathOf(request) }));
      requireSameOrigin(request, 'required');
      const session = await this.#requireSession(request);
      if (this.#connections.size >= MAX_SOCKETS)
        throw new ConsoleRequestRefused('TooManyPages', words('tooManyPages', { limit: String(MAX_SOCKETS) }));
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket, session));
    } catch (thrown) {
      const { status, body } = refusalAnswer(this.#refusal(thrown, pathOf(request)));
      socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n${String(body)}`);
    }
  }

  makeSignInLink(user: UserInfo): string {
    return `${BASE}#code=${this.#sessions.issueCode(user)}`;
  }

  close(): void {
    for (const connection of this.#connections) connection.close('the server stops');
    this.#sessions.close();
    this.#hub.close();
    this.#recoveries.close();
    this.#sockets.close();
  }

  #accept(socket: WebSocket, session: Session): void {
    const connection = new LiveConnection({ socket, session, hub: this.#hub, clock: this.#options.clock });
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
  }

  async #route(request: ConsoleRequest): Promise<Answer> {
    const path = pathOf(request);
    if (path === '/console') return { status: 308, headers: { location: BASE } };
    // why 302: what else lives at / may change
    if (path === '/') return { status: 302, headers: { location: BASE, 'cache-control': 'no-store' } };
    if (!path.startsWith(BASE)) throw new ConsoleRequestRefused('PageUnknown', words('notOfConsole', { path }));
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (path.startsWith(`${BASE}api/`))
      return this.#answer(request, `${isRead ? 'GET' : (request.method ?? '')} ${path.slice(BASE.length)}`);
    if (!isRead) throw new ConsoleRequestRefused('MethodUnknown', words('methodUnknown', { method: request.method ?? '', path }));
    return this.#files.answer(request, path.slice(BASE.length));
  }

  async #answer(request: ConsoleRequest, what: string): Promise<Answer> {
    switch (what) {
      case 'GET api/session':
        return this.#whoIsSignedIn(request);
      case 'GET api/explain':
        return json(200, await explainFor(await this.#asked(request)));
      case 'GET api/waiting':
        return json(200, await whatWaitsFor(await this.#asked(request)));
      case 'POST api/sign-in':
        return this.#signIn(request);
      case 'POST api/sign-out':
        return this.#signOut(request);
      case 'POST api/recover':
        return this.#recover(request);
      default:
        throw new ConsoleRequestRefused('PageUnknown', words('noSuchRequest', { method: request.method ?? '', path: pathOf(request) }));
    }
  }

  /** A question of somebody who is signed in, or shows the API what it takes. */
  async #asked(request: ConsoleRequest): Promise<Asked> {
    const session = await this.#sessions.find(cookieOf(request, COOKIE));
    const user = session?.user ?? (await this.#options.userOf(request));
    if (user === undefined) throw new ConsoleRequestRefused('SessionMissing', words('sessionMissing'));
    const { clientFor, explainer, explainedKinds: kinds } = this.#options;
    return { client: clientFor(user), explainer: explainer(), kinds, url: request.url ?? '' };
  }

  /** Nobody is an answer, not a refusal: browsers log every 401 as an error. */
  async #whoIsSignedIn(request: ConsoleRequest): Promise<Answer> {
    const session = await this.#sessions.find(cookieOf(request, COOKIE));
    return session === undefined ? json(200, null) : this.#sessionAnswer(session);
  }

  async #signIn(request: ConsoleRequest): Promise<Answer> {
    requireSameOrigin(request, 'if-present');
    const body = await readJson(request);
    const { token, code } = isRecord(body) ? body : {};
    const found = typeof code === 'string' ? this.#userOfCode(code) : await this.#userOfToken(token);
    if (found === undefined) {
      if (this.#failures.note(request.socket.remoteAddress ?? '')) throw new ConsoleRequestRefused('SignInBusy', words('signInBusy'));
      if (typeof code !== 'string') throw new ConsoleRequestRefused('TokenUnknown', words('tokenUnknown'));
      throw new ConsoleRequestRefused('LinkUsed', words('linkUsed'));
    }
    const { id, session } = this.#sessions.start(found.user, found.credential);
    const cookie = `${COOKIE}=${id}; Path=/console; HttpOnly; SameSite=Strict${isEncrypted(request) ? '; Secure' : ''}`;
    return this.#sessionAnswer(session, { 'set-cookie': cookie });
  }

  #sessionAnswer({ user, csrfToken }: Session, headers: Readonly<Record<string, string>> = {}): Answer {
    const rights = this.#options.rightsOf(user);
    return json(200, { user: { name: user.name, groups: user.groups }, csrfToken, rights } satisfies ConsoleSession, headers);
  }

  #userOfCode(code: string): SignedIn | undefined {
    const user = this.#sessions.redeemCode(code);
    return user === undefined ? undefined : { user, credential: { linkUser: user } };
  }

  async #userOfToken(token: unknown): Promise<SignedIn | undefined> {
    if (typeof token !== 'string') return undefined;
    const secret = new Secret(token.trim());
    const user = await this.#options.authenticateToken(secret.reveal());
    return user === undefined ? undefined : { user, credential: { token: secret } };
  }

  async #signOut(request: ConsoleRequest): Promise<Answer> {
    await this.#requireOwnPage(request);
    this.#sessions.end(cookieOf(request, COOKIE));
    return {
      status: 204,
      headers: { 'set-cookie': `${COOKIE}=; Path=/console; HttpOnly; SameSite=Strict; Max-Age=0`, 'cache-control': 'no-store' },
    };
  }

  async #recover(request: ConsoleRequest): Promise<Answer> {
    const { user } = await this.#requireOwnPage(request);
    const key = claimKeyOf(await readJson(request));
    const refusalOf = (thrown: unknown): ConsoleRefusal => this.#refusal(thrown, pathOf(request));
    const stream = await this.#recoveries.start({ client: this.#options.clientFor(user), key, refusalOf });
    return { status: 200, headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' }, stream };
  }

  /** The session of a request that writes: a page of another origin knows no CSRF token. */
  async #requireOwnPage(request: ConsoleRequest): Promise<Session> {
    requireSameOrigin(request, 'if-present');
    const session = await this.#requireSession(request);
    const token = headerOf(request, CSRF_HEADER);
    if (token !== undefined && isSameSecret(token, session.csrfToken)) return session;
    throw new ConsoleRequestRefused('CsrfTokenRefused', words('csrfTokenRefused', { header: CSRF_HEADER }));
  }

  async #requireSession(request: ConsoleRequest): Promise<Session> {
    const session = await this.#sessions.find(cookieOf(request, COOKIE));
    if (session === undefined) throw new ConsoleRequestRefused('SessionMissing', words('sessionMissing'));
    return session;
  }

  #refusal(thrown: unknown, path: string): ConsoleRefusal {
    const error = PlatformError.from(thrown);
    const requestId = this.#options.ids.suffix(10);
    const status = ERROR_CODES[error.code].http;
    if (status >= 500)
      this.#options.log.error('console request failed', { path, status, reason: error.reason, err: error, name: requestId });
    const why = wordsOfFailure(error);
    return {
      message: wordsText(why, 'en'),
      words: why,
      reason: error.reason,
      status,
      requestId,
    };
  }
}

function refusalAnswer(refusal: ConsoleRefusal): Answer {
  return json(refusal.status, refusal);
}

function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers }, body: JSON.stringify(value) };
}
