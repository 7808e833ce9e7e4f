import type { ByteSink } from '#kit/byte-sink.ts';
import type { Pod } from './generated/kubernetes.ts';

/** The size of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What `…/pods/NAME/attach` asks for. */
export interface AttachOptions {
  /** A container or init container of the pod; already resolved by the server. */
  readonly container: string;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** The process has a terminal: there is no stderr of its own, and its size can be changed. */
  readonly tty: boolean;
  /** Aborts when the client has gone: everything of the session is released. */
  readonly signal: AbortSignal;
}

/** What `…/pods/NAME/exec` asks for. */
export interface ExecOptions extends AttachOptions {
  readonly command: readonly string[];
}

/** A process in a container, seen from afar. Outputs end before `exitCode` counts. */
export interface RemoteProcess {
  readonly stdin?: ByteSink | undefined;
  readonly stdout?: AsyncIterable<Uint8Array> | undefined;
  readonly stderr?: AsyncIterable<Uint8Array> | undefined;
  /** Without a terminal it does nothing. */
  resize(size: TerminalSize): void;
  /** Resolves when the process has ended (of an attachment: when there is nothing more to see, with 0). */
  readonly exitCode: Promise<number>;
}

/** A connection to a port inside a pod. */
export interface PortConnection {
  readonly outgoing: ByteSink;
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Resolves when the pod's side has ended. @throws PlatformError where it could not be reached */
  readonly closed: Promise<void>;
}

/** Where the API server reaches into pods: the embedded node implements it. */
export interface PodStreamSource {
  /** @throws PlatformError `InvalidArgument` where the container does not run */
  exec(pod: Pod, options: ExecOptions): Promise<RemoteProcess>;
  /** @throws PlatformError `InvalidArgument` where the container does not run */
  attach(pod: Pod, options: AttachOptions): Promise<RemoteProcess>;
  /** Connects to `port` of the pod; the connection goes when the signal aborts. @throws PlatformError `InvalidArgument` where the pod does not run */
  connect(pod: Pod, port: number, signal: AbortSignal): Promise<PortConnection>;
}
