/** What both sides know of a call beside its message. */
export interface CallContext {
  /** The caller gives up after this long; absent on the client = 10 s (external-provisioner's default `--timeout`). */
  readonly timeoutMs?: number | undefined;
  /** Aborts when the caller gave up or the connection is gone. */
  readonly signal?: AbortSignal | undefined;
  /** CreateVolume may have been asked for this name before, by whom nobody remembers: then the volume is made nowhere before every place was looked at. */
  readonly mayExist?: boolean | undefined;
  /** A pod goes where CreateVolume is to make the volume: a node where an earlier try may have left one, and that is silent, is not waited for. */
  readonly isPlaced?: boolean | undefined;
}
