import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** A connection that a client wants to turn into something else. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came behind the request's headers. */
  readonly head: Buffer;
}

/** Takes an upgraded connection for a path of the API; never throws and never rejects. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;
