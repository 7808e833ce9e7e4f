import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyDirectory, sizeOfDirectory } from './copy-directory.ts';
import { FillTarget } from './fill-target.ts';

let root: string;
const at = (...parts: readonly string[]): string => path.join(root, ...parts);
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'stowage-copy-'));
  for (const folder of ['source/app/deep', 'source/other', 'target', 'outside']) mkdirSync(at(folder), { recursive: true });
  writeFileSync(at('outside/secret'), 'treasure');
  writeFileSync(at('source/app/file'), 'hello', { mode: 0o640 });
  writeFileSync(at('source/app/deep/more'), 'x'.repeat(3_000));
  symlinkSync('../file', at('source/app/deep/up'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function copy(from: string, into = '/', maxBytes = 1n << 20n): Promise<number> {
  const target = new FillTarget(at('target'), maxBytes);
  let copied = 0;
  await copyDirectory({ root: at('source'), from, target, into, onBytes: (count) => void (copied += count) });
  await target.finish();
  return copied;
}

describe('VOL-15: copyDirectory', () => {
  it('copies what is in the directory, and nothing else', async () => {
    expect(await copy('/app/', 'here')).toBe(3_005);
    expect(await sizeOfDirectory(at('source'), 'app')).toBe(3_005);
    expect(readdirSync(at('target'))).toEqual(['here']);
    expect([readFileSync(at('target/here/file'), 'utf8'), lstatSync(at('target/here/file')).mode & 0o777]).toEqual(['hello', 0o640]);
    expect(readlinkSync(at('target/here/deep/up'))).toBe('../file');
  });

  it("leaves out pipes, and what is the file system's own", async () => {
    execFileSync('mkfifo', [at('source/app/pipe')]);
    mkdirSync(at('source/lost+found'));
    await copy('/');
    expect(readdirSync(at('target')).toSorted()).toEqual(['app', 'other']);
    expect(readdirSync(at('target/app')).toSorted()).toEqual(['deep', 'file']);
  });

  it.each([
    { name: 'a path upwards', from: '../outside', says: 'leads out of the claim ("..")' },
    { name: 'a path over a link', from: 'way/secret', says: '"way" of the claim is a link' },
    { name: 'a link', from: 'way', says: '"way" of the claim is a link' },
    { name: 'a directory that is not there', from: 'app/nothing', says: 'the claim has no directory "app/nothing"' },
    { name: 'a file', from: 'app/file', says: 'the claim has no directory "app/file"' },
  ])('refuses $name', async ({ from, says }) => {
    symlinkSync(at('outside'), at('source/way'));
    await expect(copy(from)).rejects.toThrow(says);
    expect(readdirSync(at('target'))).toEqual([]);
  });

  it('refuses a link that would lead out of the volume, and more than fits', async () => {
    symlinkSync(at('outside'), at('source/other/way'));
    await expect(copy('other')).rejects.toThrow('is absolute, and would lead out of the volume');
    await expect(copy('app', '/', 8_192n)).rejects.toThrow('more than the 8Ki of the claim');
  });
});
