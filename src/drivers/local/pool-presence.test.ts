import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '#kit/clock.ts';
import { SystemExec } from '#kit/exec.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { missingForMounts, needsMark, ROOTLESS } from '#testing/local-driver.ts';
import { createLocalDriver } from './driver.ts';
import { PoolMissing } from './errors.ts';
import { type Host, type LoopDevice, SystemHost } from '#linux/host.ts';
import { observeMachine } from './machine.ts';
import { ensurePool, type Pool, releasePool } from './pool.ts';
import { imageProblem, type PoolHistory } from './pool-presence.ts';
import { volumeIdOf } from './volume-record.ts';

const skip = await missingForMounts();
const exec = new SystemExec();
const host = new SystemHost();

let root: string;
let dir: string;
let history: PoolHistory;
let volumes: number;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'pool-presence-')));
  dir = join(root, 'pool');
  volumes = 0;
  await mkdir(join(root, 'node'));
  history = { markerPath: join(root, 'node', 'pool.json'), countVolumes: async () => volumes };
});
afterEach(async () => {
  for (const entry of (await host.mounts()).filter(({ mountPoint }) => mountPoint.startsWith(`${root}/`)))
    await exec.run(['umount', entry.mountPoint]);
  await rm(root, { recursive: true });
});

describe('VOL-14: a pool of directories that was there before', () => {
  const open = (): Promise<Pool> => ensurePool({ dir, machine: ROOTLESS, exec, log: silentLogger, history });

  it.each([
    {
      name: 'the marker says so',
      hasMarker: true,
      count: 0,
      says: /what was in it is missing: the pool was made before\. Nothing is made/,
    },
    { name: 'volumes lie in it', hasMarker: false, count: 2, says: /and 2 PersistentVolumes lie in it/ },
    { name: 'one volume lies in it', hasMarker: true, count: 1, says: /and 1 PersistentVolume lies in it/ },
  ])('is not made again: $name', async ({ hasMarker, count, says }) => {
    if (hasMarker) {
      await open();
      await rename(dir, join(root, 'elsewhere'));
    }
    volumes = count;
    await expect(open()).rejects.toMatchObject({ reason: 'PoolUnavailable', code: 'Unavailable', message: expect.stringMatching(says) });
    expect(existsSync(join(dir, 'volumes'))).toBe(false);
  });

  it('is used as soon as it is back', async () => {
    await open();
    await rename(dir, join(root, 'elsewhere'));
    await expect(open()).rejects.toMatchObject({ reason: 'PoolUnavailable' });
    await rm(dir, { recursive: true });
    await rename(join(root, 'elsewhere'), dir);
    expect((await open()).dir).toBe(dir);
  });

  it('begins anew once where somebody gives its volumes up', async () => {
    await open();
    await rm(dir, { recursive: true });
    await mkdir(dir);
    await writeFile(join(dir, 'begin-empty'), '');
    expect((await open()).dir).toBe(dir);
    expect(existsSync(join(dir, 'begin-empty'))).toBe(false);
  });

  it('is found empty', async () => {
    await open();
    volumes = 1;
    expect((await open()).dir).toBe(dir);
  });
});

describe.skipIf(skip !== undefined)(`VOL-14: the image of a pool${needsMark(skip)}`, () => {
  const open = async (): Promise<Pool> =>
    ensurePool({ dir, machine: await observeMachine(), exec, log: silentLogger, history, sizeBytes: 1n << 29n });
  const image = (): string => join(dir, 'pool.img');

  it('that is missing is not made again, and is used when it is back', async () => {
    const pool = await open();
    expect(pool.kind).toBe('image');
    expect(await releasePool(pool, exec)).toBe(true);
    await rename(image(), join(root, 'elsewhere'));
    await expect(open()).rejects.toMatchObject({ reason: 'PoolUnavailable', message: expect.stringContaining('pool.img is missing') });
    expect(existsSync(image())).toBe(false);
    await rename(join(root, 'elsewhere'), image());
    expect((await open()).kind).toBe('image');
  });

  it('that was removed while it is mounted goes on, is not unmounted, and can be saved as the message says', async () => {
    const pool = await open();
    await writeFile(join(pool.volumesDir, 'data'), 'precious');
    await rm(image());
    expect((await open()).volumesDir).toBe(pool.volumesDir);
    expect(existsSync(image())).toBe(false);
    const problem = (await imageProblem(dir, host))?.message ?? '';
    expect(problem).toMatch(/pool.img was removed, and only \/dev\/loop\d+ still holds all volumes/);
    expect(await releasePool(pool, exec)).toBe(false);
    const commands = /(fsfreeze --freeze \S+; cp .*; fsfreeze --unfreeze \S+)\..*Then (umount .*; mv .*)$/.exec(problem);
    await exec.run(['sh', '-ec', `${commands?.[1]}; ${commands?.[2]}`]);
    await open();
    expect(existsSync(join(pool.volumesDir, 'data'))).toBe(true);
    expect(await imageProblem(dir, host)).toBeUndefined();
    expect(await releasePool(pool, exec)).toBe(true);
  });

  it('that was moved away while it is mounted is to be moved back', async () => {
    const pool = await open();
    await rename(image(), join(root, 'elsewhere'));
    expect((await imageProblem(dir, host))?.message).toContain(`was moved to ${join(root, 'elsewhere')}`);
    expect(await releasePool(pool, exec)).toBe(false);
    await rename(join(root, 'elsewhere'), image());
    expect(await imageProblem(dir, host)).toBeUndefined();
    expect(await releasePool(pool, exec)).toBe(true);
  });

  it('whose place another file took is told from that file', async () => {
    const pool = await open();
    await rm(image());
    await writeFile(image(), '');
    expect((await imageProblem(dir, host))?.message).toMatch(/still holds the pool.img that was removed, and not the file/);
    expect(await releasePool(pool, exec)).toBe(false);
  });
});

it('VOL-14: a volume of a missing pool can be let go of where nothing of it is mounted, and is refused else', async () => {
  const machine = await observeMachine();
  const pool: Pool = { dir, volumesDir: join(dir, 'mnt/volumes'), kind: 'image', capacityBytes: 0n };
  const missing = new PoolMissing(dir, 'pool.img is missing');
  const named = { nodeName: 'node-1', version: '0', clock: new SystemClock(), ids: new SystemIds(), log: silentLogger };
  const driver = createLocalDriver({ ...named, pool, machine, exec, missing });
  const volumeId = volumeIdOf('pvc-of-no-other-test');
  const stagingTargetPath = join(root, 'staging');
  await mkdir(stagingTargetPath);
  expect(await driver.node.nodeUnstageVolume({ volumeId, stagingTargetPath }, {})).toEqual({});
  expect(await driver.node.nodeUnpublishVolume({ volumeId, targetPath: join(root, 'target') }, {})).toEqual({});
  for (const refused of [
    driver.controller.deleteVolume({ volumeId }, {}),
    driver.controller.createVolume({ name: 'pvc-2' }, {}),
    driver.node.nodeStageVolume(
      { volumeId, stagingTargetPath, volumeCapability: { mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } } },
      {},
    ),
  ])
    await expect(refused).rejects.toMatchObject({ code: 'Unavailable', reason: 'PoolUnavailable' });
  expect(await driver.identity.probe({}, {})).toEqual({ ready: false });
});

it.each<{ name: string; loop: Omit<LoopDevice, 'path' | 'device'> }>([
  { name: 'in its place', loop: { image: '/pool/mnt/volumes/VOLUME/VOLUME.img', isImageDeleted: false } },
  { name: 'that was removed', loop: { image: '/pool/mnt/volumes/VOLUME/VOLUME.img', isImageDeleted: true } },
  { name: 'whose pool was taken away below it', loop: { image: '/VOLUME/VOLUME.img', isImageDeleted: false } },
])('VOL-14: a volume of a missing pool is not let go of while a device has its image $name', async ({ loop }) => {
  const machine = await observeMachine();
  const pool: Pool = { dir, volumesDir: join(dir, 'mnt/volumes'), kind: 'image', capacityBytes: 0n };
  const missing = new PoolMissing(dir, 'pool.img is missing');
  const [volumeId, otherId] = [volumeIdOf('pvc-1'), volumeIdOf('pvc-11')];
  const held = { path: '/dev/loop0', device: '7:0', ...loop, image: loop.image.replaceAll('VOLUME', volumeId) };
  const seen: Host = { mounts: async () => [], loops: async () => [held], commands: async () => [] };
  const named = { nodeName: 'node-1', version: '0', clock: new SystemClock(), ids: new SystemIds(), log: silentLogger };
  const { node } = createLocalDriver({ ...named, pool, machine, exec, missing, host: seen });
  const stagingTargetPath = join(root, 'staging');
  await expect(node.nodeUnstageVolume({ volumeId, stagingTargetPath }, {})).rejects.toMatchObject({ reason: 'PoolUnavailable' });
  expect(await node.nodeUnstageVolume({ volumeId: otherId, stagingTargetPath }, {})).toEqual({});
});
