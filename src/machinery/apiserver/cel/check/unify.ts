import { DYN, type Type } from './types.ts';

/** What type parameters stand for so far. */
export type Bindings = Map<string, Type>;

/** True where a value of `given` may stand where `wanted` is asked for; binds parameters of both (cel-go checker/types.go). */
export function isAssignable(bindings: Bindings, wanted: Type, given: Type): boolean {
  const before = new Map(bindings);
  if (assign(bindings, wanted, given)) return true;
  bindings.clear();
  for (const [name, type] of before) bindings.set(name, type);
  return false;
}

function assign(bindings: Bindings, wanted: Type, given: Type): boolean {
  if (wanted === given) return true;
  if (wanted.kind === 'param') return assignParam(bindings, wanted, given);
  if (given.kind === 'param') return assignParam(bindings, given, wanted);
  if (isAny(wanted) || isAny(given)) return true;
  if (given.kind === 'null') return NULLABLE.has(wanted.kind) || wanted.name.startsWith('google.protobuf.');
  if (wanted.kind !== given.kind || wanted.name !== given.name) return false;
  if (wanted.kind === 'type') return true;
  return (
    wanted.params.length === given.params.length &&
    wanted.params.every((param, index) => assign(bindings, param, given.params[index] ?? DYN))
  );
}

const NULLABLE: ReadonlySet<Type['kind']> = new Set(['null', 'object', 'opaque']);

function isAny({ kind }: Type): boolean {
  return kind === 'dyn' || kind === 'error';
}

function assignParam(bindings: Bindings, param: Type, type: Type): boolean {
  const bound = bindings.get(param.name);
  if (bound === undefined) {
    if (type.kind === 'param' && substitute(bindings, type) === param) return true;
    if (occursIn(bindings, param, type)) return false;
    bindings.set(param.name, type);
    return true;
  }
  if (!assign(bindings, bound, type)) return false;
  if (isMoreGeneral(type, bound)) bindings.set(param.name, type);
  return true;
}

function occursIn(bindings: Bindings, param: Type, type: Type): boolean {
  if (type.kind === 'param') {
    const bound = bindings.get(type.name);
    return type.name === param.name || (bound !== undefined && occursIn(bindings, param, bound));
  }
  return type.params.some((inner) => occursIn(bindings, param, inner));
}

/** True where `type` says less than `other`, to which it is assignable. */
export function isMoreGeneral(type: Type, other: Type): boolean {
  if (isAny(type)) return !isAny(other);
  return type.params.length === other.params.length && type.params.some((param, index) => isMoreGeneral(param, other.params[index] ?? DYN));
}

/** The type with what its parameters stand for; what stands for nothing stays, or is `dyn` with `open`. */
export function substitute(bindings: Bindings, type: Type, open: 'keep' | 'dyn' = 'keep'): Type {
  if (type.kind === 'param') {
    const bound = bindings.get(type.name);
    if (bound !== undefined) return substitute(bindings, bound, open);
    return open === 'dyn' ? DYN : type;
  }
  if (type.params.length === 0) return type;
  const params = type.params.map((param) => substitute(bindings, param, open));
  return params.every((param, index) => param === type.params[index]) ? type : { ...type, params };
}
