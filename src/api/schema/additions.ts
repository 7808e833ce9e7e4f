/** The schema of an added field, in OpenAPI's words. */
interface AddedField {
  readonly type: string;
}

/**
 * Fields that Stowage serves before Kubernetes' released schema has them, by definition: named as their proposals name them, and all optional,
 * so that a client that does not know them reads and writes the rest as before. They have no number in protobuf, where nobody can send them.
 */
const ADDED_FIELDS: ReadonlyMap<string, Readonly<Record<string, AddedField>>> = new Map([
  // KEP-4650: what becomes of claims when their template changes
  ['io.k8s.api.apps.v1.StatefulSetSpec', { volumeClaimUpdatePolicy: { type: 'string' } }],
]);

/** `definitions` with the fields that Stowage adds; a field that a definition has already stays as it is there. */
export function withAddedFields<S extends { readonly properties?: Readonly<Record<string, S | AddedField>> }>(
  definitions: Readonly<Record<string, S>>,
): Readonly<Record<string, S>> {
  const widened = Object.entries(definitions).map(([name, schema]): readonly [string, S] => {
    const added = ADDED_FIELDS.get(name);
    return [name, added === undefined ? schema : { ...schema, properties: { ...added, ...schema.properties } }];
  });
  return Object.fromEntries(widened);
}
