import type { OwnSchema } from '#api/meta/kind.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import { checkAgainstSchema } from '#api/schema/check.ts';
import { pruneUnknown } from '#api/schema/prune.ts';
import { isRecord, trusted } from '#kit/json.ts';
import type { WriteRequest } from '../contract/request.ts';
import { badRequest } from '../contract/status-error.ts';
import type { BodyObject } from './json-object.ts';

/** A key that stood more than once: its path, or its line in a YAML text. */
export type Duplicate = string | { readonly line: number; readonly key: string };

/**
 * A body as an object of the request's kind: types checked, unknown fields refused, warned of or dropped as the request asks.
 * `duplicates` are the keys that stood in the text more than once. What `body` shares with `stored`, the object as it is, counts as right, and is shared by the result.
 * @throws ApiError `InvalidArgument` in upstream's decoding words
 */
export function decodeObject(
  request: Pick<WriteRequest, 'kind' | 'fieldValidation' | 'warn'>,
  body: unknown,
  { duplicates = [], stored }: { readonly duplicates?: readonly Duplicate[]; readonly stored?: unknown } = {},
): BodyObject {
  const { resource } = request.kind;
  const refuse = (why: string): never => {
    throw badRequest(
      `${resource.kind} in version ${JSON.stringify(apiVersionOf(resource))} cannot be handled as a ${resource.kind}: ${why}`,
    );
  };
  const { errors, unknown, object } = request.kind.own?.read(body) ?? readByFacts(request.kind.schema, body, stored);
  if (errors.length > 0) refuse(errors.join(', '));
  const inLines = duplicates.flatMap((found) =>
    typeof found === 'string' ? [] : [`line ${found.line}: key ${JSON.stringify(found.key)} already set in map`],
  );
  const fields = [
    ...unknown.map((field) => `unknown field ${JSON.stringify(field)}`),
    ...duplicates.flatMap((found) => (typeof found === 'string' ? [`duplicate field ${JSON.stringify(found)}`] : [])),
  ];
  const remarks = [...inLines, ...fields];
  if (remarks.length > 0 && request.fieldValidation === 'Strict') {
    const ofYaml = inLines.length === 0 ? [] : [`yaml: unmarshal errors:\n  ${inLines.join('\n  ')}`];
    refuse(`strict decoding error: ${[...ofYaml, ...fields].join(', ')}`);
  }
  if (request.fieldValidation === 'Warn') remarks.forEach((remark) => request.warn(remark));
  const metadata = isRecord(object) && isRecord(object['metadata']) ? withoutEmpty(object['metadata']) : {};
  return trusted<BodyObject>({ ...trusted<object>(object), metadata });
}

/** Not maps: a client that applies the same document again is told that nothing changed only where it finds its `labels: {}` again. */
const LEFT_OUT_EMPTY: ReadonlySet<string> = new Set(['finalizers', 'ownerReferences']);

/** A list of metadata without anything in it is one that is not there. */
function withoutEmpty(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  const empty = Object.keys(metadata).filter((key) => LEFT_OUT_EMPTY.has(key) && isEmpty(metadata[key]));
  return empty.length === 0 ? metadata : Object.fromEntries(Object.entries(metadata).filter(([key]) => !empty.includes(key)));
}

function readByFacts(schema: string, body: unknown, stored: unknown): ReturnType<OwnSchema['read']> {
  const { errors, unknown } = checkAgainstSchema(schema, body, stored);
  // why: what can't be decoded can't be pruned either
  const object = errors.length > 0 ? undefined : pruneUnknown(schema, body, stored);
  return { errors: errors.map((fault) => fault.message), unknown, object };
}
