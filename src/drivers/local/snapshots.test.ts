import { chmod, chown, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Exec, type ExecResult, isCommandFailed, SystemExec } from '#kit/exec.ts';
import { frozenCommand } from '#linux/freeze-command.ts';
import type { GetMetadataAllocatedResponse, VolumeCapability } from '#protocols/csi/generated/messages.ts';
import { type DriverFixture, missingForMounts, needsMark, ROOTLESS, startDriver } from '#testing/local-driver.ts';
import type { LocalDriver } from './driver.ts';

const skip = await missingForMounts();
const MIB = 1n << 20n;
const NOTHING = { volumes: [], snapshots: [], unfinished: [], loops: [], mounts: [] };
const BLOCK: VolumeCapability = { block: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } };
const exec = new SystemExec();

function mounting(fsType = ''): VolumeCapability {
  return { mount: { fsType }, accessMode: { mode: 'SINGLE_NODE_MULTI_WRITER' } };
}

/** The programs that run on this machine, with their arguments. */
async function commands(): Promise<readonly { readonly pid: number; readonly text: string }[]> {
  const { stdout } = await exec.run(['ps', '-eo', 'pid=,args=', '--cols', '100000']);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, text = ''] = /^ *(\d+) (.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), text }];
  });
}

async function commandsOf(): Promise<readonly string[]> {
  return (await commands()).map(({ text }) => text);
}

/** Those that freeze these directories, and what runs meanwhile. */
async function commandsAt(directories: readonly string[]): Promise<readonly { readonly pid: number; readonly text: string }[]> {
  return (await commands()).filter(({ text }) => text === 'sleep 7.7' || directories.some((directory) => text.includes(directory)));
}

/** Runs `before` in front of each shell, which is what freezes and copies. */
class WatchedExec implements Exec {
  readonly #before: () => Promise<void>;
  constructor(before: () => Promise<void>) {
    this.#before = before;
  }

  async run(argv: readonly string[], options?: Parameters<Exec['run']>[1]): Promise<ExecResult> {
    if (argv[0] === 'sh') await this.#before();
    return exec.run(argv, options);
  }
}

describe.skipIf(skip !== undefined)(`snapshots and clones of the local driver on this machine${needsMark(skip)}`, () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await startDriver({ sizeBytes: 3n << 30n });
  });
  afterEach(async () => fixture.dispose());

  const at = (volumeId: string): string => join(fixture.dir, 'staging', volumeId);
  const create = async (name: string, over: Parameters<LocalDriver['controller']['createVolume']>[0] = {}): Promise<string> => {
    const request = { name, capacityRange: { requiredBytes: 320n * MIB }, volumeCapabilities: [mounting()], ...over };
    return (await fixture.driver.controller.createVolume(request, {})).volume?.volumeId ?? '';
  };
  const stage = async (volumeId: string, volumeCapability = mounting(), driver = fixture.driver): Promise<void> => {
    await mkdir(at(volumeId), { recursive: true });
    await driver.node.nodeStageVolume({ volumeId, stagingTargetPath: at(volumeId), volumeCapability }, {});
  };
  const unstage = async (volumeId: string): Promise<unknown> =>
    fixture.driver.node.nodeUnstageVolume({ volumeId, stagingTargetPath: at(volumeId) }, {});
  const cut = async (name: string, sourceVolumeId: string, driver = fixture.driver): Promise<string> =>
    (await driver.controller.createSnapshot({ name, sourceVolumeId }, {})).snapshot?.snapshotId ?? '';
  const fromSnapshot = (snapshotId: string) => ({ volumeContentSource: { snapshot: { snapshotId } } });
  const free = async (): Promise<bigint> => (await fixture.driver.controller.getCapacity({}, {})).availableCapacity ?? 0n;

  it.each([{ fsType: 'xfs' }, { fsType: 'ext4' }])(
    'CLASS-5: a snapshot of $fsType in use keeps that moment, outlives its volume, and becomes a larger volume',
    async ({ fsType }) => {
      const source = await create('pvc-1', { volumeCapabilities: [mounting(fsType)] });
      await stage(source, mounting(fsType));
      await writeFile(join(at(source), 'kept'), 'then');
      const snapshotId = await cut('snapshot-1', source);
      await writeFile(join(at(source), 'kept'), 'later');
      const restored = await create('pvc-2', { ...fromSnapshot(snapshotId), capacityRange: { requiredBytes: 640n * MIB } });
      await stage(restored);
      expect(await readFile(join(at(restored), 'kept'), 'utf8')).toBe('then');
      const { usage } = await fixture.driver.node.nodeGetVolumeStats({ volumeId: restored, volumePath: at(restored) }, {});
      expect(usage?.[0]?.total).toBeGreaterThan(500n * MIB);
      await unstage(source);
      await fixture.driver.controller.deleteVolume({ volumeId: source }, {});
      const again = await create('pvc-3', fromSnapshot(snapshotId));
      await stage(again);
      expect(await readFile(join(at(again), 'kept'), 'utf8')).toBe('then');
      for (const volumeId of [restored, again]) {
        await unstage(volumeId);
        await fixture.driver.controller.deleteVolume({ volumeId }, {});
      }
      await fixture.driver.controller.deleteSnapshot({ snapshotId }, {});
      expect(await fixture.driver.inventory()).toEqual(NOTHING);
    },
  );

  it('CLASS-5: clones a volume in use, and writes to one do not show in the other', async () => {
    const source = await create('pvc-1');
    await stage(source);
    await writeFile(join(at(source), 'mine'), 'source');
    const clone = await create('pvc-2', { volumeContentSource: { volume: { volumeId: source } } });
    await stage(clone);
    await writeFile(join(at(clone), 'mine'), 'clone');
    expect(await readFile(join(at(source), 'mine'), 'utf8')).toBe('source');
    const { volume } = await fixture.driver.controller.controllerGetVolume({ volumeId: clone }, {});
    expect(volume?.contentSource).toEqual({ volume: { volumeId: source } });
  });

  it('shares blocks, promises of the pool what a snapshot can cost at most, and gives it back', async () => {
    const source = await create('pvc-1');
    await stage(source);
    await exec.run(['dd', 'if=/dev/urandom', `of=${join(at(source), 'data')}`, 'bs=1M', 'count=20', 'conv=fsync']);
    const before = await free();
    const { stdout: blocksBefore } = await exec.run(['stat', '--file-system', '--format=%f', fixture.pool.volumesDir]);
    const snapshotId = await cut('snapshot-1', source);
    const { stdout: blocksAfter } = await exec.run(['stat', '--file-system', '--format=%f', fixture.pool.volumesDir]);
    expect((Number(blocksBefore) - Number(blocksAfter)) * 4096).toBeLessThan(8 * 1024 * 1024);
    const cost = before - (await free());
    expect(cost).toBeGreaterThan(20n * MIB);
    expect(cost).toBeLessThan(100n * MIB);
    const second = fixture.restart();
    await second.recover();
    expect((await second.controller.getCapacity({}, {})).availableCapacity).toBe(before - cost);
    await fixture.driver.controller.deleteSnapshot({ snapshotId }, {});
    expect(await free()).toBe(before);
  });

  it('is idempotent by name, and refuses the name for another volume', async () => {
    const [one, two] = [await create('pvc-1'), await create('pvc-2')];
    const ids = await Promise.all([cut('snapshot-1', one), cut('snapshot-1', one), cut('snapshot-1', one)]);
    expect(new Set(ids).size).toBe(1);
    await expect(cut('snapshot-1', two)).rejects.toMatchObject({ code: 'AlreadyExists', reason: 'SnapshotIncompatible' });
    const restored = await create('pvc-3', fromSnapshot('snapshot-1'));
    await fixture.driver.controller.deleteSnapshot({ snapshotId: 'snapshot-1' }, {});
    expect(await create('pvc-3', fromSnapshot('snapshot-1'))).toBe(restored);
    await expect(create('pvc-3')).rejects.toMatchObject({ reason: 'VolumeIncompatible' });
    await expect(create('pvc-4', fromSnapshot('snapshot-1'))).rejects.toMatchObject({ code: 'NotFound', reason: 'SnapshotNotFound' });
  });

  it('keeps a volume that was never used blank, so that it is formatted when it is', async () => {
    const restored = await create('pvc-2', fromSnapshot(await cut('snapshot-1', await create('pvc-1'))));
    await stage(restored, mounting('ext4'));
    await writeFile(join(at(restored), 'works'), '');
  });

  it('CLASS-5: takes a raw device as it is at one moment', async () => {
    const source = await create('pvc-1', { volumeCapabilities: [BLOCK] });
    await stage(source, BLOCK);
    await exec.run(['dd', `of=${join(at(source), 'device')}`, 'conv=notrunc'], { stdin: 'raw data' });
    const restored = await create('pvc-2', { ...fromSnapshot(await cut('snapshot-1', source)), volumeCapabilities: [BLOCK] });
    await stage(restored, BLOCK);
    expect((await exec.run(['head', '-c', '8', join(at(restored), 'device')])).stdout).toBe('raw data');
  });

  it('tells which bytes a snapshot holds, and which changed since another', async () => {
    const source = await create('pvc-1', { volumeCapabilities: [BLOCK] });
    await stage(source, BLOCK);
    const write = (blockMib: number): Promise<unknown> =>
      exec.run(['dd', 'if=/dev/urandom', `of=${join(at(source), 'device')}`, 'bs=1M', 'count=1', `seek=${blockMib}`, 'conv=notrunc,fsync']);
    await write(1);
    await write(10);
    const first = await cut('snapshot-1', source);
    await write(10);
    await write(20);
    const second = await cut('snapshot-2', source);
    const { snapshotMetadata } = fixture.driver;
    const mibs = async (answers: AsyncIterable<GetMetadataAllocatedResponse>): Promise<readonly string[]> => {
      const found: string[] = [];
      for await (const { volumeCapacityBytes, blockMetadata = [] } of answers) {
        expect(volumeCapacityBytes).toBe(320n * MIB);
        for (const { byteOffset = 0n, sizeBytes = 0n } of blockMetadata) found.push(`${byteOffset / MIB}+${sizeBytes / MIB}`);
      }
      return found;
    };
    expect(await mibs(snapshotMetadata.getMetadataAllocated({ snapshotId: second }, {}))).toEqual(['1+1', '10+1', '20+1']);
    expect(await mibs(snapshotMetadata.getMetadataAllocated({ snapshotId: second, startingOffset: 5n * MIB, maxResults: 1 }, {}))).toEqual([
      '10+1',
      '20+1',
    ]);
    expect(await mibs(snapshotMetadata.getMetadataDelta({ baseSnapshotId: first, targetSnapshotId: second }, {}))).toEqual([
      '10+1',
      '20+1',
    ]);
    expect(await mibs(snapshotMetadata.getMetadataDelta({ baseSnapshotId: first, targetSnapshotId: first }, {}))).toEqual([]);
    await expect(mibs(snapshotMetadata.getMetadataAllocated({ snapshotId: first, startingOffset: 320n * MIB }, {}))).rejects.toMatchObject({
      code: 'OutOfRange',
    });
    await fixture.driver.controller.controllerExpandVolume({ volumeId: source, capacityRange: { requiredBytes: 400n * MIB } }, {});
    await fixture.driver.node.nodeExpandVolume({ volumeId: source, volumePath: join(at(source), 'device') }, {});
    await write(350);
    const larger = await cut('snapshot-4', source);
    expect(await mibs(snapshotMetadata.getMetadataDelta({ baseSnapshotId: larger, targetSnapshotId: first }, {}))).toEqual([
      '10+1',
      '20+1',
    ]);
    const stranger = await cut('snapshot-3', await create('pvc-2'));
    await expect(mibs(snapshotMetadata.getMetadataDelta({ baseSnapshotId: stranger, targetSnapshotId: second }, {}))).rejects.toMatchObject(
      { code: 'InvalidArgument' },
    );
  });

  it('takes volumes of a group as of one moment, as a whole, and deletes them so', async () => {
    const [one, two] = [await create('pvc-1'), await create('pvc-2')];
    for (const volumeId of [one, two]) await stage(volumeId);
    const writer = exec.run([
      'sh',
      '-c',
      `i=0; while [ ! -e ${fixture.dir}/stop ]; do i=$((i+1)); echo $i >> ${at(one)}/count; sync ${at(one)}/count; echo $i >> ${at(two)}/count; sync ${at(two)}/count; done`,
    ]);
    await expect.poll(() => stat(join(at(two), 'count')).catch(() => undefined)).toBeDefined();
    const { groupSnapshot } = await fixture.driver.groupController.createVolumeGroupSnapshot(
      { name: 'groupsnapshot-1', sourceVolumeIds: [one, two] },
      {},
    );
    await writeFile(join(fixture.dir, 'stop'), '');
    await writer;
    const counts: number[] = [];
    const ids = groupSnapshot?.snapshots?.map((snapshot) => snapshot.snapshotId ?? '') ?? [];
    for (const [index, id] of ids.entries()) {
      const restored = await create(`restored-${index}`, fromSnapshot(id));
      await stage(restored);
      counts.push((await readFile(join(at(restored), 'count'), 'utf8')).split('\n').length - 1);
    }
    const [first = 0, second = 0] = counts;
    expect(first).toBeGreaterThan(0);
    expect(first - second).toBeOneOf([0, 1]);
    const [snapshotId] = ids;
    await expect(fixture.driver.controller.deleteSnapshot({ snapshotId }, {})).rejects.toMatchObject({ reason: 'SnapshotInGroup' });
    await fixture.driver.groupController.deleteVolumeGroupSnapshot({ groupSnapshotId: groupSnapshot?.groupSnapshotId }, {});
    expect((await fixture.driver.inventory()).snapshots).toEqual([]);
  });

  it('makes nothing of a group that can not be made whole', async () => {
    const sourceVolumeIds = [await create('pvc-1'), 'nowhere'];
    await expect(fixture.driver.groupController.createVolumeGroupSnapshot({ name: 'g', sourceVolumeIds }, {})).rejects.toMatchObject({
      reason: 'VolumeNotFound',
    });
    expect(await fixture.driver.inventory()).toMatchObject({ snapshots: [], unfinished: [] });
  });

  it('thaws when the copy fails, and leaves nothing of it', async () => {
    const source = await create('pvc-1');
    await stage(source);
    const image = join(fixture.pool.volumesDir, source, `${source}.img`);
    const failing = fixture.restart(new WatchedExec(() => rename(image, `${image}.away`)));
    await failing.recover();
    await expect(cut('snapshot-1', source, failing)).rejects.toMatchObject({ reason: 'CommandFailed' });
    await rename(`${image}.away`, image);
    await writeFile(join(at(source), 'goes on'), '');
    expect(await failing.inventory()).toMatchObject({ snapshots: [], unfinished: [] });
  });

  it.each([
    { who: 'takes too long', kill: [], isFrozenFor: 1_000, exitCode: 137 },
    { who: 'dies', kill: [/^timeout/, /^sh -c trap '' HUP INT TERM; at=/, /^sleep/], isFrozenFor: 0, exitCode: 137 },
    {
      who: 'dies with its guard',
      kill: [/^timeout/, /^sh -c trap '' HUP INT TERM; (at|watch)=/, /^sleep/],
      isFrozenFor: 0,
      exitCode: undefined,
    },
    { who: 'goes on without its guard', kill: [/^sh -c trap '' HUP INT TERM; watch=/], isFrozenFor: 1_000, exitCode: undefined },
  ])('SNAP-9: thaws all of a group in time where who froze it $who', async ({ kill, isFrozenFor, exitCode }) => {
    const [one, two] = [await create('pvc-1'), await create('pvc-2')];
    for (const volumeId of [one, two]) await stage(volumeId);
    const frozen = [at(one), at(two)];
    // why from here on: how much later than it the freeze is found depends on the machine
    const startMs = performance.now();
    const ended = exec.run(frozenCommand(frozen, ['sleep', '7.7'], { runSec: 2, watchSec: 3 })).catch((thrown: unknown) => thrown);
    await expect.poll(commandsOf).toContain('sleep 7.7');
    for (const { pid, text } of await commandsAt(frozen)) if (kill.some((pattern) => pattern.test(text))) process.kill(pid, 'SIGKILL');
    const beganMs = performance.now();
    for (const directory of frozen) await writeFile(join(directory, 'goes on'), '');
    const thawedMs = performance.now();
    expect(thawedMs - beganMs).toBeLessThan(4_000);
    if (isFrozenFor > 0) expect(thawedMs - startMs).toBeGreaterThan(isFrozenFor);
    const failed = await ended;
    expect(isCommandFailed(failed)).toBe(true);
    if (exitCode !== undefined) expect(failed).toMatchObject({ exitCode });
    await expect.poll(async () => (await commandsAt(frozen)).length).toBe(0);
  });

  it('SNAP-9: refuses a group of two raw devices in use, and takes one beside a file system', async () => {
    const raw = { volumeCapabilities: [BLOCK] };
    const ids = [await create('pvc-1', raw), await create('pvc-2', raw), await create('pvc-3')];
    const [one = '', two = '', three = ''] = ids;
    for (const volumeId of [one, two]) await stage(volumeId, BLOCK);
    await stage(three);
    const group = (name: string, ...sourceVolumeIds: readonly string[]) =>
      fixture.driver.groupController.createVolumeGroupSnapshot({ name, sourceVolumeIds }, {});
    await expect(group('g-1', one, two, three)).rejects.toMatchObject({
      reason: 'VolumeInUse',
      message: expect.stringContaining("are raw devices, which can't be held still together"),
    });
    expect(await fixture.driver.inventory()).toMatchObject({ snapshots: [], unfinished: [] });
    expect((await group('g-2', one, three)).groupSnapshot?.snapshots).toHaveLength(2);
  });

  it('thaws at its start what a killed copy left frozen, and removes what it made', async () => {
    const source = await create('pvc-1');
    await stage(source);
    await mkdir(join(fixture.pool.volumesDir, '..', 'snapshots', '.creating-snapshot-1'));
    await exec.run(['fsfreeze', '--freeze', at(source)]);
    const report = await fixture.restart().recover();
    await writeFile(join(at(source), 'goes on'), '');
    expect(report.removed).toHaveLength(1);
  });

  it('leaves a snapshot that it does not understand, and says so', async () => {
    const snapshotId = await cut('snapshot-1', await create('pvc-1'));
    await rm(join(fixture.pool.volumesDir, '..', 'snapshots', snapshotId, `${snapshotId}.img`));
    const second = fixture.restart();
    expect((await second.recover()).damaged).toEqual([{ volumeId: snapshotId, problem: `the content of snapshot ${snapshotId} is gone` }]);
    await expect(cut('snapshot-1', 'pvc-1', second)).rejects.toMatchObject({ reason: 'VolumeDamaged' });
    await second.controller.deleteSnapshot({ snapshotId }, {});
    expect((await second.inventory()).snapshots).toEqual([]);
    expect(await cut('snapshot-1', 'pvc-1', second)).toBe(snapshotId);
  });

  it('tells of a volume whose image is gone', async () => {
    const volumeId = await create('pvc-1');
    const condition = async (): Promise<unknown> =>
      (await fixture.driver.controller.controllerGetVolume({ volumeId }, {})).status?.volumeCondition;
    expect(await condition()).toEqual({ abnormal: false, message: 'the volume is whole' });
    await rm(join(fixture.pool.volumesDir, volumeId, `${volumeId}.img`));
    expect(await condition()).toMatchObject({ abnormal: true, message: expect.stringContaining('restore the volume from a copy') });
    await expect(cut('snapshot-1', volumeId)).rejects.toMatchObject({ code: 'DataLoss', reason: 'VolumeDamaged' });
  });
});

describe('snapshots and clones in a pool that can not share blocks', () => {
  let fixture: DriverFixture;

  beforeEach(async () => {
    fixture = await startDriver({ machine: ROOTLESS, sizeBytes: 1n << 30n });
  });
  afterEach(async () => fixture.dispose());

  it('copies a directory with links, modes and owners, and a clone of the copy', async () => {
    const { controller } = fixture.driver;
    const request = { volumeCapabilities: [mounting()], capacityRange: { requiredBytes: 10n * MIB } };
    await controller.createVolume({ name: 'pvc-1', ...request }, {});
    const data = join(fixture.pool.volumesDir, 'pvc-1', 'data');
    await mkdir(join(data, 'a'));
    await writeFile(join(data, 'a', 'file'), 'then');
    await symlink('../../../../etc/passwd', join(data, 'link'));
    await chmod(data, 0o2770);
    if (process.getuid?.() === 0) await chown(join(data, 'a', 'file'), 1000, 1000);
    const { snapshot } = await controller.createSnapshot({ name: 'snapshot-1', sourceVolumeId: 'pvc-1' }, {});
    expect(snapshot).toMatchObject({ sizeBytes: 10n * MIB, readyToUse: true });
    await writeFile(join(data, 'a', 'file'), 'later');
    await controller.createVolume({ name: 'pvc-2', ...request, volumeContentSource: { snapshot: { snapshotId: 'snapshot-1' } } }, {});
    const copy = join(fixture.pool.volumesDir, 'pvc-2', 'data');
    expect(await readdir(copy)).toEqual(['a', 'link']);
    expect(await readFile(join(copy, 'a', 'file'), 'utf8')).toBe('then');
    expect((await lstat(join(copy, 'link'))).isSymbolicLink()).toBe(true);
    expect((await stat(copy)).mode & 0o7777).toBe(0o2770);
    expect((await stat(join(copy, 'a', 'file'))).uid).toBe(process.getuid?.() === 0 ? 1000 : process.getuid?.());
  });

  it('refuses a copy for which there is no room, before it copies', async () => {
    const { controller } = fixture.driver;
    const request = { volumeCapabilities: [mounting()], capacityRange: { requiredBytes: (1n << 30n) - MIB } };
    await controller.createVolume({ name: 'pvc-1', ...request }, {});
    await exec.run(['dd', 'if=/dev/zero', `of=${join(fixture.pool.volumesDir, 'pvc-1', 'data', 'file')}`, 'bs=1M', 'count=3']);
    await expect(controller.createSnapshot({ name: 's', sourceVolumeId: 'pvc-1' }, {})).rejects.toMatchObject({ reason: 'PoolFull' });
    expect(await fixture.driver.inventory()).toMatchObject({ snapshots: [], unfinished: [] });
  });
});
