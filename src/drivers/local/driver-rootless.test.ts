import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandFailed, type Exec } from '#kit/exec.ts';
import { silentLogger } from '#kit/log.ts';
import { type DriverFixture, ROOTLESS, startDriver } from '#testing/local-driver.ts';
import type { CopyJob } from './copy-plan.ts';
import { mountingAbility } from './machine.ts';
import { ensurePool } from './pool.ts';
import { VolumeCopier } from './volume-copier.ts';
import { isOnlineGrowthRefused, Tools } from '#linux/tools.ts';

const MOUNT = { mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } } as const;

describe('local driver without root', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await startDriver({ machine: ROOTLESS, sizeBytes: 1n << 30n });
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  it('makes directory volumes in a plain pool, and counts them', async () => {
    const { volume } = await fixture.driver.controller.createVolume(
      { name: 'pvc-1', volumeCapabilities: [MOUNT], capacityRange: { requiredBytes: 1n << 29n } },
      {},
    );
    expect(volume).toMatchObject({ volumeId: 'pvc-1', volumeContext: { type: 'directory' } });
    expect(await readdir(join(fixture.pool.volumesDir, 'pvc-1'))).toEqual(['data', 'volume.json']);
    const second = fixture.driver.controller.createVolume(
      { name: 'pvc-2', volumeCapabilities: [MOUNT], capacityRange: { requiredBytes: (1n << 29n) + 1n } },
      {},
    );
    await expect(second).rejects.toMatchObject({
      reason: 'PoolFull',
      message: 'the pool has 512Mi free of 1Gi and 513Mi more is needed; delete volumes or ask for less',
    });
    await writeFile(join(fixture.pool.volumesDir, 'pvc-1', 'data', 'file'), '');
    await fixture.driver.controller.deleteVolume({ volumeId: 'pvc-1' }, {});
    expect(await fixture.driver.inventory()).toEqual({ volumes: [], snapshots: [], unfinished: [], loops: [], mounts: [] });
  });

  it('offers no room for volumes that it can not make', async () => {
    const capacity = (type: string) => fixture.driver.controller.getCapacity({ parameters: { type } }, {});
    expect((await capacity('directory')).availableCapacity).toBe(1n << 30n);
    expect(await capacity('file')).toMatchObject({ availableCapacity: 0n, maximumVolumeSize: 0n });
  });

  it.each([{ path: 'target' }, { path: './target' }, { path: '/tar\0get' }])('refuses the path $path', async ({ path }) => {
    const refused = { code: 'InvalidArgument', reason: 'RequestRefused', message: expect.stringContaining('no absolute path') };
    const { node } = fixture.driver;
    const volumeId = 'pvc-1';
    await expect(node.nodeStageVolume({ volumeId, stagingTargetPath: path }, {})).rejects.toMatchObject(refused);
    await expect(node.nodeUnstageVolume({ volumeId, stagingTargetPath: path }, {})).rejects.toMatchObject(refused);
    await expect(node.nodePublishVolume({ volumeId, targetPath: path }, {})).rejects.toMatchObject(refused);
    await expect(node.nodeUnpublishVolume({ volumeId, targetPath: path }, {})).rejects.toMatchObject(refused);
    // why not refused there: CSI's own suite wants NOT_FOUND of a path that is none
    const notFound = { code: 'NotFound' };
    await expect(node.nodeGetVolumeStats({ volumeId, volumePath: path }, {})).rejects.toMatchObject(notFound);
    await expect(node.nodeExpandVolume({ volumeId, volumePath: path }, {})).rejects.toMatchObject(notFound);
  });

  it('says that mounting and file volumes need root', async () => {
    await fixture.driver.controller.createVolume({ name: 'pvc-1', volumeCapabilities: [MOUNT] }, {});
    const publish = {
      volumeId: 'pvc-1',
      targetPath: join(fixture.dir, 't'),
      stagingTargetPath: join(fixture.dir, 's'),
      volumeCapability: MOUNT,
    };
    const refused = { code: 'FailedPrecondition', reason: 'RootRequired', message: expect.stringContaining('start the platform as root') };
    await expect(fixture.driver.node.nodeStageVolume(publish, {})).rejects.toMatchObject(refused);
    await expect(fixture.driver.node.nodePublishVolume(publish, {})).rejects.toMatchObject(refused);
    await expect(
      fixture.driver.controller.createVolume({ name: 'f', parameters: { type: 'file' }, volumeCapabilities: [MOUNT] }, {}),
    ).rejects.toMatchObject(refused);
  });
});

describe('ensurePool', () => {
  let dir: string;
  const exec: Exec = { run: () => Promise.reject(new Error('no command is expected')) };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pool-'));
  });

  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  it('decides its capacity once, from the free space, and then keeps it', async () => {
    const options = { dir, machine: ROOTLESS, exec, log: silentLogger };
    const first = await ensurePool(options);
    expect(first.capacityBytes % (1n << 20n)).toBe(0n);
    expect(first.capacityBytes).toBeGreaterThan(0n);
    await writeFile(join(dir, 'pool.json'), '{"version":1,"capacityBytes":"5242880"}');
    expect((await ensurePool(options)).capacityBytes).toBe(5242880n);
    expect((await ensurePool({ ...options, sizeBytes: 1n << 30n })).capacityBytes).toBe(1n << 30n);
    expect((await ensurePool(options)).capacityBytes).toBe(1n << 30n);
  });

  it.each([{ folder: 'volumes' }, { folder: 'snapshots' }])('hides no $folder behind an image, as root either', async ({ folder }) => {
    await mkdir(join(dir, folder, 'pvc-1'), { recursive: true });
    const machine = { mounting: { isPossible: true }, loopDevices: { isPossible: true }, fileSystem: 'ext4' } as const;
    expect((await ensurePool({ dir, machine, exec, log: silentLogger, sizeBytes: 1n << 30n })).volumesDir).toBe(join(dir, 'volumes'));
  });

  it('says what to do about a record of its capacity that can not be read', async () => {
    await writeFile(join(dir, 'pool.json'), '{');
    await expect(ensurePool({ dir, machine: ROOTLESS, exec, log: silentLogger })).rejects.toMatchObject({
      reason: 'PoolUnavailable',
      message: expect.stringContaining('correct or remove the file'),
    });
  });

  it('says that a pool made as root needs root', async () => {
    await mkdir(join(dir, 'mnt'));
    await writeFile(join(dir, 'pool.img'), '');
    await expect(ensurePool({ dir, machine: ROOTLESS, exec, log: silentLogger })).rejects.toMatchObject({
      reason: 'PoolUnavailable',
      message: expect.stringContaining('start as root'),
    });
  });
});

describe('mountingAbility', () => {
  it.each([
    { name: 'root', status: 'Name:\tx\nCapEff:\t000001ffffffffff\n', isPossible: true },
    { name: 'a user', status: 'CapEff:\t0000000000000000\n', isPossible: false },
    { name: 'root in a container', status: 'CapEff:\t00000000a80425fb\n', isPossible: false },
    { name: 'no such file', status: '', isPossible: false },
  ])('$name: $isPossible', ({ status, isPossible }) => {
    expect(mountingAbility(status).isPossible).toBe(isPossible);
  });
});

describe('Tools', () => {
  const failing = (exitCode: number, stderr: string): Exec => ({
    run: (argv) => Promise.reject(new CommandFailed(argv, { stdout: '', stderr, exitCode })),
  });

  it('knows the refusal of online growth by exit code and text', async () => {
    const thrown = await new Tools(failing(1, 'resize2fs: Permission denied to resize filesystem'))
      .growExt4Online('/dev/loop0')
      .catch((error: unknown) => error);
    expect(isOnlineGrowthRefused(thrown)).toBe(true);
    expect(isOnlineGrowthRefused(new Error('Permission denied to resize'))).toBe(false);
  });

  it('thaws all that a copy froze, and tells of the copy, where one can not be thawed', async () => {
    const thawed: string[] = [];
    const exec: Exec = {
      run: (argv) => {
        if (argv[0] === 'fsfreeze') thawed.push(argv.at(-1) ?? '');
        return Promise.reject(new CommandFailed(argv, { stdout: '', stderr: `${argv[0]} failed`, exitCode: 2 }));
      },
    };
    const copying = new Tools(exec).copyImages([{ from: '/a', to: '/b' }], { sharing: 'shared', frozen: ['/one', '/two'] });
    await expect(copying).rejects.toThrow('sh failed');
    expect(thawed).toEqual(['/one', '/two']);
  });

  it.each([
    { frozen: '/one', reason: 'FrozenTooLong' },
    { frozen: undefined, reason: 'CommandFailed' },
  ])('says that file systems were held still for too long where they were: $frozen', async ({ frozen, reason }) => {
    const exec: Exec = { run: (argv) => Promise.reject(new CommandFailed(argv, { stdout: '', stderr: '', exitCode: 137 })) };
    const copier = new VolumeCopier({ sharing: 'full', tools: new Tools(exec), log: silentLogger });
    const job: CopyJob = { from: '/a', to: '/b', type: 'file', plan: frozen === undefined ? {} : { freezeAt: frozen } };
    await expect(copier.copy([job])).rejects.toMatchObject({ reason });
  });

  it('runs at most eight programs at a time', async () => {
    let running = 0;
    let most = 0;
    const exec: Exec = {
      async run() {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return { stdout: '', stderr: '', exitCode: 0 };
      },
    };
    const tools = new Tools(exec);
    await Promise.all(Array.from({ length: 30 }, () => tools.mounter.unmount('/t')));
    expect(most).toBe(8);
  });
});
