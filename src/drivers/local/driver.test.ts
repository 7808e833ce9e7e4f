import { mkdir, readFile, readdir, rm, stat, statfs, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Exec, type ExecResult, SystemExec } from '#kit/exec.ts';
import type { VolumeCapability } from '#protocols/csi/generated/messages.ts';
import { type DriverFixture, startDriver, missingForMounts, needsMark } from '#testing/local-driver.ts';
import type { LocalDriver } from './driver.ts';
import { viewImage } from './image-view.ts';

const skip = await missingForMounts();
const MIB = 1n << 20n;
const NOTHING = { volumes: [], snapshots: [], unfinished: [], loops: [], mounts: [] };
const exec = new SystemExec();

function capability(fsType = ''): VolumeCapability {
  return { mount: { fsType }, accessMode: { mode: 'SINGLE_NODE_MULTI_WRITER' } };
}
const BLOCK: VolumeCapability = { block: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } };

/** Dies (every command from then on fails, as for a killed process) at command number `step`; before it runs or after. */
class DyingExec implements Exec {
  readonly #inner = new SystemExec();
  readonly #dieAt: number;
  readonly #when: 'before' | 'after';
  #count = 0;

  constructor(dieAt: number, when: 'before' | 'after') {
    this.#dieAt = dieAt;
    this.#when = when;
  }

  get isDead(): boolean {
    return this.#count >= this.#dieAt;
  }

  async run(argv: readonly string[], options?: Parameters<Exec['run']>[1]): Promise<ExecResult> {
    const wasDead = this.isDead;
    this.#count += 1;
    if (wasDead || (this.isDead && this.#when === 'before')) throw new Error('killed');
    const result = await this.#inner.run(argv, options);
    if (this.isDead) throw new Error('killed');
    return result;
  }
}

describe.skipIf(skip !== undefined)(`local driver on this machine${needsMark(skip)}`, () => {
  let fixture: DriverFixture;
  let staging: string;
  let target: string;

  beforeEach(async () => {
    fixture = await startDriver();
    staging = join(fixture.dir, 'staging');
    target = join(fixture.dir, 'target');
    await mkdir(staging);
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  const create = async (driver: LocalDriver, sizeMib: bigint, volumeCapability = capability()): Promise<string> => {
    const request = { name: 'pvc-1', capacityRange: { requiredBytes: sizeMib * MIB }, volumeCapabilities: [volumeCapability] };
    return (await driver.controller.createVolume(request, {})).volume?.volumeId ?? '';
  };
  const up = async (driver: LocalDriver, volumeId: string, volumeCapability = capability()): Promise<void> => {
    await driver.node.nodeStageVolume({ volumeId, stagingTargetPath: staging, volumeCapability }, {});
    await driver.node.nodePublishVolume({ volumeId, stagingTargetPath: staging, targetPath: target, volumeCapability }, {});
  };
  const down = async (driver: LocalDriver, volumeId: string): Promise<void> => {
    await driver.node.nodeUnpublishVolume({ volumeId, targetPath: target }, {});
    await driver.node.nodeUnstageVolume({ volumeId, stagingTargetPath: staging }, {});
  };

  it('CLASS-5: makes a sparse file, and leaves nothing behind', async () => {
    const volumeId = await create(fixture.driver, 1024n);
    const image = join(fixture.pool.volumesDir, 'pvc-1', 'pvc-1.img');
    expect(await stat(image)).toMatchObject({ size: 1024 * 1024 * 1024, blocks: 0 });
    await up(fixture.driver, volumeId);
    expect((await fixture.driver.inventory()).mounts.map(({ mountPoint }) => mountPoint)).toEqual([staging, target]);
    await down(fixture.driver, volumeId);
    await fixture.driver.controller.deleteVolume({ volumeId }, {});
    expect(await fixture.driver.inventory()).toEqual(NOTHING);
  });

  it.each([{ fsType: 'ext4' }, { fsType: 'xfs' }])('is full at its size and not later: $fsType', async ({ fsType }) => {
    const volumeId = await create(fixture.driver, 300n, capability(fsType));
    await up(fixture.driver, volumeId, capability(fsType));
    const fill = exec.run(['dd', 'if=/dev/zero', `of=${join(target, 'fill')}`, 'bs=1M', 'count=301']);
    await expect(fill).rejects.toThrow('No space left on device');
    const { usage } = await fixture.driver.node.nodeGetVolumeStats({ volumeId, volumePath: target }, {});
    expect(usage?.[0]?.available).toBeLessThan(MIB);
    expect((await statfs(fixture.pool.volumesDir)).bavail).toBeGreaterThan(0);
  });

  it('VOL-8: gives a raw device that keeps what is written, and never formats over it', async () => {
    const volumeId = await create(fixture.driver, 64n, BLOCK);
    await up(fixture.driver, volumeId, BLOCK);
    expect((await stat(target)).isBlockDevice()).toBe(true);
    await exec.run(['dd', `of=${target}`, 'conv=notrunc,fsync'], { stdin: 'raw data' });
    await down(fixture.driver, volumeId);
    expect((await fixture.driver.inventory()).loops).toEqual([]);
    await up(fixture.driver, volumeId, BLOCK);
    expect((await exec.run(['head', '-c', '8', target])).stdout).toBe('raw data');
    await down(fixture.driver, volumeId);
    await expect(up(fixture.driver, volumeId)).rejects.toMatchObject({ reason: 'FilesystemMismatch' });
    expect((await readFile(join(fixture.pool.volumesDir, volumeId, `${volumeId}.img`))).toString('latin1', 0, 8)).toBe('raw data');
  });

  it('refuses another filesystem than the one that is on the volume', async () => {
    const volumeId = await create(fixture.driver, 300n);
    await up(fixture.driver, volumeId, capability('ext4'));
    await down(fixture.driver, volumeId);
    await expect(up(fixture.driver, volumeId, capability('xfs'))).rejects.toMatchObject({
      reason: 'FilesystemMismatch',
      message: expect.stringContaining('ext4 is on it'),
    });
  });

  it('VOL-9: grows xfs while it is used', async () => {
    const volumeId = await create(fixture.driver, 300n, capability('xfs'));
    await up(fixture.driver, volumeId, capability('xfs'));
    const { capacityBytes, nodeExpansionRequired } = await fixture.driver.controller.controllerExpandVolume(
      { volumeId, capacityRange: { requiredBytes: 600n * MIB } },
      {},
    );
    expect({ capacityBytes, nodeExpansionRequired }).toEqual({ capacityBytes: 600n * MIB, nodeExpansionRequired: true });
    await fixture.driver.node.nodeExpandVolume({ volumeId, volumePath: target }, {});
    expect(await sizeMibOf(target)).toBeGreaterThan(500);
  });

  it('VOL-9: grows ext4 while it is used, or where the kernel forbids that, says so and does it at the next staging', async () => {
    const volumeId = await create(fixture.driver, 128n);
    await up(fixture.driver, volumeId);
    await writeFile(join(target, 'kept'), 'kept');
    await fixture.driver.controller.controllerExpandVolume({ volumeId, capacityRange: { requiredBytes: 512n * MIB } }, {});
    const refused = await fixture.driver.node.nodeExpandVolume({ volumeId, volumePath: target }, {}).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (refused !== undefined) {
      expect(refused).toMatchObject({ code: 'FailedPrecondition', reason: 'GrowthNeedsRemount' });
      await down(fixture.driver, volumeId);
      await up(fixture.driver, volumeId);
    }
    expect(await sizeMibOf(target)).toBeGreaterThan(400);
    expect(await readFile(join(target, 'kept'), 'utf8')).toBe('kept');
    await down(fixture.driver, volumeId);
    expect((await fixture.driver.inventory()).loops).toEqual([]);
  });

  it('checks an ext4 that says of itself that it has errors, before it is written to again', async () => {
    const volumeId = await create(fixture.driver, 16n);
    await up(fixture.driver, volumeId);
    await writeFile(join(target, 'kept'), 'kept');
    await down(fixture.driver, volumeId);
    const image = join(fixture.pool.volumesDir, volumeId, `${volumeId}.img`);
    // why state 3: valid, with errors; what a resize2fs leaves that was killed
    await exec.run(['debugfs', '-w', '-R', 'set_super_value state 3', image]);
    expect((await viewImage(image)).superblock).toMatchObject({ hasErrors: true });
    await up(fixture.driver, volumeId);
    expect(await readFile(join(target, 'kept'), 'utf8')).toBe('kept');
    await down(fixture.driver, volumeId);
    expect((await viewImage(image)).superblock).not.toHaveProperty('hasErrors');
    expect((await fixture.driver.inventory()).loops).toEqual([]);
  });

  it('VOL-9: grows a block device', async () => {
    const volumeId = await create(fixture.driver, 64n, BLOCK);
    await up(fixture.driver, volumeId, BLOCK);
    await fixture.driver.controller.controllerExpandVolume({ volumeId, capacityRange: { requiredBytes: 128n * MIB } }, {});
    await fixture.driver.node.nodeExpandVolume({ volumeId, volumePath: target }, {});
    expect((await exec.run(['blockdev', '--getsize64', target])).stdout.trim()).toBe(String(128n * MIB));
  });

  describe('while another mount namespace has copies of its mounts, as a pod with the whole host among its volumes', () => {
    /** A process in a mount namespace of its own; `work` holds what it holds until the answer is called. */
    const startPod = async (work: string): Promise<() => Promise<void>> => {
      const ready = join(fixture.dir, 'ready');
      const stop = join(fixture.dir, 'stop');
      // why: a new namespace holds all volumes of the machine, and those of tests that run at the same time are not ours to hold
      const letGo = `awk '$1 ~ "^/dev/loop" && index($2, "${fixture.dir}/") != 1 { print $2 }' /proc/self/mounts | xargs -r umount -l 2>/dev/null`;
      const script = `${letGo}; ${work}; touch ${ready}; while [ ! -e ${stop} ]; do sleep 0.02; done`;
      const pod = exec.run(['unshare', '--mount', 'sh', '-c', script]);
      await expect.poll(() => stat(ready).catch(() => undefined), { timeout: 10_000 }).toBeDefined();
      return async () => {
        await writeFile(stop, '');
        await pod;
      };
    };

    it('takes them off when the volume is unstaged', async () => {
      const volumeId = await create(fixture.driver, 64n);
      await up(fixture.driver, volumeId);
      const end = await startPod(':');
      await down(fixture.driver, volumeId);
      await fixture.driver.controller.deleteVolume({ volumeId }, {});
      expect(await fixture.driver.inventory()).toEqual(NOTHING);
      await end();
    });

    it.each([
      { name: 'a file', work: (path: string) => `exec 7>${path}/open` },
      { name: 'a directory', work: (path: string) => `cd ${path}` },
    ])('does not call the volume unstaged while $name in it is held open', async ({ work }) => {
      const volumeId = await create(fixture.driver, 64n);
      await up(fixture.driver, volumeId);
      const end = await startPod(work(target));
      await expect(down(fixture.driver, volumeId)).rejects.toMatchObject({
        reason: 'VolumeInUse',
        message: expect.stringMatching(/is still open: /),
      });
      await expect(fixture.driver.controller.deleteVolume({ volumeId }, {})).rejects.toMatchObject({ reason: 'VolumeInUse' });
      await end();
      await down(fixture.driver, volumeId);
      await fixture.driver.controller.deleteVolume({ volumeId }, {});
      expect(await fixture.driver.inventory()).toEqual(NOTHING);
    });
  });

  it.each([
    { name: 'an empty file in the place of its device, as a killed staging leaves it', volume: 'pvc-1', text: '', stays: false },
    { name: 'that of a volume with a hashed id too', volume: 'Pvc_1', text: '', stays: false },
    { name: 'not what somebody else put there', volume: 'pvc-1', text: 'mine', stays: true },
  ])('VOL-12: unstaging a volume that was deleted takes away $name', async ({ volume, text, stays }) => {
    const request = { name: volume, capacityRange: { requiredBytes: 64n * MIB }, volumeCapabilities: [BLOCK] };
    const volumeId = (await fixture.driver.controller.createVolume(request, {})).volume?.volumeId ?? '';
    await writeFile(join(staging, 'device'), text);
    await fixture.driver.controller.deleteVolume({ volumeId }, {});
    await fixture.driver.node.nodeUnstageVolume({ volumeId, stagingTargetPath: staging }, {});
    expect(await readdir(staging)).toEqual(stays ? ['device'] : []);
  });

  const deaths = Array.from({ length: 8 }, (_, step) => step + 1).flatMap((step) => [
    { name: `before command ${step}`, step, when: 'before' as const },
    { name: `after command ${step}`, step, when: 'after' as const },
  ]);
  it.each(deaths)('converges when killed $name of a life with growth', async ({ step, when }) => {
    const dying = new DyingExec(step, when);
    const life = async (driver: LocalDriver): Promise<void> => {
      const volumeId = await create(driver, 32n);
      await driver.node.nodeStageVolume({ volumeId, stagingTargetPath: staging, volumeCapability: capability() }, {});
      await driver.node.nodeUnstageVolume({ volumeId, stagingTargetPath: staging }, {});
      await driver.controller.controllerExpandVolume({ volumeId, capacityRange: { requiredBytes: 320n * MIB } }, {});
      await up(driver, volumeId);
    };
    const first = fixture.restart(dying);
    await first.recover();
    await life(first).catch((thrown: unknown) => {
      if (!dying.isDead) throw thrown;
    });
    const second = fixture.restart();
    await second.recover();
    await up(second, await create(second, 32n));
    expect((await second.inventory()).loops).toHaveLength(1);
    await writeFile(join(target, 'works'), '');
    await down(second, 'pvc-1');
    await second.controller.deleteVolume({ volumeId: 'pvc-1' }, {});
    expect(await second.inventory()).toEqual(NOTHING);
  });

  it('removes what a crash left: half-made and half-deleted volumes, half-made filesystems, stray devices; and finishes an expansion', async () => {
    const volumeId = await create(fixture.driver, 64n);
    const { volumesDir } = fixture.pool;
    const image = join(volumesDir, volumeId, `${volumeId}.img`);
    await mkdir(join(volumesDir, '.creating-pvc-2'));
    await mkdir(join(volumesDir, '.deleting-pvc-3'));
    await writeFile(join(volumesDir, '.deleting-pvc-3', 'pvc-3.img'), 'x'.repeat(4096));
    await writeFile(`${image}.formatting-abc`, '');
    await writeFile(join(volumesDir, volumeId, 'volume.json.tmp'), '{');
    await exec.run(['losetup', '--find', image]);
    await exec.run(['losetup', '--find', join(volumesDir, '.deleting-pvc-3', 'pvc-3.img')]);
    await truncate(image, 32 * 1024 * 1024);
    const report = await fixture.restart().recover();
    expect(report).toMatchObject({ volumes: 1, grown: [volumeId], damaged: [] });
    expect(report.detached).toHaveLength(2);
    expect(report.removed).toHaveLength(4);
    expect((await stat(image)).size).toBe(64 * 1024 * 1024);
    expect(await fixture.driver.inventory()).toMatchObject({ volumes: [volumeId], unfinished: [], loops: [] });
  });

  it('leaves what it does not understand, says so, and never makes an empty volume in its place', async () => {
    const volumeId = await create(fixture.driver, 64n);
    await writeFile(join(fixture.pool.volumesDir, volumeId, 'volume.json'), 'garbage');
    const second = fixture.restart();
    expect((await second.recover()).damaged).toEqual([{ volumeId, problem: 'volume.json is not JSON' }]);
    await expect(create(second, 64n)).rejects.toMatchObject({ reason: 'VolumeDamaged' });
    expect(await second.inventory()).toMatchObject({ volumes: [volumeId], unfinished: [] });
  });

  it('unstages and removes a damaged volume when it is told to, and not while it is used', async () => {
    const volumeId = await create(fixture.driver, 64n);
    await up(fixture.driver, volumeId);
    await writeFile(join(fixture.pool.volumesDir, volumeId, 'volume.json'), 'garbage');
    const second = fixture.restart();
    await second.recover();
    await expect(second.controller.deleteVolume({ volumeId }, {})).rejects.toMatchObject({ reason: 'VolumeInUse' });
    await down(second, volumeId);
    await second.controller.deleteVolume({ volumeId }, {});
    expect(await second.inventory()).toEqual(NOTHING);
    expect(await create(second, 64n)).toBe(volumeId);
  });

  it('touches nothing for a volume that it does not know, whatever its id', async () => {
    const stranger = join(fixture.pool.volumesDir, '..', 'stranger.img');
    await writeFile(stranger, '');
    await truncate(stranger, 1024 * 1024);
    const device = (await exec.run(['losetup', '--find', '--show', stranger])).stdout.trim();
    await writeFile(join(staging, 'device'), '');
    await fixture.driver.node.nodeUnstageVolume({ volumeId: '../stranger', stagingTargetPath: staging }, {});
    expect((await fixture.host.loops()).map(({ path }) => path)).toContain(device);
    expect((await stat(join(staging, 'device'))).size).toBe(0);
  });

  it('leaves a file of somebody else at a staging path, and at a target a link that leads nowhere', async () => {
    const volumeId = await create(fixture.driver, 64n, BLOCK);
    await writeFile(join(staging, 'device'), 'mine');
    await fixture.driver.node.nodeUnstageVolume({ volumeId, stagingTargetPath: staging }, {});
    expect(await readFile(join(staging, 'device'), 'utf8')).toBe('mine');
    await rm(join(staging, 'device'));
    await symlink(join(fixture.dir, 'nowhere'), target);
    await expect(up(fixture.driver, volumeId, BLOCK)).rejects.toMatchObject({ code: 'AlreadyExists', reason: 'PathOccupied' });
    expect(await stat(join(fixture.dir, 'nowhere')).catch(() => undefined)).toBeUndefined();
    await rm(target);
    await mkdir(target);
    await expect(up(fixture.driver, volumeId, BLOCK)).rejects.toMatchObject({ reason: 'PathOccupied' });
  });

  it('answers DataLoss for a volume whose image is gone', async () => {
    const volumeId = await create(fixture.driver, 64n);
    await rm(join(fixture.pool.volumesDir, volumeId, `${volumeId}.img`));
    const second = fixture.restart();
    expect((await second.recover()).damaged).toHaveLength(1);
    await expect(up(second, volumeId)).rejects.toMatchObject({ code: 'DataLoss' });
  });

  it('keeps its promises over a restart', async () => {
    await create(fixture.driver, 1024n);
    const before = await fixture.driver.controller.getCapacity({}, {});
    const second = fixture.restart();
    await expect(second.controller.getCapacity({}, {})).rejects.toMatchObject({ reason: 'DriverNotReady' });
    await second.recover();
    expect(await second.controller.getCapacity({}, {})).toEqual(before);
  });
});

async function sizeMibOf(path: string): Promise<number> {
  const { bsize, blocks } = await statfs(path);
  return (bsize * blocks) / 1024 / 1024;
}
