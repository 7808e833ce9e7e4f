import type { Pod } from './generated/kubernetes.ts';

/** What `GET …/pods/NAME/log` asks for. */
export interface PodLogOptions {
  /** A container or init container of the pod; already resolved by the server. */
  readonly container: string;
  /** Keep the answer open and send what is appended. */
  readonly follow: boolean;
  /** The last this many lines; absent = all. */
  readonly tailLines?: number;
  /** Only lines written at or after this time (Unix epoch, milliseconds). */
  readonly sinceMs?: number;
  /** Put the RFC 3339 time in front of each line. */
  readonly timestamps: boolean;
  /** The run before the current one. */
  readonly previous: boolean;
  readonly limitBytes?: number;
  readonly signal: AbortSignal;
}

/** Where the API server gets container logs: the embedded node implements it. */
export interface PodLogSource {
  /** @throws PlatformError `InvalidArgument` while the container has not started, `NotFound` where there is no such run */
  open(pod: Pod, options: PodLogOptions): Promise<AsyncIterable<Uint8Array>>;
}
