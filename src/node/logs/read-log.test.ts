import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PodLogOptions } from '#api/pod-logs.ts';
import { SystemClock } from '#kit/clock.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { appendLogMark, offsetSince, readLogIndex, timeOfOffset, trimLogIndex } from './log-index.ts';
import { readLog } from './read-log.ts';

const T0 = Date.parse('2026-01-01T00:00:00Z');
let dir: string;
let isOver: boolean;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stowage-log-'));
  isOver = true;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const log = (text: string) => writeFileSync(join(dir, 'log'), text);
function read(options: Partial<PodLogOptions> = {}) {
  const source = {
    runDir: dir,
    clock: options.follow === true ? new SystemClock() : new FakeClock(T0 + 99_000),
    isOver: async () => isOver,
  };
  return readLog(source, {
    container: 'main',
    follow: false,
    timestamps: false,
    previous: false,
    signal: new AbortController().signal,
    ...options,
  });
}
async function all(options: Partial<PodLogOptions> = {}): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of read(options)) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe('a container that never started', () => {
  it('says what the runtime said of it', async () => {
    writeFileSync(join(dir, 'start-error'), 'runc run failed: no such directory\n');
    expect(await all()).toBe('runc run failed: no such directory\n');
    expect(await all({ tailLines: 1, timestamps: true })).toMatch(/^\S+Z runc run failed/);
  });

  it('says nothing where nothing is left of it', async () => {
    expect(await all()).toBe('');
    rmSync(dir, { recursive: true });
    expect(await all({ follow: true })).toBe('');
  });
});

describe('parts', () => {
  it.each([
    { name: 'everything', text: 'a\nb\nc\n', options: {}, want: 'a\nb\nc\n' },
    { name: 'nothing of an empty log', text: '', options: { tailLines: 3 }, want: '' },
    { name: 'no line', text: 'a\nb\n', options: { tailLines: 0 }, want: '' },
    { name: 'the last line', text: 'a\nb\nc\n', options: { tailLines: 1 }, want: 'c\n' },
    { name: 'the last line without an end', text: 'a\nb\nc', options: { tailLines: 2 }, want: 'b\nc' },
    { name: 'more lines than there are', text: 'a\nb\n', options: { tailLines: 9 }, want: 'a\nb\n' },
    { name: 'empty lines count', text: 'a\n\n\n', options: { tailLines: 2 }, want: '\n\n' },
    { name: 'so many bytes', text: 'a\nbcd\n', options: { limitBytes: 3 }, want: 'a\nb' },
    { name: 'no byte', text: 'a\n', options: { limitBytes: 0 }, want: '' },
  ])('$name', async ({ text, options, want }) => {
    log(text);
    expect(await all(options)).toBe(want);
  });

  it('finds the last lines of a log that is longer than a chunk', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ${'x'.repeat(index % 17)}\n`);
    log(lines.join(''));
    expect(await all({ tailLines: 9_000 })).toBe(lines.slice(-9_000).join(''));
  });

  it('starts at a whole line where the old part was freed', async () => {
    log('\0\0\0\0\0\0half\nwhole\n');
    writeFileSync(join(dir, 'log.base'), '6');
    expect(await all()).toBe('whole\n');
  });
});

describe('times', () => {
  beforeEach(async () => {
    log('a\nb\nc\nd\n');
    await appendLogMark(dir, { offset: 4, timeMs: T0 });
    await appendLogMark(dir, { offset: 6, timeMs: T0 + 5_000 });
  });

  it('stand in front of lines; what is not marked yet was written just now', async () => {
    expect(await all({ timestamps: true })).toBe(
      '2026-01-01T00:00:00.000Z a\n2026-01-01T00:00:00.000Z b\n2026-01-01T00:00:05.000Z c\n2026-01-01T00:01:39.000Z d\n',
    );
  });

  it.each([
    { sinceMs: T0 - 1, want: 'a\nb\nc\nd\n' },
    { sinceMs: T0, want: 'a\nb\nc\nd\n' },
    { sinceMs: T0 + 1, want: 'c\nd\n' },
    { sinceMs: T0 + 5_000, want: 'c\nd\n' },
  ])('since $sinceMs', async ({ sinceMs, want }) => {
    expect(await all({ sinceMs })).toBe(want);
  });

  it('since and tail together give the shorter', async () => {
    expect(await all({ sinceMs: T0 + 1, tailLines: 1 })).toBe('d\n');
    expect(await all({ sinceMs: T0 + 1, tailLines: 9 })).toBe('c\nd\n');
  });
});

describe('following', () => {
  it('sends what is appended, and ends with the container', async () => {
    isOver = false;
    log('a\n');
    const stream = read({ follow: true });
    expect(Buffer.from((await stream.next()).value ?? []).toString()).toBe('a\n');
    const next = stream.next();
    appendFileSync(join(dir, 'log'), 'b\n');
    expect(Buffer.from((await next).value ?? []).toString()).toBe('b\n');
    isOver = true;
    appendFileSync(join(dir, 'log'), 'last words\n');
    expect(Buffer.from((await stream.next()).value ?? []).toString()).toBe('last words\n');
    expect((await stream.next()).done).toBe(true);
  });

  it('goes on behind the part that was freed while it read slowly', async () => {
    isOver = false;
    log(`${'a'.repeat(65_535)}\n`);
    const stream = read({ follow: true });
    expect((await stream.next()).value).toHaveLength(65_536);
    log(`${'\0'.repeat(300_000)}half\nwhole\n`);
    writeFileSync(join(dir, 'log.base'), '300000');
    isOver = true;
    expect(Buffer.from((await stream.next()).value ?? []).toString()).toBe('whole\n');
    expect((await stream.next()).done).toBe(true);
  });

  it('ends when nobody wants it any more', async () => {
    isOver = false;
    log('');
    const abort = new AbortController();
    const next = read({ follow: true, signal: abort.signal }).next();
    abort.abort();
    expect((await next).done).toBe(true);
  });
});

describe('the index', () => {
  const marks = [
    { offset: 10, timeMs: 100 },
    { offset: 20, timeMs: 200 },
    { offset: 30, timeMs: 300 },
  ];
  it.each([
    { offset: 0, want: 100 },
    { offset: 9, want: 100 },
    { offset: 10, want: 200 },
    { offset: 29, want: 300 },
    { offset: 30, want: undefined },
  ])('byte $offset was written at $want', ({ offset, want }) => {
    expect(timeOfOffset(marks, offset)).toBe(want);
  });

  it.each([
    { since: 50, want: 0 },
    { since: 100, want: 0 },
    { since: 101, want: 10 },
    { since: 300, want: 20 },
    { since: 301, want: undefined },
  ])('output since $since starts at $want', ({ since, want }) => {
    expect(offsetSince(marks, since)).toBe(want);
  });

  it('leaves out a torn last line and what makes no sense', async () => {
    writeFileSync(join(dir, 'log.index'), '10 100\nnonsense\n5 50\n20 200\n30 3');
    expect(await readLogIndex(dir)).toEqual(marks.slice(0, 2));
  });

  it('forgets what is gone', async () => {
    for (const mark of marks) await appendLogMark(dir, mark);
    await trimLogIndex(dir, 20);
    expect(await readLogIndex(dir)).toEqual(marks.slice(2));
  });
});
