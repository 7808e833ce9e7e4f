import type { ASTNode } from '@marcbachmann/cel-js';
import { isEmbeddedResource, keepsUnknown, type StructuralSchema } from '#api/structural/schema.ts';
import { isRecord } from '#kit/json.ts';
import { escapeName, OBJECT_SCHEMAS } from './cel-value.ts';
import { childrenOf } from './expression.ts';

type Scope = ReadonlyMap<string, StructuralSchema | undefined>;
const LOOPS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** The first member that an expression names and the schema of `self` does not have; undefined where all is well, or can't be told. */
export function findUndefinedField(ast: ASTNode, self: StructuralSchema, isObjectRoot: boolean): string | undefined {
  const root: StructuralSchema = isObjectRoot ? withObjectMembers(self) : self;
  const faults: string[] = [];
  visit(
    ast,
    new Map([
      ['self', root],
      ['oldSelf', root],
    ]),
    faults,
  );
  return faults[0];
}

function withObjectMembers(schema: StructuralSchema): StructuralSchema {
  return { ...schema, properties: { ...schema.properties, ...Object.fromEntries(OBJECT_SCHEMAS) } };
}

/** Looks at a node and everything below it; answers the schema of what it yields where that is known. */
function visit(node: ASTNode, scope: Scope, faults: string[]): StructuralSchema | undefined {
  switch (node.op) {
    case 'id':
      return scope.get(node.args);
    case '.':
    case '.?':
      return visitMember(node.args[0], node.args[1], { scope, faults });
    case '[]':
    case '[?]': {
      const of = visit(node.args[0], scope, faults);
      visit(node.args[1], scope, faults);
      return of === undefined ? undefined : valuesOf(of);
    }
    case 'rcall':
      return visitCall(node.args, scope, faults);
    default:
      for (const child of childrenOf(node)) visit(child, scope, faults);
      return undefined;
  }
}

function visitMember(
  of: ASTNode,
  name: string,
  { scope, faults }: { readonly scope: Scope; readonly faults: string[] },
): StructuralSchema | undefined {
  const schema = visit(of, scope, faults);
  if (schema === undefined) return undefined;
  const values = valuesOf(schema);
  if (values !== undefined && schema.properties === undefined) return values;
  const known = schema.properties ?? {};
  const key = Object.keys(known).find((candidate) => escapeName(candidate) === name);
  if (key !== undefined) return isEmbeddedResource(schema) ? undefined : known[key];
  const isClosed = schema.type === 'object' && !keepsUnknown(schema) && !isEmbeddedResource(schema) && values === undefined;
  if (isClosed) faults.push(name);
  return undefined;
}

function visitCall([name, receiver, args]: readonly [string, ASTNode, readonly ASTNode[]], scope: Scope, faults: string[]): undefined {
  const of = visit(receiver, scope, faults);
  const [variable, ...rest] = args;
  if (!LOOPS.has(name) || variable?.op !== 'id') {
    for (const arg of args) visit(arg, scope, faults);
    return undefined;
  }
  // why: a loop over a list sees its items, one over a map its keys
  const inner = new Map(scope).set(variable.args, of?.items);
  for (const arg of rest) visit(arg, inner, faults);
  return undefined;
}

/** What is behind an index: an item, or the value of a map. */
function valuesOf(schema: StructuralSchema): StructuralSchema | undefined {
  return schema.items ?? (isRecord(schema.additionalProperties) ? schema.additionalProperties : undefined);
}
