import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';

/** A watch that stands. */
export interface Watcher {
  /** When each event came, milliseconds of `performance.now()`. */
  readonly seenMs: number[];
}

/** What goes with a request. */
export interface Sent {
  readonly body?: object;
  /** Of the connections, by number; the first by default. */
  readonly connection?: number;
  readonly accept?: string;
}

/** Where an API server is, and how many connections are opened to it. */
export interface Http2ApiOptions {
  readonly url: string;
  readonly token: string;
  readonly connections: number;
}

/** HTTP/2 to one API server, with as little of our own in between as can be: the same for a platform and for its peer. */
export class Http2Api {
  readonly #sessions: readonly ClientHttp2Session[];
  readonly #authorization: string;

  constructor({ url, token, connections }: Http2ApiOptions) {
    this.#authorization = `Bearer ${token}`;
    this.#sessions = Array.from({ length: connections }, () =>
      connect(url, { rejectUnauthorized: false, settings: { initialWindowSize: 16 * 1024 * 1024 } }),
    );
  }

  /** Sends a request and answers the text of its answer. @throws Error where it is refused */
  async send(method: string, target: string, { body, accept = 'application/json', connection = 0 }: Sent = {}): Promise<string> {
    const stream = this.#open(connection, { ':method': method, ':path': target, accept, 'content-type': 'application/json' });
    stream.end(body === undefined ? undefined : JSON.stringify(body));
    let status = 0;
    stream.on('response', (headers) => (status = headers[':status'] ?? 0));
    const chunks: Buffer[] = [];
    for await (const chunk of stream) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    if (status >= 400) throw new Error(`${method} ${target}: ${status} ${text.slice(0, 300)}`);
    return text;
  }

  /** Watches a collection from now on; resolves when the watch stands. */
  watch(collection: string, connection: number): Promise<Watcher> {
    const seenMs: number[] = [];
    const target = `${collection}?watch=true&resourceVersion=0&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`;
    const stream = this.#open(connection, { ':method': 'GET', ':path': target, accept: 'application/json' });
    stream.on('data', (chunk: Buffer) => {
      const nowMs = performance.now();
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) seenMs.push(nowMs);
    });
    stream.on('error', () => {});
    return new Promise((resolve) => stream.on('response', () => resolve({ seenMs })));
  }

  #open(connection: number, headers: Record<string, string>): ClientHttp2Stream {
    const session = this.#sessions[connection % this.#sessions.length];
    if (session === undefined) throw new Error('there is no connection');
    return session.request({ ...headers, authorization: this.#authorization });
  }

  close(): void {
    for (const session of this.#sessions) session.destroy();
  }
}
