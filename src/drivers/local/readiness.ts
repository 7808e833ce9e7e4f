import type { PlatformError } from '#kit/errors.ts';
import { DriverNotReady } from './errors.ts';

/** Whether the driver has looked at its pool. Until then it cannot tell what exists, so it answers nothing but Probe. */
export class Readiness {
  #isReady = false;
  #problem: PlatformError | undefined;

  /** `problem`: why the pool can't be looked at. */
  constructor(problem?: PlatformError) {
    this.#problem = problem;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** There is no pool to look at: whatever of its volumes was here is not mounted, or never goes. */
  get isMissing(): boolean {
    return !this.#isReady && this.#problem !== undefined;
  }

  open(): void {
    this.#isReady = true;
    this.#problem = undefined;
  }

  close(): void {
    this.#isReady = false;
  }

  /** What is there can be used, but the pool may be lost: nothing more is to go into it. */
  distrust(problem: PlatformError | undefined): void {
    this.#problem = problem;
  }

  /** @throws DriverNotReady, or why the pool is not there */
  require(): void {
    if (!this.#isReady) throw this.#problem ?? new DriverNotReady();
  }

  /** For what makes something new. @throws as {@link require}, and where the pool may be lost */
  requireSound(): void {
    this.require();
    if (this.#problem !== undefined) throw this.#problem;
  }
}
