/** Options that are true or not given. */
export const FLAGS = ['stdin', 'stdout', 'stderr', 'tty'] as const;

const isText = (value: unknown): boolean => typeof value === 'string';
/** What options may hold, whatever a policy makes of them. */
const HOLDS: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ...['kind', 'apiVersion', 'container'].map((name) => [name, isText] as const),
  ...FLAGS.map((name) => [name, (value: unknown): boolean => typeof value === 'boolean'] as const),
  ['command', (value) => Array.isArray(value) && value.every(isText)],
  ['ports', (value) => Array.isArray(value) && value.every((port) => Number.isInteger(port))],
]);

/** What is wrong with options of `kind` that somebody changed; undefined where nothing is. */
export function optionsFault(kind: string, options: Readonly<Record<string, unknown>>): string | undefined {
  for (const [name, value] of Object.entries(options)) {
    const holds = HOLDS.get(name);
    if (holds === undefined) return `strict decoding error: unknown field ${JSON.stringify(name)}`;
    if (!holds(value)) return `${name} of ${kind} can not be ${JSON.stringify(value)}`;
  }
  return undefined;
}
