import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLogger } from './log.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'rotating-log-'));
  file = path.join(directory, 'stowage.log');
});
afterEach(() => rmSync(directory, { recursive: true }));

it('puts a log aside that is full, loses no line, and keeps the newest of those put aside', async () => {
  const log = createLogger({ level: 'info', path: file, rotation: { maxSizeBytes: 200, maxBackups: 2 } });
  for (let line = 0; line < 10; line += 1) {
    log.info(`line ${line}`, { reason: 'x'.repeat(40) });
    // why: names of logs put aside differ by milliseconds
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const names = readdirSync(directory).toSorted();
  expect(names).toHaveLength(3);
  expect(names.slice(0, 2).every((name) => /^stowage-\d{4}-\d{2}-\d{2}T[\d.-]+\.log$/.test(name))).toBe(true);
  const lines = names.flatMap((name) => readFileSync(path.join(directory, name), 'utf8').trimEnd().split('\n'));
  const numbers = lines.map((line) => Number(/line (\d)/.exec(line)?.[1])).toSorted((a, b) => a - b);
  expect(numbers).toEqual(Array.from(numbers, (_, index) => 10 - numbers.length + index));
  expect(names.every((name) => statSync(path.join(directory, name)).size <= 200)).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('counts what was there before', () => {
  writeFileSync(file, 'x'.repeat(190));
  createLogger({ level: 'info', path: file, rotation: { maxSizeBytes: 200, maxBackups: 1 } }).info('new');
  expect(readdirSync(directory)).toHaveLength(2);
  expect(readFileSync(file, 'utf8')).toMatch(/"msg":"new"/);
});
