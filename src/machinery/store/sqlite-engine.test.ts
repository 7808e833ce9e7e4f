import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultyEngine } from '#testing/faulty-engine.ts';
import { aStore, aStoreKey, deleteKey, putValue, valueOf } from '#testing/store-fixtures.ts';
import { SqliteEngine } from './sqlite-engine.ts';
import { upgradeFormat } from './sqlite-format.ts';
import { StoreDamaged, StoreDirectoryRefused, StoreFailed, StoreFormatTooNew, StoreLocked } from './store-errors.ts';
import type { LogRecord } from './store.ts';

const A = aStoreKey('a');
const IS_ROOT = process.geteuid?.() === 0;
const CAN_MOUNT = IS_ROOT && canMount();

let root: string;
let directory: string;
let file: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'store-'));
  directory = join(root, 'data', 'store');
  file = join(directory, 'store.db');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function canMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'store-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe]);
    return true;
  } catch {
    // why: root of a container may not be allowed to mount; the tests that need it are skipped then
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}

async function fill(writes: number): Promise<void> {
  const store = await aStore(new SqliteEngine({ directory }));
  await Promise.all(Array.from({ length: writes }, (_, at) => putValue(store, aStoreKey(`k${at}`), 'x'.repeat(500))));
  await store.close();
}

describe('SqliteEngine', () => {
  it('API-4: has everything again after it was closed and opened', async () => {
    const before = await aStore(new SqliteEngine({ directory }));
    await putValue(before, A, '卷');
    await putValue(before, aStoreKey('b', { namespace: '' }), 1);
    await deleteKey(before, aStoreKey('b', { namespace: '' }));
    await before.close();
    const store = await aStore(new SqliteEngine({ directory }));
    expect([store.revision, valueOf(store.get(A)), store.count({ resource: 'configmaps' })]).toEqual([3, '卷', 1]);
    expect(store.get(A)?.object.metadata['resourceVersion']).toBe('1');
    await store.close();
  });

  it('agrees with an engine in memory on what a log holds after any changes and compactions', async () => {
    const change = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      isDelete: fc.boolean(),
      compacts: fc.constantFrom(true, false, false),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 25 }), async (changes) => {
        const folder = mkdtempSync(join(root, 'case-'));
        const wanted = new FaultyEngine();
        const engine = new SqliteEngine({ directory: folder });
        await engine.load();
        for (const { record, compacts } of logOf(changes)) {
          for (const each of [wanted, engine]) await each.append([record]);
          if (compacts && record.revision > 2) for (const each of [wanted, engine]) await each.compact(record.revision - 2);
        }
        await engine.close();
        const reopened = new SqliteEngine({ directory: folder });
        expect(await reopened.load()).toEqual(await wanted.load());
        await reopened.close();
      }),
      { numRuns: 25 },
    );
  });

  function logOf<C extends { readonly name: string; readonly isDelete: boolean }>(
    changes: readonly C[],
  ): (C & { readonly record: LogRecord })[] {
    const newest = new Map<string, number>();
    return changes.map((change, at) => {
      const { name, isDelete } = change;
      const previous = newest.get(name) ?? 0;
      // why: a deletion of what is not there is no change and becomes an addition, so that revisions stay consecutive
      const type = previous === 0 ? 'ADDED' : isDelete ? 'DELETED' : 'MODIFIED';
      const revision = at + 1;
      newest.set(name, type === 'DELETED' ? 0 : revision);
      return { ...change, record: { revision, previous, type, key: aStoreKey(name), bytes: Buffer.from(`{"at":${revision}}`) } };
    });
  }

  it('keeps all or nothing of a commit', async () => {
    const engine = new SqliteEngine({ directory });
    await engine.load();
    const record = (revision: number): LogRecord => ({
      revision,
      previous: 0,
      type: 'ADDED',
      key: aStoreKey(`k${revision}`),
      bytes: Buffer.from('{}'),
    });
    await engine.append([record(1)]);
    await expect(engine.append([record(2), record(1)])).rejects.toThrow(StoreFailed);
    await engine.append([record(2)]);
    await engine.close();
    const reopened = new SqliteEngine({ directory });
    expect((await reopened.load()).records.map(({ revision }) => revision)).toEqual([1, 2]);
    await reopened.close();
  });

  it('lets nobody else read what it makes', async () => {
    const store = await aStore(new SqliteEngine({ directory }));
    await putValue(store, A, 1);
    const modes = Object.fromEntries(
      readdirSync(directory).map((name) => [name, (statSync(join(directory, name)).mode & 0o777).toString(8)]),
    );
    expect(modes).toEqual({ 'store.db': '600', 'store.db-shm': '600', 'store.db-wal': '600', 'store.lock': '600', 'store.pid': '600' });
    expect([statSync(directory).mode & 0o777, statSync(join(root, 'data')).mode & 0o777]).toEqual([0o700, 0o700]);
    await store.close();
  });

  it('closes a file that others could read', async () => {
    await fill(1);
    chmodSync(file, 0o644);
    await fill(1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is refused a second time in the same process too, and free again after it is closed', async () => {
    const first = new SqliteEngine({ directory });
    await first.load();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const error: unknown = await new SqliteEngine({ directory }).load().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StoreLocked);
      expect(error).toMatchObject({ details: { directory, pid: process.pid } });
    }
    await first.close();
    await fill(1);
  });
});

describe('a file that is not right', () => {
  const FOREIGN = 'CREATE TABLE other (x)';
  it.each([
    { name: 'text', damage: () => writeFileSync(file, 'hello '.repeat(1_000)), error: StoreDamaged, says: /file is not a database/ },
    { name: 'cut in half', damage: () => truncateSync(file, statSync(file).size / 2), error: StoreDamaged, says: /restore it from a copy/ },
    { name: 'torn inside a page', damage: () => scribble(file), error: StoreDamaged, says: /restore it from a copy/ },
    {
      name: 'one flipped bit in an object',
      damage: () => flip(file, 'xxxxx'),
      error: StoreDamaged,
      says: /configmaps default\/k\d+ at revision \d+ has a wrong checksum/,
    },
    {
      name: 'one flipped bit in a name',
      damage: () => flip(file, 'configmapsdefaultk', 17),
      error: StoreDamaged,
      says: /has a wrong checksum/,
    },
    { name: 'empty beside a journal', damage: () => emptyBesideJournal(file), error: StoreDamaged, says: /journal is not/ },
    {
      name: 'of another program',
      damage: () => edit(`PRAGMA application_id = 0; ${FOREIGN}`),
      error: StoreDamaged,
      says: /another program/,
    },
    {
      name: 'of a newer version',
      damage: () => edit('PRAGMA user_version = 9'),
      error: StoreFormatTooNew,
      says: /format 9, .* up to \d+: start the newer version/,
    },
  ])('$name is refused with a reason and left as it is', async ({ damage, error, says }) => {
    await fill(200);
    damage();
    const before = snapshot();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const thrown: unknown = await new SqliteEngine({ directory }).load().catch((caught: unknown) => caught);
      expect(thrown).toBeInstanceOf(error);
      expect(String(thrown)).toMatch(says);
      expect(String(thrown)).toContain(file);
    }
    expect(snapshot()).toEqual(before);
  });

  function edit(sql: string): void {
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
  }

  function snapshot(): string {
    return readFileSync(file).toString('base64');
  }

  function scribble(path: string): void {
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 3 * 4_096, 6 * 4_096 + 100);
    writeFileSync(path, bytes);
  }

  function flip(path: string, text: string, offset = 0): void {
    const bytes = readFileSync(path);
    // why everywhere: the file also has stale copies of rows in the free parts of its pages
    for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 500)) bytes[at + offset] = (bytes[at + offset] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  }

  function emptyBesideJournal(path: string): void {
    copyFileSync(path, `${path}-wal`);
    truncateSync(path, 0);
  }
});

describe('the format of the file', () => {
  it('is brought up step by step, all steps or none', () => {
    const database = new DatabaseSync(join(root, 'format.db'));
    const first = (target: DatabaseSync): void => target.exec('PRAGMA application_id = 1400139639; CREATE TABLE log (a)');
    upgradeFormat(database, 'format.db', [first]);
    database.exec("INSERT INTO log VALUES ('kept')");
    const second = (target: DatabaseSync): void => target.exec('ALTER TABLE log ADD COLUMN b');
    const broken = (): void => {
      throw new Error('power cut');
    };
    expect(() => upgradeFormat(database, 'format.db', [first, second, broken])).toThrow('power cut');
    expect(database.prepare('SELECT * FROM log').all()).toEqual([{ a: 'kept' }]);
    upgradeFormat(database, 'format.db', [first, second]);
    upgradeFormat(database, 'format.db', [first, second]);
    expect(database.prepare('SELECT * FROM log').all()).toEqual([{ a: 'kept', b: null }]);
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 });
    database.close();
  });
});

describe('a directory that is not right', () => {
  it('is refused where a part of its path is a file', async () => {
    writeFileSync(join(root, 'data'), '');
    await expect(new SqliteEngine({ directory }).load()).rejects.toThrow(/can't be used \(ENOTDIR\): a part of the path is a file/);
  });

  it.runIf(IS_ROOT)('of another user is refused by name of both (as root: run as nobody)', () => {
    mkdirSync(directory, { recursive: true });
    chmodSync(root, 0o755);
    expect(openAs(65_534)).toMatch(
      /StoreDirectoryRefused: the data directory \S+ belongs to the user with id 0, this process runs as 65534: run it as the owner/,
    );
  });

  it.runIf(CAN_MOUNT)('on a read-only file system is refused with its remedy (as root: mounts one)', async () => {
    const mount = mountTmpfs('size=2m');
    try {
      execFileSync('mount', ['-o', 'remount,ro', mount]);
      await expect(new SqliteEngine({ directory: join(mount, 'store') }).load()).rejects.toThrow(
        /EROFS\): its file system is read-only: mount it writable/,
      );
      await expect(new SqliteEngine({ directory: mount }).load()).rejects.toThrow(StoreDirectoryRefused);
    } finally {
      execFileSync('umount', [mount]);
    }
  });

  it.runIf(IS_ROOT)(
    'on a full disk fails its writers with the remedy, loses nothing, and goes on when there is space (as root: mounts one)',
    async () => {
      const mount = mountTmpfs('size=2m');
      try {
        const engine = new SqliteEngine({ directory: join(mount, 'store') });
        const store = await aStore(engine);
        const filler = join(mount, 'filler');
        await putValue(store, A, 1);
        fillDisk(filler);
        const big = putValue(store, aStoreKey('big'), 'x'.repeat(300_000));
        await expect(big).rejects.toThrow(
          /store\.db was not written \(database or disk is full\), nothing was changed: the disk is full, free some space there/,
        );
        expect([store.revision, store.count({ resource: 'configmaps' })]).toEqual([1, 1]);
        rmSync(filler);
        expect((await putValue(store, aStoreKey('big'), 'x'.repeat(300_000)))?.revision).toBe(2);
        await store.close();
        const reopened = await aStore(new SqliteEngine({ directory: join(mount, 'store') }));
        expect([reopened.revision, reopened.count({ resource: 'configmaps' })]).toEqual([2, 2]);
        await reopened.close();
      } finally {
        execFileSync('umount', [mount]);
      }
    },
  );

  function openAs(uid: number): string {
    // why the user changes after the import: the checkout need not be readable for the other one
    const script = `const { ensurePrivateDirectory } = await import(process.argv[1]); process.seteuid(${uid});
      try { ensurePrivateDirectory(process.argv[2]); } catch (error) { console.log(error.name + ': ' + error.message); }`;
    const module = new URL('private-directory.ts', import.meta.url).href;
    return execFileSync(process.execPath, ['--input-type=module', '-e', script, module, directory], { encoding: 'utf8' });
  }

  function mountTmpfs(options: string): string {
    const mount = join(root, 'mount');
    mkdirSync(mount);
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', mount]);
    return mount;
  }

  function fillDisk(path: string): void {
    try {
      writeFileSync(path, Buffer.alloc(4 * 1024 * 1024));
    } catch (error) {
      expect(String(error)).toMatch(/ENOSPC/);
    }
  }
});
