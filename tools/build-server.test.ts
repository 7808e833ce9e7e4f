import { utimesSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TreeCopy } from '#testing/tree-copy.ts';

const BOOTSTRAP = './src/apps/cli/bootstrap.mjs';

describe('the command line in few files', () => {
  let copy: TreeCopy;
  beforeEach(() => {
    copy = new TreeCopy();
  });
  afterEach(() => copy.remove());

  const node = (script: string): string =>
    copy.run(process.execPath, '--input-type=module', '-e', `const b = await import('${BOOTSTRAP}'); ${script}`).trim();
  const mainFile = (): string => path.relative(copy.dir, node('console.log(b.stowageCommand([]).args.at(-1))'));

  it('is run where it was built from these very sources, and says what they say; else they are run', { timeout: 300_000 }, () => {
    expect(mainFile()).toBe('src/apps/cli/main.ts');
    node('b.ensureServer()');
    const built = mainFile();
    expect(built).toMatch(/^dist\/server\/[0-9a-f]{16}\/main\.mjs$/);
    for (const words of [['version'], ['up', '--help'], ['reason', 'VolumeNotReady'], ['no-such-verb', '--help']])
      expect(sayings(built, words)).toEqual(sayings('src/apps/cli/main.ts', words));

    const touched = path.join(copy.dir, 'src/kit/json.ts');
    utimesSync(touched, new Date(), new Date(0));
    expect(mainFile()).toBe('src/apps/cli/main.ts');
    node('b.ensureServer()');
    expect(mainFile()).toMatch(/^dist\/server\//);
    expect(mainFile()).not.toBe(built);
    // what runs from the older one still finds its parts
    expect(sayings(built, ['version'])).toEqual(sayings('src/apps/cli/main.ts', ['version']));
  });

  function sayings(main: string, words: readonly string[]): string {
    try {
      return copy.run(process.execPath, main, ...words);
    } catch (thrown) {
      return String(thrown).replaceAll(main, 'MAIN');
    }
  }
});
