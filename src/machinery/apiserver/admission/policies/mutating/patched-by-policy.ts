import { JsonPatchValue, misplacedParts, ObjectValue } from '../../../cel/patches/patch-values.ts';
import { type CelValue, isList } from '../../../cel/values/value.ts';
import { applyJsonPatch } from '../../../patch/json-patch.ts';
import { PatchTestFailed } from '../../../patch/errors.ts';
import { PlatformError } from '#kit/errors.ts';
import { jsonOfValue } from './json-of-value.ts';
import { MutationFailed } from './mutation-failed.ts';

/** Operations that have a value, if only null. */
const VALUED: ReadonlySet<string> = new Set(['add', 'replace', 'test']);

/** An object after the operations that an expression made; as it is where a `test` among them fails (apiserver policy/mutating/patch/json_patch.go). @throws MutationFailed */
export function patchedTo(object: unknown, made: CelValue): unknown {
  const operations = operationsOf(made);
  try {
    return applyJsonPatch(object, operations);
  } catch (thrown) {
    if (thrown instanceof PatchTestFailed) return object;
    throw new MutationFailed(`JSON Patch: ${PlatformError.from(thrown).message}`, thrown);
  }
}

/** The operations that an expression made, as a JSON patch. @throws MutationFailed */
export function operationsOf(made: CelValue): readonly unknown[] {
  if (!isList(made)) throw new MutationFailed('type mismatch: JSONPatchType.expression should evaluate to array');
  return made.map(operationOf);
}

function operationOf(made: CelValue): Readonly<Record<string, unknown>> {
  if (!(made instanceof JsonPatchValue))
    throw new MutationFailed('type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch');
  const [op, path, from] = [made.textOf('op'), made.textOf('path'), made.textOf('from')];
  return { op, path, ...(from === '' ? {} : { from }), ...valueOf(op, made.value) };
}

function valueOf(op: string, value: CelValue | undefined): { readonly value?: unknown } {
  if (value === undefined) return VALUED.has(op) ? { value: null } : {};
  const misplaced = value instanceof ObjectValue ? misplacedParts(value) : [];
  if (misplaced.length > 0) throw new MutationFailed(`type mismatch: ${misplaced.join('\n')}`);
  return { value: jsonOfValue(value) };
}
