import type { SimCase } from './cases.ts';
import type { RunResult } from './run.ts';

/** A failing run as a case to paste, steps as data. */
export function formatCase({ seed, broken, steps }: Pick<RunResult, 'seed' | 'broken' | 'steps'>): string {
  const found: SimCase = { name: broken[0] ?? '', seed, steps };
  const lines = found.steps.map((step) => `    ${literal(step)},`);
  return `{\n  name: ${literal(found.name)},\n  seed: ${found.seed},\n  steps: [\n${lines.join('\n')}\n  ],\n},`;
}

function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll(/[\\']/g, (found) => `\\${found}`)}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${literal(inner)}`)
    .join(', ')} }`;
}
