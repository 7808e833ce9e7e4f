import { Client, connectivityState, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { type Clock, SystemClock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { CallContext } from './call.ts';
import type {
  ControllerService,
  GroupControllerService,
  IdentityService,
  NodeService,
  SnapshotMetadataService,
} from './generated/messages.ts';
import { fromGrpcStatus } from './grpc-status.ts';
import { type ServiceDefinition, serviceDefinition, type ServiceName } from './service-definitions.ts';

/**
 * A connection to one CSI driver. Every method throws a PlatformError whose `code` is the gRPC status, kept as the driver sent it;
 * `Unavailable` where the socket does not answer, `DeadlineExceeded` after `timeoutMs`.
 */
export interface CsiClient {
  readonly identity: IdentityService;
  readonly controller: ControllerService;
  readonly groupController: GroupControllerService;
  readonly snapshotMetadata: SnapshotMetadataService;
  readonly node: NodeService;
  close(): void;
}

/** A call without its own limit gives up after this long (external-provisioner's default `--timeout`). */
const DEFAULT_TIMEOUT_MS = 10_000;
/** Bytes of one answer: ListVolumes of a large driver without paging outgrows gRPC's 4 MiB. */
export const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** Connects lazily to the driver at `socketPath`: nothing happens before the first call, and a driver that comes back is found by the next one. */
export function connectCsi(options: { readonly socketPath: string; readonly clock?: Clock }): CsiClient {
  const client = new Client(`unix:${options.socketPath}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.min_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 1_000,
  });
  const clock = options.clock ?? new SystemClock();
  const { socketPath } = options;
  const service = (name: ServiceName): unknown => serviceProxy({ client, clock, socketPath, definition: serviceDefinition(name) });
  return {
    // why: each object has one method per row of the table from which the interfaces were generated
    identity: trusted<IdentityService>(service('Identity')),
    controller: trusted<ControllerService>(service('Controller')),
    groupController: trusted<GroupControllerService>(service('GroupController')),
    snapshotMetadata: trusted<SnapshotMetadataService>(service('SnapshotMetadata')),
    node: trusted<NodeService>(service('Node')),
    close: () => client.close(),
  };
}

interface Connection {
  readonly client: Client;
  readonly clock: Clock;
  readonly socketPath: string;
  readonly definition: ServiceDefinition;
}

function serviceProxy(
  connection: Connection,
): Readonly<Record<string, (request: unknown, call?: CallContext) => Promise<unknown> | AsyncIterable<unknown>>> {
  return Object.fromEntries(
    Object.entries(connection.definition).map(([method, { responseStream }]) => [
      method,
      (request: unknown, call: CallContext = {}) => (responseStream ? receive : invoke)(connection, { method, request, call }),
    ]),
  );
}

interface Invocation {
  readonly method: string;
  readonly request: unknown;
  readonly call: CallContext;
}

function invoke(connection: Connection, { method, request, call }: Invocation): Promise<unknown> {
  const { client, clock, definition } = connection;
  const rpc = definition[method];
  if (rpc === undefined) throw new TypeError(`no method ${method}`);
  return new Promise((resolve, reject) => {
    if (call.signal?.aborted) {
      reject(gaveUp(rpc.path, call.signal));
      return;
    }
    const timeoutMs = call.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const deadline = clock.nowMs() + timeoutMs;
    const onAnswer = (error: ServiceError | null, response?: unknown): void => {
      call.signal?.removeEventListener('abort', onAbort);
      if (error === null) resolve(response);
      else reject(fromGrpcStatus(error, { method: rpc.path, silence: whySilent(connection, error, { deadline, timeoutMs }) }));
    };
    const running = begin(connection, () =>
      // oxlint-disable-next-line max-params -- the signature is grpc-js's
      client.makeUnaryRequest(rpc.path, rpc.requestSerialize, rpc.responseDeserialize, request, { deadline }, onAnswer),
    );
    const onAbort = (): void => running.cancel();
    call.signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The messages of a call whose answer is a stream; leaving the loop ends the call. */
async function* receive(connection: Connection, { method, request, call }: Invocation): AsyncGenerator {
  const { client, clock, definition } = connection;
  const rpc = definition[method];
  if (rpc === undefined) throw new TypeError(`no method ${method}`);
  if (call.signal?.aborted) throw gaveUp(rpc.path, call.signal);
  const timeoutMs = call.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const deadline = clock.nowMs() + timeoutMs;
  const running = begin(connection, () =>
    client.makeServerStreamRequest(rpc.path, rpc.requestSerialize, rpc.responseDeserialize, request, { deadline }),
  );
  const onAbort = (): void => running.cancel();
  call.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const message of running) yield message;
  } catch (thrown) {
    if (!isServiceError(thrown)) throw thrown;
    throw fromGrpcStatus(thrown, { method: rpc.path, silence: whySilent(connection, thrown, { deadline, timeoutMs }) });
  } finally {
    call.signal?.removeEventListener('abort', onAbort);
    running.cancel();
  }
}

/** Starts a call; grpc-js throws only where the client was closed. @throws PlatformError `Unavailable` */
function begin<T>({ socketPath }: Connection, start: () => T): T {
  try {
    return start();
  } catch (cause) {
    const message = `the connection to the driver at ${socketPath} was closed on this side: the driver was removed, or the platform stops`;
    throw new PlatformError({ code: 'Unavailable', reason: 'DriverConnectionClosed', message, cause });
  }
}

function gaveUp(path: string, signal: AbortSignal): PlatformError {
  return new PlatformError({
    code: 'Canceled',
    reason: 'Canceled',
    message: `${path}: the caller gave up before the call`,
    cause: signal.reason,
  });
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'number';
}

/**
 * Why the driver said nothing, in words that are the same each time: those of gRPC have times and addresses in them, and each would be another
 * event. Undefined where the driver itself has answered.
 */
function whySilent(
  { client, clock, socketPath }: Connection,
  error: ServiceError,
  { deadline, timeoutMs }: { readonly deadline: number; readonly timeoutMs: number },
): string | undefined {
  if (error.code === status.DEADLINE_EXCEEDED && clock.nowMs() >= deadline)
    return `context deadline exceeded: the driver did not answer within ${timeoutMs / 1_000} s, and may still be at work`;
  const isConnected = client.getChannel().getConnectivityState(false) === connectivityState.READY;
  if (error.code !== status.UNAVAILABLE || isConnected) return undefined;
  return `no connection to the driver at ${socketPath}: it does not run, or went away in the middle of the call`;
}
