import { PlatformError } from '#kit/errors.ts';

/** What is wrong with an expression, and where. */
export class ExpressionFault extends PlatformError {
  readonly at: number;

  constructor(at: number, message: string) {
    super({ code: 'InvalidArgument', reason: 'BadRequest', message });
    this.at = at;
  }
}

/** The fault with its place drawn, as cel-go prints it (common/error.go). */
export function drawFault(text: string, { at, message }: { readonly at: number; readonly message: string }): string {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const column = before.length - (before.lastIndexOf('\n') + 1);
  const shown = (text.split('\n')[line - 1] ?? '').replaceAll('\t', ' ');
  return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${shown}\n | ${'.'.repeat(column)}^`;
}
