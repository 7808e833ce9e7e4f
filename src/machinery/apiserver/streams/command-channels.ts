import type { TerminalSize } from '#api/pod-streams.ts';
import type { ByteSink } from '#kit/byte-sink.ts';
import { isRecord } from '#kit/json.ts';
import type { StatusBody } from '../../client/api-error.ts';

/** The client's side of a command: what exec and attach speak, whichever protocol carries it. */
export interface CommandChannels {
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  /** Calls `listener` with each size of the client's terminal, the ones that came before included. */
  onResize(listener: (size: TerminalSize) => void): void;
  /** Aborts when the client has gone. */
  readonly gone: AbortSignal;
  /** Tells how it ended, and ends the connection. */
  finish(outcome: Outcome): Promise<void>;
}

/** `metav1.Status` of a command that ended. */
export type Outcome = { readonly metadata: object; readonly status: 'Success' } | (Omit<StatusBody, 'code'> & { readonly code?: number });

/** What clients know an exit code by: the answer's reason, and the cause that holds it. No failure of ours has them. */
const NON_ZERO = 'NonZeroExitCode';
const EXIT_CODE = 'ExitCode';

/** What the client is told of an exit code (apimachinery `NonZeroExitCodeReason`). Pure. */
export function outcomeOf(exitCode: number): Outcome {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason: NON_ZERO,
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    details: { causes: [{ reason: EXIT_CODE, message: String(exitCode) }] },
  };
}

/** Longest message about a terminal's size. */
const MAX_SIZE_BYTES = 1_024;

/** The sizes in one or more JSON messages, which may have come together; what can't be read is left out. Pure. */
export function parseSizes(bytes: Uint8Array): TerminalSize[] {
  if (bytes.length > MAX_SIZE_BYTES) return [];
  return Buffer.from(bytes)
    .toString('utf8')
    .split(/(?<=\})/)
    .flatMap((text) => {
      const size = parseSize(text);
      return size === undefined ? [] : [size];
    });
}

function parseSize(text: string): TerminalSize | undefined {
  if (text.trim() === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value)) return undefined;
    const { Width: columns, Height: rows } = value;
    return typeof columns === 'number' && typeof rows === 'number' ? { columns, rows } : undefined;
  } catch {
    // why: a size that can't be read changes nothing
    return undefined;
  }
}
