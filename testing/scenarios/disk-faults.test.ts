import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clusterRoles, configMaps } from '#api/resources.ts';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { SystemClock } from '#kit/clock.ts';
import type { Client } from '#machinery/client/client.ts';
import { createHttpClient } from '#machinery/client/http-client.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

/** The least that a pool of volumes asks for, and something on top. */
const DISK = 'size=700m';
const BIG = 'x'.repeat(300_000);
const FULL = /store\.db was not written \(database or disk is full\), nothing was changed: the disk is full, free some space there/;

let platform: PlatformProcess;

function clientOf(of: PlatformProcess): Promise<Client> {
  return loadKubeconfig(of.kubeconfig).then((config) => createHttpClient({ config, clock: new SystemClock() }));
}

function put(client: Client, name: string, value = 'x'): Promise<unknown> {
  return client.create(configMaps, { metadata: { name, namespace: 'default' }, data: { value } });
}

async function names(client: Client): Promise<readonly string[]> {
  const { items } = await client.list(configMaps, { namespace: 'default' });
  return items.map(({ metadata }) => metadata.name).filter((name) => name !== 'kube-root-ca.crt');
}

describeWith(['mount'], 'a platform on a disk that fills up', () => {
  let disk: string;
  let filler: string;

  beforeEach(async () => {
    disk = mkdtempSync(path.join(tmpdir(), 'stowage-disk-'));
    filler = path.join(disk, 'filler');
    execFileSync('mount', ['-t', 'tmpfs', '-o', DISK, 'tmpfs', disk]);
    platform = await PlatformProcess.start({ flags: ['--no-demo'], folder: disk });
  });
  afterEach(async () => {
    rmSync(filler, { force: true });
    await platform.remove();
    execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });

  function fillDisk(): void {
    expect(spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k']).status, 'dd meets the end of the disk').not.toBe(0);
  }

  it('API-4: says so to each writer, goes on reading and watching, and takes writes again when there is space', async () => {
    const client = await clientOf(platform);
    await put(client, 'before');
    const abort = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const event of client.watch(configMaps, { namespace: 'default', resourceVersion: '', signal: abort.signal })) {
        if (event.type === 'ADDED') seen.push(event.object.metadata.name);
      }
    })().catch(() => {});
    await eventually(() => expect(seen).toContain('before'));
    fillDisk();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(put(client, 'refused', BIG)).rejects.toMatchObject({ code: 'Unavailable', message: expect.stringMatching(FULL) });
    }
    expect(await names(client)).toEqual(['before']);
    rmSync(filler);
    await put(client, 'after', BIG);
    expect(await names(client)).toEqual(['after', 'before']);
    await eventually(() => expect(seen.filter((name) => name !== 'kube-root-ca.crt')).toEqual(['before', 'after']));
    abort.abort();
    await watching;
    const log = readFileSync(path.join(platform.dataDir, 'logs', 'stowage.log'), 'utf8');
    expect(log).toContain('the store takes writes again');
  });

  it('API-4: that is killed there starts again with everything, then or once there is space', async () => {
    const client = await clientOf(platform);
    await put(client, 'before', BIG);
    fillDisk();
    await expect(put(client, 'refused', BIG)).rejects.toThrow(FULL);
    await platform.end('SIGKILL');
    const started = await platform.start().then(
      () => '',
      (error: unknown) => String(error),
    );
    if (started !== '')
      expect(started).toMatch(
        /ended with [1-9]\d* before it was ready:\n(?:[^\n]* \.\.\.\n)*stowage: .*(disk is full|no space left|ENOSPC)/s,
      );
    await platform.end('SIGKILL');
    rmSync(filler);
    await platform.start();
    expect(await names(await clientOf(platform))).toEqual(['before']);
  });
});

describe('a store that is over its budget', () => {
  beforeEach(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
  });
  afterEach(async () => platform.remove());

  it('API-4: comes up, says so, can be made smaller, and makes at the next start what was missing', async () => {
    const before = await clientOf(platform);
    const key = { namespace: '', name: 'view' };
    for (let index = 0; index < 40; index += 1) await put(before, `big-${index}`, BIG);
    await before.delete(clusterRoles, key);
    await platform.end('SIGTERM');

    await platform.start(['--store-budget', '8Mi']);
    expect(platform.output).toMatch(/missing +the store is full, so objects of the platform may be missing: delete what is not needed/);
    expect(readFileSync(path.join(platform.dataDir, 'logs', 'stowage.log'), 'utf8')).toContain('the store is full');
    const full = await clientOf(platform);
    await expect(full.get(clusterRoles, key)).rejects.toMatchObject({ code: 'NotFound' });
    await expect(put(full, 'refused')).rejects.toMatchObject({ reason: 'StoreFull' });
    expect((await names(full)).length).toBe(40);
    for (const name of await names(full)) await full.delete(configMaps, { namespace: 'default', name });
    await put(full, 'taken');
    await platform.end('SIGTERM');

    await platform.start(['--store-budget', '8Mi']);
    expect(platform.output).not.toContain('the store is full');
    const again = await clientOf(platform);
    expect((await again.get(clusterRoles, key)).metadata.name).toBe('view');
    expect(await names(again)).toEqual(['taken']);
  });
});

describe('a data directory that is not as it was left', () => {
  let store: string;

  beforeEach(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    store = path.join(platform.dataDir, 'store', 'store.db');
    await put(await clientOf(platform), 'kept');
  });
  afterEach(async () => platform.remove());

  /** What a second process says that is started on the same directory, and how it ends. */
  function startSecond(...flags: readonly string[]): { readonly code: number | null; readonly said: string } {
    const { program, args, env } = stowageCommand([
      'up',
      '--data-dir',
      platform.dataDir,
      '--port',
      '0',
      '--no-install',
      '--no-demo',
      ...flags,
    ]);
    const { status, stdout, stderr } = spawnSync(program, args, { env: { ...process.env, ...env }, encoding: 'utf8', timeout: 60_000 });
    return { code: status, said: `${stdout}${stderr}` };
  }

  it('API-4: is refused while another process works on it, which goes on', async () => {
    const settings = path.join(platform.dataDir, 'logs', 'settings.txt');
    const before = readFileSync(settings, 'utf8');
    const { code, said } = startSecond('--log-level', 'debug');
    expect(said).toContain(`is in use by the process with pid ${platform.pid}: stop that process first, or choose another data directory`);
    expect(code).toBeGreaterThan(0);
    expect(readFileSync(settings, 'utf8')).toBe(before);
    expect(await names(await clientOf(platform))).toEqual(['kept']);
  });

  it.each([
    { name: 'its end is torn off', damage: () => truncateSync(store, statSync(store).size - 5_000), says: /restore it from a copy/ },
    { name: 'a page is overwritten', damage: () => overwrite(), says: /restore it from a copy/ },
    {
      name: 'it is of a newer version',
      damage: () => sql('PRAGMA user_version = 99'),
      says: /has format 99, this version of Stowage knows formats up to \d+: start the newer version/,
    },
  ])('API-4: is refused with the remedy and left as it is where $name', async ({ damage, says }) => {
    await platform.end('SIGTERM');
    const whole = readFileSync(store);
    damage();
    const damaged = readFileSync(store);
    const { code, said } = startSecond();
    expect(said).toMatch(says);
    expect(said).toContain(store);
    expect(said).not.toContain('    at ');
    expect(code).toBeGreaterThan(0);
    expect(readFileSync(store).equals(damaged)).toBe(true);
    expect(existsSync(`${store}-wal`) ? statSync(`${store}-wal`).size : 0).toBe(0);
    writeFileSync(store, whole);
    await platform.start();
    expect(await names(await clientOf(platform))).toEqual(['kept']);
  });

  function overwrite(): void {
    const bytes = readFileSync(store);
    bytes.fill(0xa5, 2 * 4_096, 4 * 4_096);
    writeFileSync(store, bytes);
  }

  function sql(text: string): void {
    const database = new DatabaseSync(store);
    database.exec(text);
    database.close();
  }
});
