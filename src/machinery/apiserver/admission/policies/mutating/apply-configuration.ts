import { memberSchema, resolveReference, type Schema } from '#api/schema/definitions.ts';
import { isRecord } from '#kit/json.ts';
import { mergeApplied } from '../../../apply/merge-applied.ts';
import { shapeOf } from '../../../apply/shape.ts';
import { misplacedParts, ObjectValue } from '../../../cel/patches/patch-values.ts';
import type { CelValue } from '../../../cel/values/value.ts';
import { jsonOfValue } from './json-of-value.ts';
import { MutationFailed } from './mutation-failed.ts';
import { typedFault } from './typed-faults.ts';

/** What an object is, for merges. */
export interface MergedKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: Schema;
}

/** An object with the configuration that an expression made, merged as server-side apply does (apiserver policy/mutating/patch/smd.go). @throws MutationFailed */
export function appliedTo(object: unknown, made: CelValue, { apiVersion, kind, schema }: MergedKind): unknown {
  if (!(made instanceof ObjectValue)) throw new MutationFailed('unsupported return type from ApplyConfiguration expression');
  const misplaced = misplacedParts(made);
  if (misplaced.length > 0) throw new MutationFailed(`type mismatch: ${misplaced.join('\n')}`);
  const fields = jsonOfValue(made);
  // why: the configuration is of the object's kind, whatever it says
  const applied = { ...(isRecord(fields) ? fields : {}), apiVersion, kind };
  const fault = typedFault(schema, applied);
  if (fault !== undefined) throw new MutationFailed(`error applying patch: failed to convert patch object to typed object: ${fault}`);
  const atomics = atomicPaths(schema, applied, '');
  if (atomics.length > 0)
    throw new MutationFailed(
      `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`,
    );
  return mergeApplied(schema, object, applied);
}

/** Lists, maps and structs that are replaced as a whole: whoever sets one would take away what he does not know of. */
function atomicPaths(given: Schema | undefined, value: unknown, path: string): readonly string[] {
  if (given === undefined || typeof value !== 'object' || value === null) return [];
  const own = shapeOf(given, value).type === 'leaf' ? [path] : [];
  const { schema } = resolveReference(given);
  if (Array.isArray(value)) return [...own, ...value.flatMap((item, index) => atomicPaths(schema.items, item, `${path}[${index}]`))];
  return [...own, ...Object.entries(value).flatMap(([key, member]) => atomicPaths(memberSchema(schema, key), member, `${path}.${key}`))];
}
