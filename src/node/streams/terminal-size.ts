import type { TerminalSize } from '#api/pod-streams.ts';
import type { Exec } from '#kit/exec.ts';
import type { Logger } from '#kit/log.ts';
import { resizeCommand } from '../containers/terminal.ts';

const DEVICE = /^\/dev\/pts\/\d+$/;
/** Sizes are 16-bit numbers in the kernel (ioctl_tty(2)). */
const MAX_SIZE = 65_535;

/** Sets a terminal's size, one change at a time: of many that come at once the last one counts. */
export class TerminalSizer {
  readonly #options: { readonly exec: Exec; readonly log: Logger; readonly busybox: string; readonly device: Promise<string> };
  #wanted: TerminalSize | undefined;
  #isBusy = false;

  /** `device`: the name of the terminal, as soon as it is there; `''` = there is none. */
  constructor(options: { readonly exec: Exec; readonly log: Logger; readonly busybox: string; readonly device: Promise<string> }) {
    this.#options = options;
  }

  resize(size: TerminalSize): void {
    if (![size.columns, size.rows].every((value) => Number.isInteger(value) && value > 0 && value <= MAX_SIZE)) return;
    this.#wanted = size;
    if (!this.#isBusy) void this.#work();
  }

  async #work(): Promise<void> {
    const { exec, log, busybox, device } = this.#options;
    this.#isBusy = true;
    try {
      const name = (await device).trim();
      while (this.#wanted !== undefined) {
        const size = this.#wanted;
        this.#wanted = undefined;
        if (DEVICE.test(name)) await exec.run(resizeCommand(busybox, name, size));
      }
    } catch (err) {
      // why: the process ended in the meantime; a size that could not be set harms nothing
      log.debug('a terminal could not be resized', { err });
    } finally {
      this.#isBusy = false;
    }
  }
}
