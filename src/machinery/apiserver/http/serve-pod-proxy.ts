import { type ClientRequest, type IncomingMessage, request as sendHttp } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connect as connectTls } from 'node:tls';
import type { Pod } from '#api/generated/kubernetes.ts';
import { pods } from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import { recordReach } from '../access/audit/record-reach.ts';
import type { Verb } from '../verbs/guarded.ts';
import type { ApiRequest } from '../contract/request.ts';
import { badRequest, forbidden, methodNotAllowed, toApiError } from '../contract/status-error.ts';
import type { HandlerContext } from './handler-context.ts';
import { type Exchange, type Headers, isGone, startResponse } from './messages.ts';
import { podStreamsOf } from './pod-streams.ts';
import { duplexOfPort } from './port-duplex.ts';

/** Where a proxied request goes: `[SCHEME:]NAME[:PORT]` (apimachinery `SplitSchemeNamePort`). */
interface Destination {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  /** A number, or the name of a container's port; `''` = the first port that a container has. */
  readonly port: string;
}

const VERBS: Readonly<Record<string, Verb>> = { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const UNCHANGEABLE =
  'a MutatingAdmissionPolicy changes the options of a request that is only handed on: let it be about pods/exec, pods/attach and pods/portforward';
const DEFAULT_PORT = 80;
const MAX_PORT = 65_535;
/** Of an answer without a status, which Node does not let through. */
const UNKNOWN_STATUS = 502;
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
  const { server } = ctx;
  const receivedMs = server.clock.nowMs();
  let isToRecord = verb !== 'get' || server.audit.recordsReads === true;
  const record = (code: number, reason?: string): void => {
    if (!isToRecord) return;
    isToRecord = false;
    recordReach(server, { request: asked, verb, receivedMs, code, ...(reason === undefined ? {} : { reason }) });
  };
  try {
    const pod = ctx.api.permittedPod(asked, [verb]);
    const connection = await ctx.api.connect(asked, exchange.query);
    if (connection.options !== connection.asked) throw forbidden(pods, asked.name, UNCHANGEABLE);
    await ctx.proxied.run({ pod, user: request.user }, async () => {
      const { answer, base } = await ask(ctx, exchange, { pod, destination });
      record(answer.statusCode ?? UNKNOWN_STATUS);
      await handBack(exchange, answer, base);
    });
  } catch (thrown) {
    const error = toApiError(thrown);
    record(error.status.code, error.status.reason);
    throw thrown;
  }
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
  readonly pod: Pod;
  readonly destination: Destination;
}

/** What the server inside of the pod answers, and the path that its own paths begin with on the outside. */
interface Answered {
  readonly answer: IncomingMessage;
  readonly base: string;
}

async function ask(ctx: HandlerContext, { request, response, method }: Exchange, { pod, destination }: Target): Promise<Answered> {
  const ending = new AbortController();
  response.once('close', () => ending.abort());
  // why: who left while admission was asked closes no more
  if (isGone(response)) ending.abort();
  const socket = duplexOfPort(await podStreamsOf(ctx).connect(pod, portOf(pod, destination.port), ending.signal));
  const { base, path } = proxiedPath(request.url ?? '/');
  // why unverified: nobody issues certificates for the addresses of pods; kube-apiserver does the same
  const open = (): Duplex => (destination.scheme === 'https' ? connectTls({ socket, rejectUnauthorized: false }) : socket);
  const headers = { ...passedOn(request.headers), host: pod.status?.podIP ?? pod.metadata.name };
  const sent = sendHttp({ createConnection: open, method, path, headers });
  const answered = answerOf(sent);
  if (method === 'GET' || method === 'HEAD') sent.end();
  // why: a server that answers before it has read everything is within its rights
  else pipeline(request, sent).catch(() => {});
  return { answer: await answered, base };
}

async function handBack({ response }: Exchange, answer: IncomingMessage, base: string): Promise<void> {
  if (isGone(response)) {
    answer.destroy();
    return;
  }
  startResponse(response, answer.statusCode ?? UNKNOWN_STATUS, answerHeaders(answer, base));
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
