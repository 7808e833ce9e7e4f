import { uintOf } from '../values/value.ts';
import type { Entry, Node } from './ast.ts';
import { lex } from './lexer.ts';
import type { Token } from './token.ts';
import { expandCall, type MakeNode } from './macros.ts';
import { ExpressionFault } from './syntax-error.ts';

/** Nesting that no expression of a person reaches (cel-go's default is 250). */
const MAX_DEPTH = 250;
/** Words that can't be names (cel-spec, "Syntax"). */
const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else false for function if import in let loop null package namespace return true var void while'.split(' '),
);
/** Those that can still be fields. */
const KEYWORDS: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in']);
const RELATIONS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!=']);

/** Parses an expression and expands its macros. @throws ExpressionFault */
export function parseExpression(text: string): Node {
  return new Parser(text).parse();
}

class Parser {
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;
  #nextId = 0;

  constructor(text: string) {
    this.#tokens = lex(text);
  }

  parse(): Node {
    const node = this.#expression();
    if (this.#token.type !== 'end') throw this.#unexpected();
    return node;
  }

  get #token(): Token {
    // why: the last token is the end, and nothing goes past it
    return this.#tokens[this.#index] ?? { type: 'end', text: '<EOF>', at: 0 };
  }

  #unexpected(): ExpressionFault {
    const { text, at, type } = this.#token;
    return new ExpressionFault(at, `Syntax error: ${type === 'end' ? `mismatched input '<EOF>'` : `unexpected '${text}'`}`);
  }

  #is(text: string): boolean {
    return this.#token.type === 'operator' && this.#token.text === text;
  }

  /** Goes on behind `text` where it is next. */
  #accept(text: string): Token | undefined {
    if (!this.#is(text)) return undefined;
    const token = this.#token;
    this.#index += 1;
    return token;
  }

  #expect(text: string): Token {
    const token = this.#accept(text);
    if (token === undefined) throw this.#unexpected();
    return token;
  }

  readonly #make: MakeNode = (node) => ({ ...node, id: (this.#nextId += 1) });

  #call(name: string, at: number, args: readonly Node[]): Node {
    return this.#make({ kind: 'call', name, target: undefined, args, at });
  }

  /** Chains make deep trees, too. */
  #requireShallow(depth: number): void {
    if (depth > MAX_DEPTH) throw new ExpressionFault(this.#token.at, `expression recursion limit exceeded: ${MAX_DEPTH}`);
  }

  #expression(): Node {
    this.#depth += 1;
    this.#requireShallow(this.#depth);
    const condition = this.#or();
    const question = this.#accept('?');
    if (question === undefined) {
      this.#depth -= 1;
      return condition;
    }
    const then = this.#or();
    this.#expect(':');
    const otherwise = this.#expression();
    this.#depth -= 1;
    return this.#call('_?_:_', question.at, [condition, then, otherwise]);
  }

  #or(): Node {
    return this.#balanced('||', '_||_', () => this.#balanced('&&', '_&&_', () => this.#relation()));
  }

  /** As cel-go builds them: long chains become no deep trees. */
  #balanced(operator: string, name: string, next: () => Node): Node {
    const terms = [next()];
    const places: number[] = [];
    for (let token = this.#accept(operator); token !== undefined; token = this.#accept(operator)) {
      places.push(token.at);
      terms.push(next());
    }
    const build = (low: number, high: number): Node => {
      const middle = Math.floor((low + high + 1) / 2);
      const left = middle === low ? terms[middle] : build(low, middle - 1);
      const right = middle === high ? terms[middle + 1] : build(middle + 1, high);
      return this.#call(
        name,
        places[middle] ?? 0,
        [left, right].filter((term) => term !== undefined),
      );
    };
    const [only] = terms;
    return terms.length === 1 && only !== undefined ? only : build(0, places.length - 1);
  }

  #relation(): Node {
    let left = this.#sum();
    for (let steps = 0; ; steps += 1) {
      this.#requireShallow(steps);
      const { text, at, type } = this.#token;
      const isIn = type === 'ident' && text === 'in';
      if (!isIn && !(type === 'operator' && RELATIONS.has(text))) return left;
      this.#index += 1;
      left = this.#call(isIn ? '@in' : `_${text}_`, at, [left, this.#sum()]);
    }
  }

  #sum(): Node {
    return this.#leftToRight(['+', '-'], () => this.#leftToRight(['*', '/', '%'], () => this.#unary()));
  }

  #leftToRight(operators: readonly string[], next: () => Node): Node {
    let left = next();
    for (let steps = 0; ; steps += 1) {
      this.#requireShallow(steps);
      const { text, at, type } = this.#token;
      if (type !== 'operator' || !operators.includes(text)) return left;
      this.#index += 1;
      left = this.#call(`_${text}_`, at, [left, next()]);
    }
  }

  #unary(): Node {
    for (const operator of ['!', '-']) {
      const first = this.#token;
      let count = 0;
      while (this.#accept(operator) !== undefined) count += 1;
      if (count === 0) continue;
      const { type, at } = this.#token;
      // why: the smallest int has no positive counterpart
      if (operator === '-' && count % 2 === 1 && (type === 'int' || type === 'double')) return this.#member(this.#number('-', at - 1));
      const operand = this.#member(this.#primary());
      return count % 2 === 0 ? operand : this.#call(operator === '!' ? '!_' : '-_', first.at, [operand]);
    }
    return this.#member(this.#primary());
  }

  #member(start: Node): Node {
    let node = start;
    for (let steps = 0; ; steps += 1) {
      this.#requireShallow(steps);
      const dot = this.#accept('.');
      if (dot !== undefined) {
        node = this.#field(node, dot.at);
        continue;
      }
      const bracket = this.#accept('[');
      if (bracket === undefined) return node;
      const isOptional = this.#accept('?') !== undefined;
      const index = this.#expression();
      this.#expect(']');
      node = this.#call(isOptional ? '_[?_]' : '_[_]', bracket.at, [node, index]);
    }
  }

  #field(operand: Node, at: number): Node {
    const isOptional = this.#accept('?') !== undefined;
    const { text: field, type, at: nameAt } = this.#token;
    if (type !== 'ident' || KEYWORDS.has(field)) throw this.#unexpected();
    this.#index += 1;
    if (isOptional) {
      const name = this.#make({ kind: 'literal', value: field, at: nameAt });
      return this.#call('_?._', at, [operand, name]);
    }
    const open = this.#accept('(');
    if (open === undefined) return this.#make({ kind: 'select', operand, field, isTest: false, at });
    const args = this.#arguments(')');
    return expandCall({ name: field, target: operand, args, at: open.at }, this.#make);
  }

  #arguments(end: string): readonly Node[] {
    const args: Node[] = [];
    while (!this.#is(end)) {
      args.push(this.#expression());
      if (this.#accept(',') === undefined) break;
    }
    this.#expect(end);
    return args;
  }

  #primary(): Node {
    const { type, text, at, bytes } = this.#token;
    switch (type) {
      case 'int':
      case 'uint':
      case 'double':
        return this.#number('', at);
      case 'string':
        this.#index += 1;
        return this.#make({ kind: 'literal', value: text, at });
      case 'bytes':
        this.#index += 1;
        return this.#make({ kind: 'literal', value: bytes ?? new Uint8Array(), at });
      case 'ident':
        return this.#named();
      default:
        return this.#bracketed();
    }
  }

  #number(sign: '' | '-', at: number): Node {
    const { type, text } = this.#token;
    this.#index += 1;
    if (type === 'double') return this.#make({ kind: 'literal', value: Number(`${sign}${text}`), at });
    const magnitude = BigInt(text.replace(/u$/i, ''));
    const value = sign === '-' ? -magnitude : magnitude;
    if (type === 'uint') {
      if (value >= 2n ** 64n) throw new ExpressionFault(at, 'invalid uint literal');
      return this.#make({ kind: 'literal', value: uintOf(value), at });
    }
    if (value !== BigInt.asIntN(64, value)) throw new ExpressionFault(at, 'invalid int literal');
    return this.#make({ kind: 'literal', value, at });
  }

  #named(): Node {
    const { text, at } = this.#token;
    this.#index += 1;
    if (text === 'true' || text === 'false') return this.#make({ kind: 'literal', value: text === 'true', at });
    if (text === 'null') return this.#make({ kind: 'literal', value: null, at });
    if (RESERVED.has(text)) throw new ExpressionFault(at, `reserved identifier: ${text}`);
    const open = this.#accept('(');
    if (open !== undefined) return expandCall({ name: text, target: undefined, args: this.#arguments(')'), at: open.at }, this.#make);
    return this.#message(text) ?? this.#make({ kind: 'ident', name: text, at });
  }

  /** `Name{field: value}`, also with a name of several words; undefined where no brace follows. */
  #message(first: string): Node | undefined {
    let name = first;
    let ahead = this.#index;
    while (this.#tokens[ahead]?.text === '.' && this.#tokens[ahead + 1]?.type === 'ident') {
      name = `${name}.${this.#tokens[ahead + 1]?.text ?? ''}`;
      ahead += 2;
    }
    const brace = this.#tokens[ahead];
    if (brace?.type !== 'operator' || brace.text !== '{') return undefined;
    this.#index = ahead + 1;
    return this.#make({ kind: 'message', name, entries: this.#entries('field'), at: brace.at });
  }

  #bracketed(): Node {
    const { at } = this.#token;
    if (this.#accept('(') !== undefined) {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    if (this.#accept('[') !== undefined) return this.#list(at);
    if (this.#accept('{') !== undefined) return this.#make({ kind: 'map', entries: this.#entries('key'), at });
    const dot = this.#accept('.');
    if (dot === undefined || this.#token.type !== 'ident') throw this.#unexpected();
    // why: there are no containers, so a name from the root (`.name`) is the same name
    return this.#named();
  }

  #list(at: number): Node {
    const items: Node[] = [];
    const optional = new Set<number>();
    while (!this.#is(']')) {
      if (this.#accept('?') !== undefined) optional.add(items.length);
      items.push(this.#expression());
      if (this.#accept(',') === undefined) break;
    }
    this.#expect(']');
    return this.#make({ kind: 'list', items, optional, at });
  }

  #entries(what: 'key' | 'field'): readonly Entry[] {
    const entries: Entry[] = [];
    while (!this.#is('}')) {
      const isOptional = this.#accept('?') !== undefined;
      const { text, at, type } = this.#token;
      let key: Node;
      if (what === 'key') key = this.#expression();
      else {
        if (type !== 'ident' || KEYWORDS.has(text)) throw this.#unexpected();
        this.#index += 1;
        key = this.#make({ kind: 'literal', value: text, at });
      }
      const colon = this.#expect(':');
      entries.push({ key, value: this.#expression(), isOptional, id: (this.#nextId += 1), at: colon.at });
      if (this.#accept(',') === undefined) break;
    }
    this.#expect('}');
    return entries;
  }
}
