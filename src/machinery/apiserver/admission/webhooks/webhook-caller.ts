import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { parseExactJson } from '#kit/exact-json.ts';
import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';

/** Where a webhook is. */
export interface WebhookTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** The name that its certificate must have. */
  readonly serverName: string;
  /** Authorities that may have signed its certificate; absent = those of the system. */
  readonly caPem?: string | undefined;
  /** As it stands in messages. */
  readonly url: string;
}

/** Sends a question and answers what came back. */
export interface WebhookCaller {
  /** @throws WebhookFailed in the words of the fault */
  post(target: WebhookTarget, body: string, timeoutMs: number): Promise<unknown>;
}

/** A webhook gave no answer that could be used. */
export class WebhookFailed extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super({ code: 'Internal', reason: 'WebhookFailed', message, ...(cause === undefined ? {} : { cause }) });
  }
}

/** Most bytes of an answer: a patch may replace an object as large as a body may be, in base64. */
const MAX_ANSWER_BYTES = 6 * 1024 * 1024;
/** Connections to one webhook, of which some are kept for the next question. */
const MAX_SOCKETS = 64;
const MAX_IDLE_SOCKETS = 8;
/** Characters of a refusal's body that are told. */
const MAX_TOLD = 500;

/** Calls webhooks over HTTPS; connections are kept. */
export class HttpsWebhookCaller implements WebhookCaller {
  readonly #clock: Clock;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, maxFreeSockets: MAX_IDLE_SOCKETS, minVersion: 'TLSv1.2' });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async post(target: WebhookTarget, body: string, timeoutMs: number): Promise<unknown> {
    const abort = new AbortController();
    const timer = this.#clock.after(timeoutMs, () => abort.abort());
    try {
      const { status, text } = await this.#send(target, body, abort.signal);
      if (status !== 200) throw new WebhookFailed(`the webhook answered HTTP ${status}: ${text.slice(0, MAX_TOLD)}`);
      return parsed(text);
    } catch (thrown) {
      if (abort.signal.aborted) throw new WebhookFailed('context deadline exceeded: the webhook did not answer in time', thrown);
      throw thrown;
    } finally {
      timer.cancel();
    }
  }

  /** Ends kept connections. */
  close(): void {
    this.#agent.destroy();
  }

  async #send(target: WebhookTarget, body: string, signal: AbortSignal): Promise<{ readonly status: number; readonly text: string }> {
    try {
      return await this.#sendOnce(target, body, signal);
    } catch (thrown) {
      // why: a kept connection may have been closed by the webhook just now; the question never reached it
      if (thrown instanceof StaleConnection && !signal.aborted) return this.#sendOnce(target, body, signal);
      throw thrown;
    }
  }

  #sendOnce(target: WebhookTarget, body: string, signal: AbortSignal): Promise<{ readonly status: number; readonly text: string }> {
    return new Promise((resolve, reject) => {
      const outgoing = httpsRequest(
        {
          agent: this.#agent,
          method: 'POST',
          host: target.host,
          port: target.port,
          path: target.path,
          // why: names of hosts go into the handshake, addresses may not (RFC 6066 section 3)
          ...(isIP(target.serverName) === 0 ? { servername: target.serverName } : {}),
          ...(target.caPem === undefined ? {} : { ca: target.caPem }),
          headers: {
            host: target.serverName,
            accept: 'application/json',
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          },
          signal,
        },
        (response) => {
          readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
        },
      );
      outgoing.on('error', (error) => {
        const isStale = outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
        reject(isStale ? new StaleConnection(error.message, error) : new WebhookFailed(error.message, error));
      });
      outgoing.end(body);
    });
  }
}

class StaleConnection extends WebhookFailed {}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const part = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += part.length;
    if (size > MAX_ANSWER_BYTES) throw new WebhookFailed(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    const value: unknown = parseExactJson(text);
    return value;
  } catch (thrown) {
    throw new WebhookFailed('the answer is no JSON', thrown);
  }
}
