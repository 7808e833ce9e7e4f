import { fail, ok, type Result } from '#kit/errors.ts';

/** What JSON.parse does not tell of a text. */
export interface JsonScan {
  /** Paths of keys that an object has more than once, for example `spec.replicas`. */
  readonly duplicates: readonly string[];
}

/** What a text may hold. */
export interface JsonLimits {
  readonly maxDepth: number;
  /** Of members and items together. */
  readonly maxValues: number;
}

/**
 * Looks over a JSON text without building it: too deep nesting and too many values are refused, duplicate keys are told.
 * Needs no call stack. Faults of the syntax are left to JSON.parse.
 */
export function scanJson(text: string, limits: JsonLimits): Result<JsonScan> {
  const scan = new Scan(text, limits);
  for (let at = 0; at < text.length; at = scan.step(at)) {
    if (scan.fault !== undefined) return fail(scan.fault);
  }
  return scan.fault === undefined ? ok({ duplicates: scan.duplicates }) : fail(scan.fault);
}

/** Most duplicates that are told. */
const MAX_DUPLICATES = 20;

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

interface Level {
  /** Absent for arrays. */
  readonly keys?: Set<string>;
  index: number;
  /** The member that is being read. */
  member: string;
}

class Scan {
  readonly duplicates: string[] = [];
  fault: string | undefined;
  readonly #text: string;
  readonly #limits: JsonLimits;
  #values = 0;
  readonly #levels: Level[] = [];
  #isKeyNext = false;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  /** Looks at the character at `at`; answers where the next look is. */
  step(at: number): number {
    switch (this.#text.charCodeAt(at)) {
      case QUOTE:
        return this.#readString(at);
      case OPEN_BRACE:
        this.#open({ index: 0, member: '', keys: new Set() });
        break;
      case OPEN_BRACKET:
        this.#open({ index: 0, member: '' });
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        this.#levels.pop();
        this.#isKeyNext = false;
        break;
      case COMMA:
        this.#nextItem();
        break;
      default:
    }
    return at + 1;
  }

  #open(level: Level): void {
    const { maxDepth } = this.#limits;
    if (this.#levels.length >= maxDepth) this.fault = `the body is nested deeper than ${maxDepth} levels`;
    this.#count();
    this.#levels.push(level);
    this.#isKeyNext = level.keys !== undefined;
  }

  #nextItem(): void {
    const top = this.#levels.at(-1);
    if (top === undefined) return;
    this.#count();
    top.index += 1;
    this.#isKeyNext = top.keys !== undefined;
  }

  /** Each opening bracket has at most one value more in it than commas. */
  #count(): void {
    const { maxValues } = this.#limits;
    this.#values += 1;
    if (this.#values > maxValues) this.fault = `the body has more than ${maxValues} fields and list items: send less at a time`;
  }

  #readString(start: number): number {
    const end = endOfString(this.#text, start);
    if (this.#isKeyNext) this.#addKey(readKey(this.#text.slice(start, end + 1)));
    return end + 1;
  }

  #addKey(key: string): void {
    const top = this.#levels.at(-1);
    this.#isKeyNext = false;
    if (top?.keys === undefined) return;
    top.member = key;
    if (top.keys.has(key) && this.duplicates.length < MAX_DUPLICATES) this.duplicates.push(this.#path());
    top.keys.add(key);
  }

  #path(): string {
    return this.#levels
      .map((level) => (level.keys === undefined ? `[${level.index}]` : `.${level.member}`))
      .join('')
      .slice(1);
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at;
  }
  return text.length;
}

function readKey(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return String(JSON.parse(literal));
  } catch {
    // why: a broken escape is a fault of the syntax, which JSON.parse of the whole text reports
    return literal;
  }
}
