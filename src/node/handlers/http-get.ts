import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { HTTPGetAction } from '#api/generated/kubernetes.ts';
import { ANSWER_BYTES, connectionError, type HandlerOutcome } from './handler-outcome.ts';
import { type PodPort, reachPort } from './reach-pod.ts';

/** Where to ask, and what. */
export interface HttpCall {
  readonly action: HTTPGetAction;
  readonly target: PodPort;
  /** Names the asker: probes and hooks have different ones. */
  readonly userAgent: string;
}

interface HttpAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

/** Redirects within the same host that are followed (upstream: 10). */
const MAX_REDIRECTS = 10;

/** Asks with GET: 200 to 399 is success; redirects are followed as long as they stay on the host. Certificates are not checked, as upstream. */
export async function probeHttp(call: HttpCall, signal: AbortSignal): Promise<HandlerOutcome> {
  let url = urlOf(call);
  try {
    for (let hops = 0; ; hops += 1) {
      const { status, location, body } = await get(call, url, signal);
      if (status < 200 || status >= 400) return { isOk: false, message: `HTTP probe failed with statuscode: ${status}` };
      const next = status >= 300 && location !== undefined && URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (next === undefined || next.host !== url.host || next.protocol !== url.protocol) return { isOk: true, message: body };
      if (hops >= MAX_REDIRECTS) return { isOk: false, message: `Get "${next.href}": stopped after 10 redirects` };
      url = next;
    }
  } catch (error) {
    return { isOk: false, message: `Get "${url.href}": ${whyNoAnswer(error, call, signal)}` };
  }
}

/** Asks once; any answer is success. */
export async function callHttp(call: HttpCall, signal: AbortSignal): Promise<HandlerOutcome> {
  const url = urlOf(call);
  try {
    const { status } = await get(call, url, signal);
    return { isOk: true, message: String(status) };
  } catch (error) {
    return { isOk: false, message: `Get "${url.href}": ${whyNoAnswer(error, call, signal)}` };
  }
}

function whyNoAnswer(error: unknown, { target }: HttpCall, signal: AbortSignal): string {
  return signal.aborted ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' : connectionError(error, target);
}

function urlOf({ action, target }: HttpCall): URL {
  const scheme = action.scheme === 'HTTPS' ? 'https' : 'http';
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const path = action.path ?? '/';
  return new URL(`${scheme}://${host}:${target.port}${path.startsWith('/') ? path : `/${path}`}`);
}

function get({ action, target, userAgent }: HttpCall, url: URL, signal: AbortSignal): Promise<HttpAnswer> {
  const connection = reachPort(target, signal);
  const socket = url.protocol === 'https:' ? secured(connection) : connection;
  const answer = new Promise<HttpAnswer>((resolve, reject) => {
    // why its own listener: a connection that fails after the answer has nobody else to hear it
    connection.on('error', reject);
    // why no agent: one would make connections of its own instead of taking this one
    const asked = request({ method: 'GET', path: url.pathname + url.search, createConnection: () => socket, signal });
    asked.setHeader('Host', url.host);
    asked.setHeader('User-Agent', userAgent);
    asked.setHeader('Accept', '*/*');
    asked.setHeader('Connection', 'close');
    for (const [name, values] of headersOf(action)) asked.setHeader(name, values);
    asked.once('error', reject);
    // why: an answer that switches protocols ends the request without an error and without a response
    asked.once('close', () => reject(new Error('EOF')));
    asked.once('response', (response) => {
      let body = '';
      const done = (): void => resolve({ status: response.statusCode ?? 0, location: response.headers.location, body });
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString('utf8');
        if (body.length >= ANSWER_BYTES) done();
      });
      response.once('end', done);
      response.once('error', reject);
    });
    asked.end();
  });
  return answer.finally(() => {
    socket.destroy();
    connection.destroy();
  });
}

/** One header may come several times. */
function headersOf(action: HTTPGetAction): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const { name, value } of action.httpHeaders ?? []) {
    const key = name.toLowerCase();
    headers.set(key, [...(headers.get(key) ?? []), value]);
  }
  return headers;
}

function secured(connection: Duplex): Duplex {
  const socket = connectTls({ socket: connection, rejectUnauthorized: false });
  socket.on('error', () => {});
  return socket;
}
