import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import path from 'node:path';
import { isRecord } from '#kit/json.ts';
import type { PlatformProcess } from '#testing/platform/platform-process.ts';

/** The server went away before its answer was whole: nobody knows whether it did what was asked. */
export class AnswerLost extends Error {
  override readonly name = 'AnswerLost';
}

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What is asked. */
export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object | undefined;
  readonly contentType?: string | undefined;
}

/** One HTTP/2 connection to a platform, as client-go holds it; it ends when the platform does. */
export class Connection {
  readonly #session: ClientHttp2Session;
  readonly #authorization: string;

  constructor(platform: PlatformProcess) {
    this.#authorization = `Bearer ${readFileSync(path.join(platform.dataDir, 'admin.token'), 'utf8').trim()}`;
    // why unchecked: who the server is is the subject of other tests
    this.#session = connect(platform.url, { rejectUnauthorized: false });
    // why: each request tells what became of it
    this.#session.on('error', () => {});
  }

  /** @throws AnswerLost */
  async send(ask: Ask): Promise<Answer> {
    const stream = this.#open(ask);
    const status = statusOf(stream);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of stream) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    } catch (cause) {
      throw new AnswerLost(`${ask.method} ${ask.path}`, { cause });
    }
    const text = Buffer.concat(chunks).toString();
    const code = await status;
    // why: a connection that was closed between two frames ends the stream without an error
    const body = parsed(text);
    if (code === 0 || body === undefined) throw new AnswerLost(`${ask.method} ${ask.path}`);
    return { status: code, body };
  }

  /** Hands each line to `onLine` until the stream ends; resolves then, however it ended. */
  async readLines(target: string, onLine: (line: Readonly<Record<string, unknown>>) => void): Promise<void> {
    const stream = this.#open({ method: 'GET', path: target });
    let rest = '';
    try {
      for await (const chunk of stream) {
        const lines = `${rest}${Buffer.isBuffer(chunk) ? chunk.toString('latin1') : ''}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const event = parsed(Buffer.from(line, 'latin1').toString());
          if (event === undefined) throw new SyntaxError(`not an event: ${line}`);
          onLine(event);
        }
      }
    } catch (error) {
      if (error instanceof SyntaxError || (error instanceof Error && error.name === 'AssertionError')) throw error;
      // why: the server was killed; the rest of a cut line was never an event
    }
  }

  close(): void {
    this.#session.destroy();
  }

  #open({ method, path: target, body, contentType = 'application/json' }: Ask): ClientHttp2Stream {
    const headers = { ':method': method, ':path': target, authorization: this.#authorization, 'content-type': contentType };
    try {
      const stream = this.#session.request(headers, { endStream: body === undefined });
      stream.on('error', () => {});
      if (body !== undefined) stream.end(JSON.stringify(body));
      return stream;
    } catch (cause) {
      throw new AnswerLost(`${method} ${target}`, { cause });
    }
  }
}

function statusOf(stream: ClientHttp2Stream): Promise<number> {
  return new Promise((resolve) => {
    stream.on('response', (headers) => resolve(headers[':status'] ?? 0));
    stream.on('close', () => resolve(0));
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    // why: the caller knows what a text means that is no object
    return undefined;
  }
}
