import type { MethodDefinition } from '@grpc/grpc-js';
import { CSI_FACTS, methodName } from './facts.ts';
import { messageCodec } from './message-codec.ts';

/** The services whose methods all take one message and answer with one. */
export type UnaryService = 'Identity' | 'Controller' | 'GroupController' | 'Node';

/** How each method of a service travels; keys are method names as in the generated types. */
export type UnaryDefinition = Readonly<Record<string, MethodDefinition<unknown, unknown>>>;

/** The gRPC definition of one service of `csi.v1`. */
export function serviceDefinition(service: UnaryService): UnaryDefinition {
  const definition: Record<string, MethodDefinition<unknown, unknown>> = {};
  for (const [rpc, [request, response]] of Object.entries(CSI_FACTS.services[service] ?? {})) {
    const requestCodec = messageCodec(request);
    const responseCodec = messageCodec(response);
    definition[methodName(rpc)] = {
      path: `/${CSI_FACTS.package}.${service}/${rpc}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: requestCodec.encode,
      requestDeserialize: requestCodec.decode,
      responseSerialize: responseCodec.encode,
      responseDeserialize: responseCodec.decode,
    };
  }
  return definition;
}
