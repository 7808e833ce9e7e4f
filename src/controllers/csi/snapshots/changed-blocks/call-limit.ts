import { TooManyBlockCalls } from './errors.ts';

/** Calls that are answered at a time … */
const MAX_CALLS = 64;
/** … and of one caller. */
const MAX_CALLS_OF_ONE = 16;

/** Bounds what the calls hold in memory and at drivers. */
export class CallLimit {
  readonly #byCaller = new Map<string, number>();
  #count = 0;

  /** Takes a place; the answer gives it back. @throws TooManyBlockCalls */
  enter(caller: string): () => void {
    const own = this.#byCaller.get(caller) ?? 0;
    if (this.#count >= MAX_CALLS) throw new TooManyBlockCalls(MAX_CALLS, 'of all users');
    if (own >= MAX_CALLS_OF_ONE) throw new TooManyBlockCalls(MAX_CALLS_OF_ONE, `of ${caller}`);
    this.#add(caller, 1);
    return () => this.#add(caller, -1);
  }

  #add(caller: string, change: number): void {
    this.#count += change;
    const own = (this.#byCaller.get(caller) ?? 0) + change;
    if (own === 0) this.#byCaller.delete(caller);
    else this.#byCaller.set(caller, own);
  }
}
