import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TreeCopy } from '#testing/tree-copy.ts';

/** Larger than any number of a process. */
const NO_PID = 2 ** 22 + 1;
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

  it(
    'is built anew where what builds it has changed; the newest and those in use stay, what was left of builds goes',
    { timeout: 300_000 },
    async () => {
      node('b.ensureServer()');
      const servers = path.join(copy.dir, 'dist/server');
      const [built = ''] = readdirSync(servers);
      for (let age = 1; age <= 6; age += 1) {
        const server = path.join(servers, `old-${age}`);
        mkdirSync(server);
        writeFileSync(path.join(server, 'main.mjs'), 'setInterval(() => {}, 1_000); console.log("runs");');
        utimesSync(server, new Date(0), new Date(Date.UTC(2026, 0, 30 - age)));
      }
      for (const pid of [process.pid, NO_PID]) mkdirSync(path.join(servers, `.building-${pid}`));
      const running = spawn(process.execPath, [path.join(servers, 'old-6', 'main.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        await once(running.stdout, 'data');
        utimesSync(path.join(copy.dir, 'tools/build-server.mjs'), new Date(), new Date(0));
        expect(mainFile()).toBe('src/apps/cli/main.ts');
        node('b.ensureServer()');
        const now = path.basename(path.dirname(mainFile()));
        expect(readdirSync(servers).toSorted()).toEqual(
          [`.building-${process.pid}`, built, now, 'old-1', 'old-2', 'old-3', 'old-6'].toSorted(),
        );
      } finally {
        running.kill('SIGKILL');
        await once(running, 'exit');
      }
    },
  );

  function sayings(main: string, words: readonly string[]): string {
    try {
      return copy.run(process.execPath, main, ...words);
    } catch (thrown) {
      return String(thrown).replaceAll(main, 'MAIN');
    }
  }
});
