import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';

/** The issuer of OpenID tokens can't be asked, or answers something else. */
export class IssuerUnreachable extends PlatformError {
  constructor(url: string, why: string, cause?: unknown) {
    super({
      code: 'Unavailable',
      reason: 'IssuerUnreachable',
      message: `${url}: ${why}: check --oidc-issuer-url and --oidc-ca-file, and that the issuer runs`,
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

/** Reads JSON from somewhere. */
export type FetchJson = (url: string) => Promise<unknown>;

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;

/** Reads over HTTPS, believing the authorities of `caPem`, or those of the system. */
export function httpsJson({ caPem, clock }: { readonly caPem: string | undefined; readonly clock: Clock }): FetchJson {
  return async (url) => {
    const abort = new AbortController();
    const timer = clock.after(TIMEOUT_MS, () => abort.abort());
    try {
      const parsed: unknown = JSON.parse(await readText(url, { caPem, signal: abort.signal }));
      return parsed;
    } catch (thrown) {
      if (thrown instanceof IssuerUnreachable) throw thrown;
      throw new IssuerUnreachable(url, abort.signal.aborted ? 'no answer in time' : PlatformError.from(thrown).message, thrown);
    } finally {
      timer.cancel();
    }
  };
}

function readText(url: string, { caPem, signal }: { readonly caPem: string | undefined; readonly signal: AbortSignal }): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { signal, headers: { accept: 'application/json' }, ...(caPem === undefined ? {} : { ca: caPem }) };
    const asked = httpsRequest(url, options, (response) => {
      if (response.statusCode === 200) collect(url, response).then(resolve, reject);
      else {
        response.destroy();
        reject(new IssuerUnreachable(url, `it answered HTTP ${response.statusCode ?? 0}`));
      }
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function collect(url: string, response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const part = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += part.length;
    if (size > MAX_BYTES) throw new IssuerUnreachable(url, `the answer is larger than ${MAX_BYTES} bytes`);
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}
