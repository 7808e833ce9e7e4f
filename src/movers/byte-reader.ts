import { FillFailed } from './fill-errors.ts';

/** Takes a stream apart: as much at a time as is asked for. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next `count` bytes; fewer at the end. Only for small counts. */
  async take(count: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (let missing = count; missing > 0;) {
      const piece = await this.#piece(missing);
      if (piece === undefined) break;
      pieces.push(piece);
      missing -= piece.length;
    }
    return pieces.length === 1 ? (pieces[0] ?? new Uint8Array()) : Buffer.concat(pieces);
  }

  /** The next `count` bytes, piece by piece. @throws FillFailed where the stream ends before */
  async *pass(count: number): AsyncGenerator<Uint8Array> {
    for (let missing = count; missing > 0;) {
      const piece = await this.#piece(missing);
      if (piece === undefined) throw new FillFailed('the archive ends in the middle of a file');
      missing -= piece.length;
      yield piece;
    }
  }

  /** All that follows. */
  async *all(): AsyncGenerator<Uint8Array> {
    for (let piece = await this.#piece(Number.POSITIVE_INFINITY); piece !== undefined; piece = await this.#piece(Number.POSITIVE_INFINITY))
      yield piece;
  }

  /** Looks at the next `count` bytes without taking them. */
  async peek(count: number): Promise<Uint8Array> {
    const taken = await this.take(count);
    this.#rest = this.#rest.length === 0 ? taken : Buffer.concat([taken, this.#rest]);
    return taken;
  }

  async #piece(atMost: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) return undefined;
      this.#rest = next.value;
    }
    const piece = this.#rest.subarray(0, atMost);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }
}
