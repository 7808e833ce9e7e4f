import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';

describe('createLogger', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('writes JSON lines that only their owner reads', () => {
    const file = path.join(folder, 'logs', 'a.log');
    createLogger({ level: 'info', path: file }).with({ component: 'test' }).info('hello', { count: 1 });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ msg: 'hello', component: 'test', count: 1 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('harms nobody where the disk is full', async () => {
    const logger = createLogger({ level: 'info', path: '/dev/full' });
    for (let line = 0; line < 100; line += 1) logger.info('hello '.repeat(10_000));
    // why: an error that nobody hears would be thrown in a later turn
    await new Promise((resolve) => setImmediate(resolve));
    expect(() => logger.error('still')).not.toThrow();
  });
});
