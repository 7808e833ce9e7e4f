import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArchiveOrder } from '#api/populators/fill-order.ts';
import { SystemClock } from '#kit/clock.ts';
import { tarOf } from '#testing/builders/tar.ts';
import { ArchiveServer } from '#testing/fakes/archive-server.ts';
import { fill, type Progress } from './fill.ts';

const TAR = tarOf([{ name: 'page', body: 'hello' }]);
const SUM = createHash('sha256').update(TAR).digest('hex');

let server: ArchiveServer;
let root: string;
let progress: Progress;
beforeEach(async () => {
  server = await ArchiveServer.start();
  server.files.set('site.tar', TAR);
  root = mkdtempSync(path.join(tmpdir(), 'stowage-fill-'));
  for (const folder of ['target', 'source/app']) mkdirSync(path.join(root, folder), { recursive: true });
  progress = { doneBytes: 0, totalBytes: undefined };
});
afterEach(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

const LIMITS = { into: '/', maxBytes: '1048576', progress: { port: 0, path: '/' } };

function run(order: Partial<ArchiveOrder> | { readonly kind: 'directory'; readonly from: string }): Promise<void> {
  const options = {
    targetDir: path.join(root, 'target'),
    sourceDir: path.join(root, 'source'),
    clock: new SystemClock(),
    signal: new AbortController().signal,
    progress,
  };
  if (order.kind === 'directory') return fill({ ...LIMITS, ...order }, options);
  return fill({ kind: 'archive', url: server.url('site.tar'), allowedHosts: [server.host], ...LIMITS, ...order }, options);
}

describe('VOL-15: fill', () => {
  it('takes an archive of the right checksum, in any case of letters, and tells how far it is', async () => {
    await run({ sha256: SUM.toUpperCase() });
    expect(readFileSync(path.join(root, 'target', 'page'), 'utf8')).toBe('hello');
    expect(progress).toEqual({ doneBytes: TAR.length, totalBytes: TAR.length });
  });

  it('refuses one of another checksum, and says both', async () => {
    await expect(run({ sha256: '0'.repeat(64) })).rejects.toThrow(`is ${SUM}, and not ${'0'.repeat(64)}`);
  });

  it('counts what comes behind the end of an archive for its checksum', async () => {
    server.files.set('site.tar', Buffer.concat([TAR, Buffer.from('more')]));
    await expect(run({ sha256: SUM })).rejects.toThrow('it is not what was meant');
  });

  it('begins with an empty volume, whatever an earlier try has left', async () => {
    mkdirSync(path.join(root, 'target', 'old', 'deep'), { recursive: true });
    mkdirSync(path.join(root, 'target', 'lost+found'));
    await run({});
    expect(readdirSync(path.join(root, 'target')).toSorted()).toEqual(['lost+found', 'page']);
  });

  it('names one file by the end of its address, without what says how it is packed', async () => {
    server.files.set('a%20b.txt.gz', Buffer.from('text'));
    await run({ url: server.url('a%20b.txt.gz') });
    expect(readFileSync(path.join(root, 'target', 'a b.txt'), 'utf8')).toBe('text');
  });

  it('knows how much there is of a directory before it begins', async () => {
    writeFileSync(path.join(root, 'source', 'app', 'file'), 'x'.repeat(5_000));
    await run({ kind: 'directory', from: 'app' });
    expect(progress).toEqual({ doneBytes: 5_000, totalBytes: 5_000 });
  });
});
