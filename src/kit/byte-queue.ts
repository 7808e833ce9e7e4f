/** Bytes that one side pushes and one other side iterates; who pushes waits while more than the limit lies in between. */
export class ByteQueue implements AsyncIterable<Uint8Array> {
  readonly #limitBytes: number;
  #chunks: Uint8Array[] = [];
  #sizeBytes = 0;
  #state: 'open' | 'ended' | 'closed' = 'open';
  #waiting: (() => void)[] = [];

  /** `limitBytes`: from here on `push` waits. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Adds a chunk at once; resolves when there is room for another. After an end it is dropped. */
  async push(chunk: Uint8Array): Promise<void> {
    if (this.#state !== 'open' || chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.length;
    this.#wake();
    // why no look at the state: closing drops what lies here, so there is room then
    while (this.#sizeBytes > this.#limitBytes) await this.#change();
  }

  /** Nothing more comes; what lies here is still read. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    this.#wake();
  }

  /** Nobody reads any more: what lies here is dropped and nobody waits. */
  close(): void {
    this.#state = 'closed';
    this.#chunks = [];
    this.#sizeBytes = 0;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          this.#sizeBytes -= chunk.length;
          this.#wake();
          yield chunk;
        } else if (this.#state === 'open') await this.#change();
        else return;
      }
    } finally {
      this.close();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
