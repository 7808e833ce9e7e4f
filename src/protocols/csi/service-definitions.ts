import type { MethodDefinition } from '@grpc/grpc-js';
import { createCodecs } from '../protobuf/message-codec.ts';
import { methodName, STREAM } from '../protobuf/proto-facts.ts';
import { CSI_FACTS } from './facts.ts';

const messageCodec = createCodecs(CSI_FACTS);

/** The services of `csi.v1`. */
export type ServiceName = 'Identity' | 'Controller' | 'GroupController' | 'SnapshotMetadata' | 'Node';

/** How each method of a service travels; keys are method names as in the generated types. */
export type ServiceDefinition = Readonly<Record<string, MethodDefinition<unknown, unknown>>>;

/** The gRPC definition of one service of `csi.v1`. */
export function serviceDefinition(service: ServiceName): ServiceDefinition {
  const definition: Record<string, MethodDefinition<unknown, unknown>> = {};
  for (const [rpc, [request, response]] of Object.entries(CSI_FACTS.services[service] ?? {})) {
    const isStream = response.startsWith(STREAM);
    const requestCodec = messageCodec(request);
    const responseCodec = messageCodec(isStream ? response.slice(STREAM.length) : response);
    definition[methodName(rpc)] = {
      path: `/${CSI_FACTS.package}.${service}/${rpc}`,
      requestStream: false,
      responseStream: isStream,
      requestSerialize: requestCodec.encode,
      requestDeserialize: requestCodec.decode,
      responseSerialize: responseCodec.encode,
      responseDeserialize: responseCodec.decode,
    };
  }
  return definition;
}
