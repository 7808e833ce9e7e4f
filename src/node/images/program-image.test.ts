import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SystemExec } from '#kit/exec.ts';
import { isProgramReference, programImage } from './program-image.ts';

const PROGRAM = { image: 'stowage.dev/populator', entry: '/opt/main.ts', files: ['/opt'] };

describe("VOL-15: the image of a program of Stowage's own", () => {
  it.each([
    { reference: 'stowage.dev/populator', is: true },
    { reference: 'stowage.dev/populator:1.0', is: true },
    { reference: 'stowage.dev/populator2', is: false },
    { reference: 'docker.io/stowage.dev/populator', is: false },
  ])('$reference: $is', ({ reference, is }) => {
    expect(isProgramReference(PROGRAM, reference)).toBe(is);
  });

  it('has Node, what Node is linked with and the program, and no directory of the machine', async () => {
    const { entrypoint, hostPaths } = await programImage(PROGRAM, { rootDir: '/root-of-it', exec: new SystemExec() });
    expect(entrypoint).toEqual([process.execPath, '/opt/main.ts']);
    const own = hostPaths.filter((file) => file !== '/opt');
    expect(own).toContain(process.execPath);
    expect(own.every((file) => existsSync(file))).toBe(true);
    expect(own.filter((file) => /^\/(?:usr|lib|lib64|bin|etc)\/?$/.test(file))).toEqual([]);
    expect(own.join(' ')).toContain('libc.so');
    expect(own.map((file) => path.basename(file))).toEqual(expect.arrayContaining(['sync', 'tar']));
  });
});
