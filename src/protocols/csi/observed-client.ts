import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { CsiClient } from './client.ts';
import { serviceDefinition, type ServiceName } from './service-definitions.ts';

/** One call that is over. */
export interface ObservedCall {
  /** For example `/csi.v1.Controller/CreateVolume`. */
  readonly method: string;
  /** The name of the gRPC status, `OK` for an answer. */
  readonly code: string;
  readonly seconds: number;
}

/** The same client, which tells `onCall` of each call that is over. A stream of messages is not told of: it lasts as long as its reader wants. */
export function observedClient(client: CsiClient, clock: Clock, onCall: (call: ObservedCall) => void): CsiClient {
  const observed = <S extends object>(name: ServiceName, service: S): S => {
    const methods = Object.entries(serviceDefinition(name)).map(([method, { path, responseStream }]): readonly [string, unknown] => {
      const send = (...args: readonly unknown[]): unknown => call(service, method, args);
      return [method, responseStream ? send : timed({ send, method: path, clock, onCall })];
    });
    // why: it has one method per row of the table from which the interface was generated
    return trusted<S>(Object.fromEntries(methods));
  };
  return {
    identity: observed('Identity', client.identity),
    controller: observed('Controller', client.controller),
    groupController: observed('GroupController', client.groupController),
    snapshotMetadata: observed('SnapshotMetadata', client.snapshotMetadata),
    node: observed('Node', client.node),
    close: () => client.close(),
  };
}

function call(service: object, method: string, args: readonly unknown[]): unknown {
  // why trusted: each method of the table is there, and a class needs itself as `this`
  return trusted<(...sent: readonly unknown[]) => unknown>(Reflect.get(service, method)).apply(service, [...args]);
}

interface Timed {
  readonly send: (...args: readonly unknown[]) => unknown;
  readonly method: string;
  readonly clock: Clock;
  readonly onCall: (call: ObservedCall) => void;
}

function timed({ send, method, clock, onCall }: Timed): (...args: readonly unknown[]) => Promise<unknown> {
  return async (...args) => {
    const beganMs = clock.nowMs();
    const end = (code: string): void => onCall({ method, code, seconds: Math.max(0, clock.nowMs() - beganMs) / 1_000 });
    try {
      const answer = await send(...args);
      end('OK');
      return answer;
    } catch (thrown) {
      end(PlatformError.from(thrown).code);
      throw thrown;
    }
  };
}
