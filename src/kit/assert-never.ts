/** Makes a `switch` over a union exhaustive: the compiler refuses the call while a case is missing; at run time it throws. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected value: ${String(value)}`);
}
