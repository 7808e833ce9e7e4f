import { Environment } from '@marcbachmann/cel-js';
import { findsPattern, matchesOf } from '#api/structural/pattern.ts';
import { PlatformError, type Result } from '#kit/errors.ts';
import { compareQuantity, parseQuantity, type Quantity } from '#kit/quantity.ts';

/** What `matches` of the language is turned into: the library's own backtracks. */
export const SAFE_MATCHES = 'matchesPattern';
/** Most characters that `replace` makes. */
const MAX_REPLACED = 1_048_576;

/** A quantity as rules see it. */
class QuantityValue {
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    this.quantity = quantity;
  }
}

const QUANTITY = 'kubernetes.Quantity';

/** The language of rules over `variables`: CEL with the functions that Kubernetes adds, as far as they are here. What is not is refused when a rule is compiled. */
export function ruleEnvironment(variables: readonly string[]): Environment {
  const env = new Environment({ unlistedVariablesAreDyn: false, enableOptionalTypes: true, homogeneousAggregateLiterals: false });
  for (const name of variables) env.registerVariable(name, 'dyn');
  registerTexts(env);
  registerLists(env);
  registerQuantities(env);
  return env;
}

const durations = new Environment().registerVariable('text', 'string').parse('duration(text)');

/** A text in the form of Go's durations as rules see it. @throws Error where it is none */
export function durationValue(text: string): unknown {
  return durations({ text });
}

/** A rule can't be evaluated; only its words are used. */
function fault(message: string): PlatformError {
  return new PlatformError({ code: 'InvalidArgument', reason: 'BadRequest', message });
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw fault(result.error);
  return result.value;
}

/** k8s.io/apiserver pkg/cel/library/regex.go and urls.go, and the texts of cel-go's ext.Strings that the library lacks. */
function registerTexts(env: Environment): void {
  const matches = (text: string, pattern: string): boolean => valueOf(findsPattern(pattern, text));
  env.registerFunction(`string.${SAFE_MATCHES}(string): bool`, matches);
  env.registerFunction(`${SAFE_MATCHES}(string, string): bool`, matches);
  env.registerFunction('string.find(string): string', (text: string, pattern: string) => valueOf(matchesOf(pattern, text, 1))[0] ?? '');
  env.registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) => valueOf(matchesOf(pattern, text)));
  env.registerFunction('string.findAll(string, int): list<string>', (text: string, pattern: string, limit: bigint) =>
    valueOf(matchesOf(pattern, text, limit < 0n ? undefined : Number(limit))),
  );
  env.registerFunction('string.replace(string, string): string', (text: string, old: string, next: string) => {
    const growth = old === '' ? text.length + 1 : text.length / old.length;
    if (text.length + growth * next.length > MAX_REPLACED) throw fault(`replace makes more than ${MAX_REPLACED} characters`);
    return text.replaceAll(old, () => next);
  });
  env.registerFunction('isURL(string): bool', (text: string) => URL.canParse(text));
}

/** k8s.io/apiserver pkg/cel/library/lists.go, for values of one kind. */
function registerLists(env: Environment): void {
  type Comparable = bigint | number | string;
  const isOrdered = (list: readonly Comparable[]): boolean => list.every((item, index) => index === 0 || (list[index - 1] ?? item) <= item);
  const extreme = (list: readonly Comparable[], isBetter: (a: Comparable, b: Comparable) => boolean): Comparable => {
    const [first, ...rest] = list;
    if (first === undefined) throw fault('min and max need at least one item');
    return rest.reduce((best, item) => (isBetter(item, best) ? item : best), first);
  };
  env.registerFunction('list.isSorted(): bool', isOrdered);
  env.registerFunction('list.min(): dyn', (list: readonly Comparable[]) => extreme(list, (a, b) => a < b));
  env.registerFunction('list.max(): dyn', (list: readonly Comparable[]) => extreme(list, (a, b) => a > b));
  env.registerFunction('list.sum(): dyn', (list: readonly (bigint | number)[]) =>
    list.some((item) => typeof item === 'number')
      ? list.reduce<number>((sum, item) => sum + Number(item), 0)
      : list.reduce<bigint>((sum, item) => sum + BigInt(item), 0n),
  );
  env.registerFunction('list.indexOf(dyn): int', (list: readonly unknown[], item: unknown) => BigInt(list.indexOf(item)));
  env.registerFunction('list.lastIndexOf(dyn): int', (list: readonly unknown[], item: unknown) => BigInt(list.lastIndexOf(item)));
}

/** k8s.io/apiserver pkg/cel/library/quantity.go, without arithmetic. */
function registerQuantities(env: Environment): void {
  env.registerType(QUANTITY, QuantityValue);
  env.registerFunction('isQuantity(string): bool', (text: string) => parseQuantity(text).ok);
  env.registerFunction(`quantity(string): ${QUANTITY}`, (text: string) => new QuantityValue(valueOf(parseQuantity(text))));
  const compare = (a: QuantityValue, b: QuantityValue): number => compareQuantity(a.quantity, b.quantity);
  env.registerFunction(`${QUANTITY}.compareTo(${QUANTITY}): int`, (a: QuantityValue, b: QuantityValue) => BigInt(compare(a, b)));
  env.registerFunction(`${QUANTITY}.isLessThan(${QUANTITY}): bool`, (a: QuantityValue, b: QuantityValue) => compare(a, b) < 0);
  env.registerFunction(`${QUANTITY}.isGreaterThan(${QUANTITY}): bool`, (a: QuantityValue, b: QuantityValue) => compare(a, b) > 0);
}
