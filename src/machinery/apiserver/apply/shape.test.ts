import { expect, it } from 'vitest';
import { BUILT_IN_KINDS } from '#api/kinds/built-in.ts';
import { memberSchema, resolveReference } from '#api/schema/definitions.ts';
import { schemaOfKind, shapeOf } from './shape.ts';

/** How the value of a field of a built-in kind is owned; the path is of names with dots. */
function shapeAt(kind: string, path: string, value: unknown): string {
  const found = BUILT_IN_KINDS.find(({ resource }) => resource.kind === kind);
  if (found === undefined) throw new Error(`${kind} is not built in`);
  let schema: ReturnType<typeof memberSchema> = schemaOfKind(found);
  for (const name of path.split('.')) schema = schema === undefined ? undefined : memberSchema(resolveReference(schema).schema, name);
  return shapeOf(schema, value).type;
}

it.each([
  { name: 'a struct', kind: 'Pod', path: 'spec', value: {}, is: 'members' },
  { name: 'a map', kind: 'ConfigMap', path: 'data', value: {}, is: 'members' },
  { name: 'a list with keys', kind: 'Pod', path: 'spec.containers', value: [], is: 'items' },
  { name: 'a list', kind: 'PersistentVolumeClaim', path: 'spec.accessModes', value: [], is: 'leaf' },
  { name: 'what a field says otherwise than its type', kind: 'PersistentVolume', path: 'spec.claimRef', value: {}, is: 'members' },
  { name: 'data of which nothing is known', kind: 'ControllerRevision', path: 'data', value: {}, is: 'leaf' },
])('API-2: $name is owned as $is', ({ kind, path, value, is }) => {
  expect(shapeAt(kind, path, value)).toBe(is);
});
