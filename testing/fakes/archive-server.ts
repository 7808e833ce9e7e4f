import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { trusted } from '#kit/json.ts';

/** What a test wants of a server beside its files. */
export interface Behaviour {
  /** Bytes after which each answer breaks off. */
  breaksAfter?: number;
  /** Milliseconds between pieces of 64Ki. */
  pauseMs?: number;
  /** Sends all of it whatever range is asked for. */
  ignoresRanges?: boolean;
  /** What it answers in place of a file, with where it is instead. */
  instead?: { readonly status: number; readonly location?: string } | undefined;
}

/** A server of files in memory that knows ranges, and can be a bad one. */
export class ArchiveServer {
  readonly files = new Map<string, Buffer>();
  readonly behaviour: Behaviour = {};
  /** Ranges that were asked for, '' for none. */
  readonly asked: string[] = [];
  /** Of every file. */
  version = 1;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<ArchiveServer> {
    const made = new ArchiveServer();
    await new Promise<void>((resolve) => made.#server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get host(): string {
    return `127.0.0.1:${trusted<{ port: number }>(this.#server.address()).port}`;
  }

  url(file: string): string {
    return `http://${this.host}/${file}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const range = request.headers.range ?? '';
    this.asked.push(range);
    const file = this.files.get((request.url ?? '/').slice(1));
    const { instead, ignoresRanges } = this.behaviour;
    if (file === undefined || instead !== undefined) {
      refuse(response, instead ?? { status: 404 });
      return;
    }
    const from = ignoresRanges === true ? 0 : firstByteOf(range);
    const headers = { 'content-length': file.length - from, etag: `"${this.version}"`, 'accept-ranges': 'bytes' };
    response.writeHead(from === 0 ? 200 : 206, headers);
    await this.#send(response, file.subarray(from));
  }

  async #send(response: ServerResponse, bytes: Buffer): Promise<void> {
    const { breaksAfter = bytes.length, pauseMs = 0 } = this.behaviour;
    const end = Math.min(bytes.length, breaksAfter);
    for (let at = 0; at < end && !response.destroyed; at += 65_536) {
      response.write(bytes.subarray(at, Math.min(end, at + 65_536)));
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    if (end < bytes.length) setTimeout(() => response.destroy(), 50);
    else response.end();
  }
}

function firstByteOf(range: string): number {
  return Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0);
}

function refuse(response: ServerResponse, { status, location }: NonNullable<Behaviour['instead']>): void {
  response.writeHead(status, location === undefined ? {} : { location }).end();
}
