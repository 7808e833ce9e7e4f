import { CommandFailed, CommandTimedOut, type Exec, type ExecOptions, type ExecResult } from '#kit/exec.ts';
import { type Mount, parseMountTable } from '#linux/mount-table.ts';
import { Mounter } from '#linux/mounter.ts';
import { type Guest, GuestCommandFailed } from './guest.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
/** What timeout(1) exits with after SIGKILL. */
const KILLED = 137;

/** Runs the node's commands in a guest, whose kernel answers them. */
export class GuestExec implements Exec {
  readonly #guest: Guest;

  constructor(guest: Guest) {
    this.#guest = guest;
  }

  async run(argv: readonly string[], { timeoutMs = DEFAULT_TIMEOUT_MS, okCodes = [0] }: ExecOptions = {}): Promise<ExecResult> {
    const words = argv.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
    try {
      return { stdout: await this.#guest.run(`LC_ALL=C timeout -s KILL ${timeoutMs / 1000} ${words.join(' ')}`), stderr: '', exitCode: 0 };
    } catch (error) {
      if (!(error instanceof GuestCommandFailed)) throw error;
      if (error.code === KILLED) throw new CommandTimedOut(argv, timeoutMs);
      const result = { stdout: '', stderr: error.said, exitCode: error.code };
      if (okCodes.includes(error.code)) return result;
      throw new CommandFailed(argv, result);
    }
  }
}

/** Mounts in a guest, and sees what is mounted there. */
export class GuestMounter extends Mounter {
  readonly #guest: Guest;

  constructor(guest: Guest) {
    super(new GuestExec(guest));
    this.#guest = guest;
  }

  override async table(): Promise<readonly Mount[]> {
    return parseMountTable(await this.#guest.run('cat /proc/self/mountinfo'));
  }
}
