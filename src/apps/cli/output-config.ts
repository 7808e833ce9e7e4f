import { type ConfigSchema, parsers } from '#kit/config.ts';

/** Flag of verbs that answer something: for people or for programs. */
export const outputConfig = {
  output: {
    flag: 'output',
    short: 'o',
    env: 'STOWAGE_OUTPUT',
    default: 'text',
    placeholder: 'FORMAT',
    doc: 'text, or json for programs',
    parse: parsers.oneOf('text', 'json'),
  },
} as const satisfies ConfigSchema;

/** The answer for programs. */
export function formatJson(answer: unknown): string {
  return JSON.stringify(answer, undefined, 2);
}
