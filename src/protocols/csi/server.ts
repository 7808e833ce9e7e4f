import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type Clock, SystemClock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { isRecord, trusted } from '#kit/json.ts';
import type { LogFields, Logger } from '#kit/log.ts';
import type { CallContext } from './call.ts';
import { MAX_MESSAGE_BYTES } from './client.ts';
import type {
  ControllerService,
  GroupControllerService,
  IdentityService,
  NodeService,
  SnapshotMetadataService,
} from './generated/messages.ts';
import { toGrpcStatus } from './grpc-status.ts';
import { serviceDefinition, type ServiceName } from './service-definitions.ts';

/** What a driver's process serves; a part left out answers `Unimplemented`, as the specification wants of a plugin without that service. */
export interface CsiServerOptions {
  /** Absolute path, at most 107 bytes. */
  readonly socketPath: string;
  readonly identity: IdentityService;
  readonly controller?: ControllerService | undefined;
  readonly groupController?: GroupControllerService | undefined;
  readonly snapshotMetadata?: SnapshotMetadataService | undefined;
  readonly node?: NodeService | undefined;
  readonly log: Logger;
  readonly clock?: Clock;
}

/** A listening driver. */
export interface CsiServer {
  readonly socketPath: string;
  /** Stops taking calls, lets running ones end (at most 10 s), and removes the socket. Idempotent. */
  close(): Promise<void>;
}

/** The socket cannot be made at the path asked for. */
export class SocketRefused extends PlatformError {
  constructor(path: string, why: string, cause?: unknown) {
    super({ code: 'FailedPrecondition', reason: 'SocketRefused', message: `CSI socket ${path}: ${why}`, details: { path }, cause });
  }
}

/** Bytes of a socket's path, without the closing zero (unix(7), sun_path). */
const MAX_SOCKET_PATH_BYTES = 107;
/** How long running calls may take to end when the server closes. */
const CLOSE_TIMEOUT_MS = 10_000;

/**
 * Serves a driver at a unix socket that only this user can open. A socket that a dead process left is replaced; one that answers is not.
 * @throws SocketRefused where the path is too long, is no socket, or is served by another process
 */
export async function serveCsi(options: CsiServerOptions): Promise<CsiServer> {
  const { socketPath } = options;
  await prepareSocket(socketPath);
  const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES, 'grpc.max_send_message_length': MAX_MESSAGE_BYTES });
  const context = { log: options.log, clock: options.clock ?? new SystemClock() };
  addService(server, { name: 'Identity', implementation: options.identity, ...context });
  addService(server, { name: 'Controller', implementation: options.controller, ...context });
  addService(server, { name: 'GroupController', implementation: options.groupController, ...context });
  addService(server, { name: 'SnapshotMetadata', implementation: options.snapshotMetadata, ...context });
  addService(server, { name: 'Node', implementation: options.node, ...context });
  await bind(server, socketPath);
  await chmod(socketPath, 0o600);
  return { socketPath, close: () => closeServer(server, { socketPath, clock: context.clock }) };
}

async function prepareSocket(path: string): Promise<void> {
  if (!path.startsWith('/')) throw new SocketRefused(path, 'the path must be absolute');
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    throw new SocketRefused(
      path,
      `the path is longer than ${MAX_SOCKET_PATH_BYTES} bytes, the most a unix socket can have; choose a shorter directory`,
    );
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw new SocketRefused(path, 'something that is not a socket is there; remove it');
  if (await answers(path)) throw new SocketRefused(path, 'another process serves it; stop that one first');
  await rm(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) => {
      if (error === null) resolve();
      else reject(new SocketRefused(path, error.message, error));
    });
  });
}

async function closeServer(server: Server, { socketPath, clock }: { readonly socketPath: string; readonly clock: Clock }): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(CLOSE_TIMEOUT_MS, () => server.forceShutdown());
  server.tryShutdown(() => resolve());
  await promise;
  timer.cancel();
  await rm(socketPath, { force: true });
}

interface ServiceToAdd {
  readonly name: ServiceName;
  readonly implementation: object | undefined;
  readonly log: Logger;
  readonly clock: Clock;
}

function addService(server: Server, { name, implementation, log, clock }: ServiceToAdd): void {
  if (implementation === undefined) return;
  const definition = serviceDefinition(name);
  // why: the generated interface has exactly the methods of the definition, each with this signature
  const methods = trusted<Readonly<Record<string, (request: unknown, call: CallContext) => Promise<unknown>>>>(implementation);
  const streams = trusted<Readonly<Record<string, (request: unknown, call: CallContext) => AsyncIterable<unknown>>>>(implementation);
  const handlers: UntypedServiceImplementation = {};
  for (const [method, { path, responseStream }] of Object.entries(definition)) {
    if (responseStream) {
      handlers[method] = (call: ServerWritableStream<unknown, unknown>): void => {
        const context = contextOf(call, clock);
        const open = (): AsyncIterable<unknown> | readonly unknown[] => streams[method]?.(call.request, context) ?? [];
        void answerInPieces({ open, call, signal: context.signal, log: log.with(describe(path, call.request)), clock });
      };
      continue;
    }
    handlers[method] = (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>): void => {
      const run = async (): Promise<unknown> => methods[method]?.(call.request, contextOf(call, clock));
      void answer({ run, callback, log: log.with(describe(path, call.request)), clock });
    };
  }
  server.addService(definition, handlers);
}

function contextOf(
  call: ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>,
  clock: Clock,
): CallContext & { readonly signal: AbortSignal } {
  const abort = new AbortController();
  call.on('cancelled', () => abort.abort(new PlatformError({ code: 'Canceled', reason: 'Canceled', message: 'the caller gave up' })));
  const deadlineMs = Number(call.getDeadline());
  return { signal: abort.signal, timeoutMs: Number.isFinite(deadlineMs) ? Math.max(0, deadlineMs - clock.nowMs()) : undefined };
}

interface Answer {
  readonly run: () => Promise<unknown>;
  readonly callback: sendUnaryData<unknown>;
  readonly log: Logger;
  readonly clock: Clock;
}

async function answer({ run, callback, log, clock }: Answer): Promise<void> {
  const startMs = clock.nowMs();
  try {
    const response = await run();
    log.debug('rpc done', { durationMs: clock.nowMs() - startMs });
    callback(null, response);
  } catch (thrown) {
    logFailure(thrown, log, clock.nowMs() - startMs);
    callback(toGrpcStatus(thrown));
  }
}

interface AnswerInPieces {
  readonly open: () => AsyncIterable<unknown> | readonly unknown[];
  readonly call: ServerWritableStream<unknown, unknown>;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Sends one message after the other, no faster than the caller takes them. */
async function answerInPieces({ open, call, signal, log, clock }: AnswerInPieces): Promise<void> {
  const startMs = clock.nowMs();
  try {
    for await (const message of open()) {
      signal.throwIfAborted();
      if (!call.write(message)) await once(call, 'drain', { signal });
    }
    log.debug('rpc done', { durationMs: clock.nowMs() - startMs });
    call.end();
  } catch (thrown) {
    logFailure(thrown, log, clock.nowMs() - startMs);
    call.emit('error', toGrpcStatus(thrown));
  }
}

function logFailure(thrown: unknown, log: Logger, durationMs: number): void {
  const error = PlatformError.from(thrown);
  const fields = { durationMs, reason: error.reason, err: thrown };
  // why: only what nobody classified is a fault of ours; the rest is an answer, which the caller shows
  if (error.code === 'Unknown') log.error('rpc failed unexpectedly', fields);
  else log.debug('rpc refused', fields);
}

/** What a log line may tell of a request: which volume, never its secrets or parameters. */
function describe(method: string, request: unknown): LogFields {
  if (!isRecord(request)) return { method };
  const volumeId = request['volumeId'] ?? request['name'];
  return typeof volumeId === 'string' ? { method, volumeId } : { method };
}
