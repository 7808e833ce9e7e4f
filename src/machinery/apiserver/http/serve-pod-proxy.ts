import { type ClientRequest, type IncomingMessage, request as sendHttp } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connect as connectTls } from 'node:tls';
import type { Pod } from '#api/generated/kubernetes.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import { connectionRequest } from '../admission/connection.ts';
import { requireVerb, type Verb } from '../access/guarded.ts';
import type { ApiRequest } from '../request.ts';
import { badRequest, methodNotAllowed } from '../status-error.ts';
import { readObject } from '../verbs/read.ts';
import type { HandlerContext } from './handler-context.ts';
import { type Exchange, type Headers, isGone, startResponse } from './messages.ts';
import { duplexOfPort } from './port-duplex.ts';

/** Where a proxied request goes: `[SCHEME:]NAME[:PORT]` (apimachinery `SplitSchemeNamePort`). */
interface Destination {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  /** A number, or the name of a container's port; `''` = the first port that a container has. */
  readonly port: string;
}

const VERBS: Readonly<Record<string, Verb>> = { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const DEFAULT_PORT = 80;
const MAX_PORT = 65_535;
/** Headers that belong to one connection (RFC 9110 section 7.6.1), and what only this server may hear. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'cookie',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Headers of an answer that would speak for this whole server. */
const OWN_ANSWERS: ReadonlySet<string> = new Set(['clear-site-data', 'set-cookie', 'strict-transport-security']);

/** Hands a request on to a server inside of a pod (`…/pods/NAME:PORT/proxy/PATH`), and its answer back. @throws ApiError, PlatformError before anything was sent */
export async function servePodProxy(ctx: HandlerContext, exchange: Exchange, request: ApiRequest): Promise<undefined> {
  const verb = VERBS[exchange.method];
  if (verb === undefined) throw methodNotAllowed(exchange.method);
  const destination = readDestination(request.name);
  const asked = { ...request, name: destination.name };
  requireVerb(ctx.server, asked, verb);
  const pod = trusted<Pod>(readObject(ctx.server, { ...asked, subresource: '' }).object);
  await ctx.server.admission.connect(connectionRequest(asked, exchange.query, new Map()));
  const source = ctx.podStreams();
  if (source === undefined)
    throw new PlatformError({
      code: 'Unavailable',
      reason: 'NoPodStreams',
      message: 'no node works on this server yet, so nothing can be reached inside pods: wait until it has started, or start one',
    });
  const ending = new AbortController();
  exchange.response.once('close', () => ending.abort());
  const connection = await source.connect(pod, portOf(pod, destination.port), ending.signal);
  await relay(exchange, { scheme: destination.scheme, socket: duplexOfPort(connection), pod });
  return undefined;
}

function readDestination(text: string): Destination {
  const [first = '', second, third, ...more] = text.split(':');
  const [scheme, name, port = ''] = third === undefined ? ['', first, second] : [first, second ?? '', third];
  if (more.length > 0 || name === '' || !['', 'http', 'https'].includes(scheme))
    throw badRequest(`invalid pod request ${JSON.stringify(text)}`);
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port };
}

function portOf({ spec: { containers } }: Pod, wanted: string): number {
  const ports = containers.flatMap((container) => container.ports ?? []);
  if (wanted === '') return ports[0]?.containerPort ?? DEFAULT_PORT;
  const port = ports.find(({ name }) => name === wanted)?.containerPort ?? Number(wanted);
  if (Number.isInteger(port) && port >= 1 && port <= MAX_PORT) return port;
  throw badRequest(
    `${JSON.stringify(wanted)} is no port of the pod: write a number from 1 to ${MAX_PORT}, or the name of a port of its containers`,
  );
}

interface Target {
  readonly scheme: Destination['scheme'];
  readonly socket: Duplex;
  readonly pod: Pod;
}

async function relay(exchange: Exchange, { scheme, socket, pod }: Target): Promise<void> {
  const { request, response } = exchange;
  const { base, path } = proxiedPath(request.url ?? '/');
  // why unverified: nobody issues certificates for the addresses of pods; kube-apiserver does the same
  const open = (): Duplex => (scheme === 'https' ? connectTls({ socket, rejectUnauthorized: false }) : socket);
  const headers = { ...passedOn(request.headers), host: pod.status?.podIP ?? pod.metadata.name };
  const sent = sendHttp({ createConnection: open, method: exchange.method, path, headers });
  const answered = answerOf(sent);
  if (exchange.method === 'GET' || exchange.method === 'HEAD') sent.end();
  // why: a server that answers before it has read everything is within its rights
  else pipeline(request, sent).catch(() => {});
  const answer = await answered;
  if (isGone(response)) return;
  startResponse(response, answer.statusCode ?? 502, answerHeaders(answer, base));
  await pipeline(answer, response).catch(() => {});
}

/** The part of the URL up to and including `/proxy`, and what is asked for behind it. */
function proxiedPath(url: string): { readonly base: string; readonly path: string } {
  const [, base = '', path = ''] = /^([^?]*?\/pods\/[^/?]+\/proxy)([/?].*)?$/.exec(url) ?? [];
  return { base, path: path.startsWith('/') ? path : `/${path}` };
}

function answerOf(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve);
    sent.once('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(
        new PlatformError({
          code: 'Unavailable',
          reason: 'PodUnreachable',
          message: 'the pod changed to a protocol that nobody asked for',
        }),
      );
    });
    sent.on('error', (cause) =>
      reject(
        new PlatformError({
          code: 'Unavailable',
          reason: 'PodUnreachable',
          message: `error trying to reach the pod: ${PlatformError.from(cause).message}`,
          cause,
        }),
      ),
    );
  });
}

function passedOn(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || name.startsWith(':') || OWN_HEADERS.has(name) ? [] : [[name, value]],
    ),
  );
}

function answerHeaders({ headers }: IncomingMessage, base: string): Headers {
  const { location } = headers;
  return {
    ...Object.fromEntries(Object.entries(passedOn(headers)).filter(([name]) => !OWN_ANSWERS.has(name))),
    ...(location?.startsWith('/') === true ? { location: `${base}${location}` } : {}),
    // why: what a pod serves must not act in a browser as a page of this server, which has the console
    'content-security-policy': 'sandbox',
  };
}
