import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import { refuse, serveStream, type StreamCall, type StreamMethod } from '../grpc/serve-stream.ts';
import { createCodecs } from '../protobuf/message-codec.ts';
import { methodName, STREAM } from '../protobuf/proto-facts.ts';
import { SNAPSHOT_METADATA_FACTS } from './facts.ts';
import type { SnapshotMetadataService } from './generated/messages.ts';

const SERVICE = 'SnapshotMetadata';
/** Paths of its calls begin so. */
export const SNAPSHOT_METADATA_PATH = `/${SNAPSHOT_METADATA_FACTS.package}.${SERVICE}/`;
/** A call takes no longer; who wants more goes on from where it ended (external-snapshot-metadata, default `--max-streaming-duration-min`). */
const MAX_CALL_MS = 10 * 60_000;

/** What it is served with. */
export interface ServeOptions {
  readonly clock: Clock;
  readonly log: Logger;
}

/** Answers calls of Kubernetes' SnapshotMetadata service, each a POST below {@link SNAPSHOT_METADATA_PATH}. */
export function snapshotMetadataDoor(
  service: SnapshotMetadataService,
  { clock, log }: ServeOptions,
): (request: Http2ServerRequest, response: Http2ServerResponse) => Promise<void> {
  const methods = methodsOf(service);
  return async (request, response) => {
    const path = request.url;
    const method = methods.get(path);
    if (method === undefined) {
      refuse(
        response,
        new PlatformError({ code: 'Unimplemented', reason: 'MethodUnimplemented', message: `${path} is no call of ${SERVICE}` }),
      );
      return;
    }
    const startMs = clock.nowMs();
    const error = await serveStream(method, { request, response, clock, maxMs: MAX_CALL_MS });
    const fields = { path, durationMs: clock.nowMs() - startMs };
    // why never the request: there is a token in it
    if (error === undefined) log.debug('rpc done', fields);
    else if (error.code === 'Unknown') log.error('rpc failed unexpectedly', { ...fields, reason: error.reason, err: error });
    else log.debug('rpc refused', { ...fields, reason: error.reason, err: error });
  };
}

function methodsOf(service: SnapshotMetadataService): ReadonlyMap<string, StreamMethod> {
  const codecOf = createCodecs(SNAPSHOT_METADATA_FACTS);
  // why trusted: the generated interface has exactly the methods of the table
  const handlers = trusted<Readonly<Record<string, (request: unknown, call: StreamCall) => AsyncIterable<unknown>>>>(service);
  return new Map(
    Object.entries(SNAPSHOT_METADATA_FACTS.services[SERVICE] ?? {}).map(([rpc, [request, response]]) => [
      `${SNAPSHOT_METADATA_PATH}${rpc}`,
      {
        decode: codecOf(request).decode,
        encode: codecOf(response.slice(STREAM.length)).encode,
        open: (question: unknown, call: StreamCall) => handlers[methodName(rpc)]?.(question, call) ?? nothing(),
      },
    ]),
  );
}

async function* nothing(): AsyncGenerator {}
