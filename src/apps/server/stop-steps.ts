/** What becomes of pods when their node stops: they go on, or end until it starts again. */
export type PodsAtStop = 'keep' | 'pause';

/** Stops one thing. */
type StopStep = (pods: PodsAtStop) => Promise<void> | void;

/** What was started, to be stopped in reverse order. */
export class StopSteps {
  readonly #steps: StopStep[] = [];

  add(step: StopStep): void {
    this.#steps.push(step);
  }

  /** Stops everything, once; a step that fails does not keep what started before it from being stopped. @throws the first failure */
  async run(pods: PodsAtStop): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step(pods);
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
