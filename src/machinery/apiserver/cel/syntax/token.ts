/** A word of the language. `text` of a string or bytes is what it stands for. */
export interface Token {
  readonly type: 'ident' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'operator' | 'end';
  readonly text: string;
  readonly bytes?: Uint8Array;
  readonly at: number;
}
