import type { Pod } from '#api/generated/kubernetes.ts';
import type { PodStreamSource } from '#api/pod-streams.ts';
import type { Clock } from '#kit/clock.ts';
import type { Upgrade } from '../http/upgrade.ts';

/** A client that was let in to a pod. */
export interface Session {
  readonly upgrade: Upgrade;
  readonly pod: Pod;
  readonly query: URLSearchParams;
  readonly source: PodStreamSource;
  readonly clock: Clock;
  /** Aborts when the client has gone or the server closes; aborting it ends the session. */
  readonly ending: AbortController;
  /** To be called when the connection has been upgraded: from then on nothing can be refused any more. */
  readonly upgraded: () => void;
}
