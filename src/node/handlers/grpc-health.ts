import { connect, constants, type IncomingHttpHeaders } from 'node:http2';
import protobuf from 'protobufjs/minimal.js';
import { ANSWER_BYTES, connectionError, type HandlerOutcome } from './handler-outcome.ts';
import { type PodPort, reachPort } from './reach-pod.ts';

/** The method of the gRPC health checking protocol (grpc/grpc, doc/health-checking.md). */
const METHOD = '/grpc.health.v1.Health/Check';
/** Field 1 of HealthCheckRequest with a length, field 1 of HealthCheckResponse as a number. */
const SERVICE_TAG = (1 << 3) | 2;
const STATUS_TAG = 1 << 3;
const SERVING = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
/** One byte that says whether the message is compressed, four of its length (PROTOCOL-HTTP2.md). */
const PREFIX_BYTES = 5;
const UNIMPLEMENTED = 12;

/** Asks the server behind the port how the service is. Written over HTTP/2 itself, since the connection may be a relay. */
export async function probeGrpc(
  { target, service, timeoutSec }: { readonly target: PodPort; readonly service: string; readonly timeoutSec: number },
  signal: AbortSignal,
): Promise<HandlerOutcome> {
  const place = `${target.host}:${target.port}`;
  try {
    const { status, message, body } = await check(target, service, signal);
    if (status === UNIMPLEMENTED)
      return { isOk: false, message: 'error: this server does not implement the grpc health protocol (grpc.health.v1.Health)' };
    if (status !== 0) return { isOk: false, message: `error: health rpc probe failed: rpc error: code = ${status} desc = ${message}` };
    const health = servingStatus(body);
    return health === 'SERVING'
      ? { isOk: true, message: 'service healthy' }
      : { isOk: false, message: `service unhealthy (responded with ${JSON.stringify(health)})` };
  } catch (error) {
    const why = signal.aborted ? `within ${timeoutSec}s: context deadline exceeded` : connectionError(error, target);
    return { isOk: false, message: `timeout: failed to connect service ${JSON.stringify(place)} ${why}` };
  }
}

interface GrpcAnswer {
  readonly status: number;
  readonly message: string;
  readonly body: Buffer;
}

function check(target: PodPort, service: string, signal: AbortSignal): Promise<GrpcAnswer> {
  const connection = reachPort(target, signal);
  return new Promise((resolve, reject) => {
    const session = connect('http://pod', { createConnection: () => connection });
    const fail = (error: unknown): void => {
      reject(error);
      session.destroy();
      connection.destroy();
    };
    connection.on('error', fail);
    session.on('error', fail);
    signal.addEventListener('abort', () => fail(signal.reason), { once: true });
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: METHOD,
      [constants.HTTP2_HEADER_AUTHORITY]: `${target.host}:${target.port}`,
      'content-type': 'application/grpc',
      'user-agent': 'kube-probe',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let headers: IncomingHttpHeaders = {};
    const take = (more: IncomingHttpHeaders): void => {
      headers = { ...headers, ...more };
    };
    stream.on('response', take);
    stream.on('trailers', take);
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > ANSWER_BYTES) fail(new Error(`the answer is longer than ${ANSWER_BYTES} bytes`));
      else chunks.push(chunk);
    });
    stream.on('error', fail);
    stream.once('close', () => fail(new Error('EOF')));
    stream.once('end', () => {
      session.destroy();
      connection.destroy();
      const status = headers['grpc-status'];
      if (status === undefined) reject(new Error('the server speaks HTTP/2 but not gRPC'));
      else resolve({ status: Number(status), message: textOf(headers['grpc-message']), body: Buffer.concat(chunks) });
    });
    stream.end(framed(service));
  });
}

function textOf(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : (header ?? []).join(', ');
}

function framed(service: string): Buffer {
  const writer = protobuf.Writer.create();
  if (service !== '') writer.uint32(SERVICE_TAG).string(service);
  const message = writer.finish();
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function servingStatus(body: Buffer): string {
  const reader = protobuf.Reader.create(body.subarray(PREFIX_BYTES));
  let status = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === STATUS_TAG) status = reader.int32();
    else reader.skipType(tag & 7);
  }
  return SERVING[status] ?? 'UNKNOWN';
}
