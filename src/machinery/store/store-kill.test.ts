import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemIds } from '#kit/ids.ts';
import { aStore, aStoreKey, recordWatch, valueOf } from '#testing/store-fixtures.ts';
import { SqliteEngine } from './sqlite-engine.ts';
import { StoreLocked } from './store-errors.ts';

const WRITER = fileURLToPath(new URL('../../../testing/store-writer.ts', import.meta.url));
/** As many as `testing/store-writer.ts` has. */
const WRITERS = 6;
const ROUNDS = 10;
/** Most acknowledgements that a round waits for before it kills. */
const MOST_ACKS = 300;

interface Killed {
  readonly pid: number;
  /** Lines that the writer printed, in order. */
  readonly lines: readonly string[];
}

/** Runs the writer, calls `whileOpen` once it has the store, and kills it after `acks` acknowledged writes. */
function runAndKill(directory: string, acks: number, whileOpen?: (pid: number) => Promise<void>): Promise<Killed> {
  const child = spawn(process.execPath, [WRITER, directory], { stdio: ['ignore', 'pipe', 'pipe'] });
  const pid = child.pid ?? 0;
  const { promise, resolve, reject } = Promise.withResolvers<Killed>();
  let text = '';
  let said = '';
  let checked: Promise<void> | undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const lines = text.split('\n').length - 1;
    if (lines > 0 && checked === undefined) checked = whileOpen?.(pid).catch(reject) ?? Promise.resolve();
    if (lines > acks) void checked?.then(() => child.kill('SIGKILL'));
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.on('error', reject);
  child.on('close', (code) => {
    if (code !== null) reject(new Error(`the writer ended by itself with ${code}: ${said}`));
    // why without the last: the kill may have cut it
    resolve({ pid, lines: text.split('\n').slice(1, -1) });
  });
  return promise;
}

describe('a store whose process is killed', () => {
  let directory: string;

  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'store-kill-')), 'store');
  });

  afterEach(() => rmSync(join(directory, '..'), { recursive: true, force: true }));

  it(`API-4: has every acknowledged write, none twice, and revisions that never go back, over ${ROUNDS} kills`, async () => {
    const ids = new SystemIds();
    // why all from the start: a write may be durable whose writer was killed before its first acknowledgement
    const counts = new Map(Array.from({ length: WRITERS }, (_, writer) => [String(writer), 0]));
    let revision = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const { lines } = await runAndKill(directory, Math.floor(ids.fraction() * MOST_ACKS));
      const acked = lines.map((line) => line.split(' ').map(Number));
      const store = await aStore(new SqliteEngine({ directory }));
      for (const [writer, count = 0, ackedRevision = 0] of acked) {
        expect(count).toBe((counts.get(String(writer)) ?? 0) + 1);
        counts.set(String(writer), count);
        revision = Math.max(revision, ackedRevision);
      }
      expect(store.revision).toBeGreaterThanOrEqual(revision);
      revision = store.revision;
      for (const [writer, count] of counts) {
        const stored = Number(valueOf(store.get(aStoreKey(`writer-${writer}`))) ?? 0);
        // why one more is right: the commit may have been durable when the kill came before its answer
        expect([count, count + 1]).toContain(stored);
        counts.set(writer, stored);
      }
      const { events } = recordWatch(store, { resource: 'configmaps' }, store.compactedRevision);
      expect(events.map((event) => event.revision)).toEqual(events.map((_, at) => store.compactedRevision + 1 + at));
      await store.close();
    }
    expect(revision).toBeGreaterThan(ROUNDS);
  });

  it('is refused to a second process by pid and directory, and taken over from a dead one', async () => {
    const { pid } = await runAndKill(directory, 1, async (holder) => {
      const error: unknown = await new SqliteEngine({ directory }).load().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StoreLocked);
      expect(String(error)).toContain(`${directory} is in use by the process with pid ${holder}`);
    });
    const store = await aStore(new SqliteEngine({ directory }));
    expect([pid > 0, store.revision > 0]).toEqual([true, true]);
    await store.close();
  });
});
