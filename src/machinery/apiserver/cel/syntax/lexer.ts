import type { Token } from './token.ts';
import { ExpressionFault } from './syntax-error.ts';
import { readString } from './string-literal.ts';

const SPACE = /(?:[ \t\r\n\f]|\/\/[^\n]*)+/y;
const NUMBER = /0x[0-9a-fA-F]+u?|(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|\d+[uU]?/y;
const STRING_START = /(?:[rR][bB]?|[bB][rR]?)?(?:"""|'''|"|')/y;
const IDENT = /[A-Za-z_]\w*/y;
const OPERATOR = /&&|\|\||==|!=|<=|>=|[-+*/%!<>?:.,()[\]{}]/y;

/** The words of an expression. @throws ExpressionFault */
export function lex(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = match(SPACE, text, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const { token, length } = lexOne(text, at);
    tokens.push(token);
    at += length;
  }
  return [...tokens, { type: 'end', text: '<EOF>', at: text.length }];
}

function lexOne(text: string, at: number): { readonly token: Token; readonly length: number } {
  const start = match(STRING_START, text, at);
  if (start !== undefined) return readString(text, at, start);
  const number = match(NUMBER, text, at);
  if (number !== undefined) return { token: { type: numberType(number), text: number, at }, length: number.length };
  const word = match(IDENT, text, at);
  if (word !== undefined) return { token: { type: 'ident', text: word, at }, length: word.length };
  const operator = match(OPERATOR, text, at);
  if (operator === undefined) throw new ExpressionFault(at, `Syntax error: token recognition error at: '${text.slice(at, at + 1)}'`);
  return { token: { type: 'operator', text: operator, at }, length: operator.length };
}

function numberType(number: string): 'int' | 'uint' | 'double' {
  if (/u$/i.test(number)) return 'uint';
  return !number.startsWith('0x') && /[.eE]/.test(number) ? 'double' : 'int';
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
