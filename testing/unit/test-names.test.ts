import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..', '..');
const files = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => /\.(?:ts|tsx|mjs)$/.test(file));
const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file);
const nameOf = (file: string): string => path.basename(file).replace(/(?:\.test)?\.(?:ts|tsx|mjs)$/, '');

/** The sources of each folder, and the folder itself. */
const namesOf = new Map<string, Set<string>>();
for (const file of files.filter((one) => !isTest(one))) {
  const folder = path.dirname(file);
  namesOf.set(folder, (namesOf.get(folder) ?? new Set([path.basename(folder)])).add(nameOf(file)));
}

describe('tests beside their sources', () => {
  it('are named for a source or for their folder, with what they look at behind a dash', () => {
    const strays = files.filter(isTest).filter((file) => {
      const names = namesOf.get(path.dirname(file)) ?? new Set([path.basename(path.dirname(file))]);
      const parts = nameOf(file).split('-');
      return !parts.some((_part, index) => names.has(parts.slice(0, index + 1).join('-')));
    });
    expect(strays).toEqual([]);
  });
});
