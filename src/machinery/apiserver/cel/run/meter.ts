import { PlatformError } from '#kit/errors.ts';

/** An expression went on for longer than it may. */
export class CostExceeded extends PlatformError {
  constructor() {
    super({ code: 'InvalidArgument', reason: 'BadRequest', message: 'operation cancelled: actual cost limit exceeded' });
  }
}

/** Counts what an evaluation costs, and ends it where that is too much. */
export class Meter {
  readonly #limit: number;
  #cost = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get cost(): number {
    return this.#cost;
  }

  /** @throws CostExceeded */
  charge(cost: number): void {
    this.#cost += cost;
    if (this.#cost > this.#limit) throw new CostExceeded();
  }
}
