import type { Transport, TransportRequest, TransportResponse } from '#machinery/client/transport.ts';

/** An answer of a {@link FakeTransport}: a whole one, or one that stays open. */
export type FakeAnswer =
  | { readonly status?: number; readonly retryAfterSec?: number; readonly json: unknown }
  | { readonly status?: number; readonly retryAfterSec?: number; readonly text: string }
  | OpenAnswer;

/** Answers requests by a function, without a network; keeps what was asked. */
export class FakeTransport implements Transport {
  readonly server = 'https://cluster.test:6443';
  readonly requests: TransportRequest[] = [];
  isClosed = false;
  readonly #answer: (request: TransportRequest) => FakeAnswer | Promise<FakeAnswer>;

  /** `answer` may throw, as a connection that can't be made. */
  constructor(answer: (request: TransportRequest) => FakeAnswer | Promise<FakeAnswer>) {
    this.#answer = answer;
  }

  async open(request: TransportRequest): Promise<TransportResponse> {
    this.requests.push(request);
    const answer = await Promise.race([this.#answer(request), aborted(request.signal)]);
    if (answer instanceof OpenAnswer) {
      request.signal.addEventListener('abort', () => answer.break(new Error('aborted')), { once: true });
      return { status: 200, body: answer };
    }
    const text = 'json' in answer ? JSON.stringify(answer.json) : answer.text;
    return { status: answer.status ?? 200, retryAfterSec: answer.retryAfterSec, body: once(Buffer.from(text)) };
  }

  close(): void {
    this.isClosed = true;
  }
}

/** An answer that a test goes on writing. */
export class OpenAnswer implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  #end: 'open' | 'ended' | Error = 'open';
  #wake: () => void = () => {};

  /** One line of JSON per value. */
  send(...values: readonly unknown[]): void {
    this.write(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  }

  /** Raw text, perhaps only a part of a line. */
  write(text: string): void {
    this.#chunks.push(Buffer.from(text));
    this.#wake();
  }

  /** The server closes the answer. */
  end(): void {
    if (this.#end === 'open') this.#end = 'ended';
    this.#wake();
  }

  /** The connection breaks. */
  break(error: Error): void {
    if (this.#end === 'open') this.#end = error;
    this.#wake();
  }

  get isOpen(): boolean {
    return this.#end === 'open';
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#end === 'ended') return;
      else if (this.#end !== 'open') throw this.#end;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

async function* once(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(new Error('aborted'));
    if (signal.aborted) fail();
    signal.addEventListener('abort', fail, { once: true });
  });
}
