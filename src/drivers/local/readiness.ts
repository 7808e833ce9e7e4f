import { DriverNotReady } from './errors.ts';

/** Whether the driver has looked at its pool. Until then it cannot tell what exists, so it answers nothing but Probe. */
export class Readiness {
  #isReady = false;

  get isReady(): boolean {
    return this.#isReady;
  }

  open(): void {
    this.#isReady = true;
  }

  close(): void {
    this.#isReady = false;
  }

  /** @throws DriverNotReady */
  require(): void {
    if (!this.#isReady) throw new DriverNotReady();
  }
}
