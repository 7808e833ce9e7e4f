/** Fields that are structs in Go and no pointers to one: they are always there, if empty. */
const VALUES: ReadonlySet<string> = new Set(
  'metadata spec status resources strategy updateStrategy template state lastState nodeInfo daemonEndpoints kubeletEndpoint involvedObject'.split(
    ' ',
  ),
);

/** True where an empty object says nothing. */
export function isValueField(field: string): boolean {
  return VALUES.has(field);
}
