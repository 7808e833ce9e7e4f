import { VolumeNotReady } from './volume-error.ts';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Metrics } from '#kit/metrics.ts';
import { StorageOperations } from '#protocols/csi/storage-operations.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { ERROR_CODES, isErrorCode } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import { SystemExec } from '#kit/exec.ts';
import type { NodeGetCapabilitiesResponse, NodePublishVolumeRequest, NodeStageVolumeRequest } from '#protocols/csi/generated/messages.ts';
import { UnimplementedNode } from '#protocols/csi/unimplemented.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { Mounter } from '#linux/mounter.ts';
import { NodePaths } from '../node-paths.ts';
import { CsiVolumes, type CsiVolume, type CsiVolumesOptions } from './csi-volumes.ts';

const VOLUME: CsiVolume = {
  driver: 'fake',
  volumeHandle: 'vol/1',
  capability: { mount: { fsType: '', mountFlags: [] }, accessMode: { mode: 'SINGLE_NODE_WRITER' } },
  isReadOnly: false,
  takesFsGroup: false,
  volumeContext: {},
  publishContext: {},
  stageSecrets: {},
  publishSecrets: {},
};
const { signal } = new AbortController();

/** A node service that notes its calls, and fails those that the test names. */
class NodeService extends UnimplementedNode {
  readonly calls: string[] = [];
  failing = new Map<string, PlatformError>();
  stages = true;

  override nodeGetCapabilities = async (): Promise<NodeGetCapabilitiesResponse> => ({
    capabilities: this.stages ? [{ rpc: { type: 'STAGE_UNSTAGE_VOLUME' } }] : [],
  });
  /** What the last calls were told beside the volume. */
  readonly told: Record<string, unknown> = {};
  override nodeStageVolume = async ({ volumeContext }: NodeStageVolumeRequest) => {
    this.told['stage'] = volumeContext;
    return this.#note('stage');
  };
  override nodePublishVolume = async ({ targetPath = '', volumeContext }: NodePublishVolumeRequest) => {
    this.told['publish'] = volumeContext;
    mkdirSync(targetPath, { recursive: true });
    return this.#note('publish');
  };
  override nodeUnpublishVolume = async () => this.#note('unpublish');
  override nodeUnstageVolume = async () => this.#note('unstage');

  #note(call: string): Record<string, never> {
    this.calls.push(call);
    const error = this.failing.get(call);
    if (error !== undefined) throw error;
    return {};
  }
}

let dir: string;
let service: NodeService;
let isConnected: boolean;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stowage-csi-'));
  service = new NodeService();
  isConnected = true;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** As after a start of the platform: nothing is remembered. */
function volumes(parts: Partial<CsiVolumesOptions> = {}): CsiVolumes {
  const driver = Object.assign(new FakeDriver(), { node: service });
  const paths = new NodePaths({ root: dir, runtime: join(dir, 'run') });
  return new CsiVolumes({ paths, drivers: () => (isConnected ? driver : undefined), mounter: new Mounter(new SystemExec()), ...parts });
}
const use = (pod: string) => ({ owner: `${pod}.data`, targetPath: join(dir, pod) });
const stagedDir = () => new NodePaths({ root: dir, runtime: '' }).stagedVolume('fake', 'vol/1');
const staged = () => existsSync(stagedDir());

it('stages before it publishes, and unstages after the last pod only', async () => {
  const subject = volumes();
  await subject.publish(VOLUME, use('a'), signal);
  await subject.publish(VOLUME, use('b'), signal);
  await subject.unpublish(VOLUME, use('a'), signal);
  expect(service.calls).toEqual(['stage', 'publish', 'stage', 'publish', 'unpublish']);
  expect(staged()).toBe(true);
  await subject.unpublish(VOLUME, use('b'), signal);
  expect(service.calls.slice(-2)).toEqual(['unpublish', 'unstage']);
  expect(staged()).toBe(false);
});

it('VOL-19: what is done with volumes is counted by upstream’s names', async () => {
  const metrics = new Metrics();
  const subject = volumes({ operations: new StorageOperations({ metrics, clock: new FakeClock() }) });
  await subject.publish(VOLUME, use('a'), signal);
  await subject.unpublish(VOLUME, use('a'), signal);
  await subject.publish({ ...VOLUME, capability: { block: {} } }, use('b'), signal);
  await subject.unpublish(VOLUME, use('b'), signal);
  await subject.publish({ ...VOLUME, isMigrated: true }, use('d'), signal);
  await subject.unpublish(VOLUME, use('d'), signal);
  isConnected = false;
  await expect(subject.publish(VOLUME, use('c'), signal)).rejects.toThrow('not found in the list');
  const counts = metrics
    .render()
    .matchAll(/duration_seconds_count\{volume_plugin="([^"]+)",operation_name="([^"]+)",status="([^"]+)",migrated="([^"]+)"\} (\d+)/g);
  expect([...counts].map(([, ...parts]) => parts.join(' '))).toEqual([
    'kubernetes.io/csi:fake volume_mount success false 1',
    'kubernetes.io/csi:fake volume_unmount success false 1',
    'kubernetes.io/csi:fake unmount_device success false 2',
    'kubernetes.io/csi:fake map_volume success false 1',
    'kubernetes.io/csi:fake unmap_volume success false 1',
    'kubernetes.io/csi:fake volume_mount success true 1',
    'kubernetes.io/csi:fake volume_unmount success true 1',
    'kubernetes.io/csi:fake unmount_device success true 1',
    'kubernetes.io/csi:fake volume_mount fail-unknown false 1',
  ]);
});

it('VOL-8: a ReadWriteOncePod volume is for one pod, and for the next when that has ended', async () => {
  const volume = { ...VOLUME, isForOnePod: true };
  await volumes().publish(volume, use('a'), signal);
  await volumes().publish(volume, { ...use('a'), owner: 'a.again' }, signal);
  await volumes().publish(volume, use('a'), signal);
  await expect(volumes().publish(volume, use('b'), signal)).rejects.toThrow('already in use by another pod');
  await volumes().unpublish(volume, use('b'), signal);
  await volumes().unpublish(volume, { ...use('a'), owner: 'a.again' }, signal);
  await volumes().unpublish(volume, use('a'), signal);
  await volumes().publish(volume, use('b'), signal);
  expect(service.calls.at(-1)).toBe('publish');
});

it('VOL-19: what is of the pod is told at publishing only, and anew where the driver wants that', async () => {
  const subject = volumes();
  const of = (token: string): CsiVolume => ({ ...VOLUME, volumeContext: { pool: 'a' }, podContext: { token } });
  await subject.publish(of('first'), use('a'), signal);
  expect(service.told).toEqual({ stage: { pool: 'a' }, publish: { pool: 'a', token: 'first' } });
  await subject.republish(of('second'), use('a'), signal);
  expect(service.calls).toEqual(['stage', 'publish', 'publish']);
  expect(service.told['publish']).toEqual({ pool: 'a', token: 'second' });
});

it('does not stage with drivers that do not know it', async () => {
  service.stages = false;
  await volumes().publish(VOLUME, use('a'), signal);
  await volumes().unpublish(VOLUME, use('a'), signal);
  expect(service.calls).toEqual(['publish', 'unpublish']);
  expect(staged()).toBe(false);
});

it('after a restart it still knows who uses the volume', async () => {
  await volumes().publish(VOLUME, use('a'), signal);
  await volumes().publish(VOLUME, use('b'), signal);
  await volumes().unpublish(VOLUME, use('a'), signal);
  expect(service.calls).not.toContain('unstage');
  const started = volumes();
  await started.forgetUsers((owner) => owner !== 'b.data');
  expect(await started.unstageLeftovers(signal)).toEqual([]);
  expect(service.calls.at(-1)).toBe('unstage');
  expect(staged()).toBe(false);
});

const CODES = Object.keys(ERROR_CODES).filter(isErrorCode);

it.each(CODES.flatMap((code) => ['stage', 'publish'].map((call) => ({ code, call }))))(
  'a $call that fails with $code leaves a trace that undoes it',
  async ({ code, call }) => {
    service.failing.set(call, new PlatformError({ code, reason: 'Broken', message: 'broken' }));
    await expect(volumes().publish(VOLUME, use('a'), signal)).rejects.toMatchObject({ reason: 'Broken' });
    expect(staged()).toBe(true);
    service.failing.clear();
    await volumes().unpublish(VOLUME, use('a'), signal);
    expect(service.calls.slice(-2)).toEqual(['unpublish', 'unstage']);
    expect(staged()).toBe(false);
  },
);

it.each(CODES.filter((code) => code !== 'NotFound').flatMap((code) => ['unpublish', 'unstage'].map((call) => ({ code, call }))))(
  'a $call that fails with $code is tried again',
  async ({ code, call }) => {
    await volumes().publish(VOLUME, use('a'), signal);
    service.failing.set(call, new PlatformError({ code, reason: 'Busy', message: 'busy' }));
    await expect(volumes().unpublish(VOLUME, use('a'), signal)).rejects.toMatchObject({ reason: 'Busy' });
    expect(staged()).toBe(true);
    service.failing.clear();
    await volumes().unpublish(VOLUME, use('a'), signal);
    expect(staged()).toBe(false);
  },
);

it('a volume of which its driver does not let go keeps no other, and goes when it does', async () => {
  const other = { ...VOLUME, volumeHandle: 'vol/2' };
  await volumes().publish(VOLUME, use('a'), signal);
  await volumes().publish(other, use('b'), signal);
  const started = volumes();
  await started.forgetUsers(() => false);
  const { nodeUnstageVolume } = service;
  service.nodeUnstageVolume = ({ volumeId = '' }: { readonly volumeId?: string | undefined } = {}) =>
    volumeId === 'vol/1'
      ? Promise.reject(new PlatformError({ code: 'DeadlineExceeded', reason: 'DeadlineExceeded', message: 'no answer' }))
      : nodeUnstageVolume();
  expect(await started.unstageLeftovers(signal)).toMatchObject([{ code: 'DeadlineExceeded' }]);
  expect(staged()).toBe(true);
  expect(existsSync(new NodePaths({ root: dir, runtime: '' }).stagedVolume('fake', 'vol/2'))).toBe(false);
  service.nodeUnstageVolume = nodeUnstageVolume;
  expect(await started.unstageLeftovers(signal)).toEqual([]);
  expect(staged()).toBe(false);
});

it('what the driver does not know is undone already', async () => {
  await volumes().publish(VOLUME, use('a'), signal);
  for (const call of ['unpublish', 'unstage'])
    service.failing.set(call, new PlatformError({ code: 'NotFound', reason: 'NotFound', message: 'gone' }));
  await volumes().unpublish(VOLUME, use('a'), signal);
  expect(staged()).toBe(false);
});

it('says which driver is not there', async () => {
  isConnected = false;
  await expect(volumes().publish(VOLUME, use('a'), signal)).rejects.toMatchObject({
    reason: 'FailedMount',
    message: expect.stringContaining('driver name fake not found in the list of registered CSI drivers of this node'),
  });
});

it('a use that never came to be is undone without its driver, one that did waits for it', async () => {
  isConnected = false;
  await expect(volumes().publish(VOLUME, use('a'), signal)).rejects.toMatchObject({ reason: 'FailedMount' });
  await volumes().unpublish(VOLUME, use('a'), signal);
  expect(staged()).toBe(false);
  isConnected = true;
  await volumes().publish(VOLUME, use('a'), signal);
  isConnected = false;
  await expect(volumes().unpublish(VOLUME, use('a'), signal)).rejects.toMatchObject({ reason: 'FailedMount' });
  expect(staged()).toBe(true);
});

it('a use that is undone stays so, while the volume waits for its driver', async () => {
  await volumes().publish(VOLUME, use('a'), signal);
  service.failing.set('unstage', new PlatformError({ code: 'Internal', reason: 'Busy', message: 'busy' }));
  await expect(volumes().unpublish(VOLUME, use('a'), signal)).rejects.toMatchObject({ reason: 'Busy' });
  service.failing.clear();
  await volumes().unpublish(VOLUME, use('a'), signal);
  expect(service.calls.filter((call) => call === 'unpublish')).toHaveLength(1);
  expect(staged()).toBe(false);
});

it.each([
  { name: 'the target', mountPoint: () => join(dir, 'a'), calls: ['unpublish'] },
  { name: 'the staging directory', mountPoint: () => join(stagedDir(), 'mount'), calls: ['unpublish', 'unstage'] },
])('removes nothing while $name is mounted, whatever the driver says', async ({ mountPoint, calls }) => {
  await volumes().publish(VOLUME, use('a'), signal);
  service.calls.length = 0;
  const mount = { mountPoint: mountPoint(), root: '/', fsType: 'xfs', source: '/dev/loop0', superOptions: '' };
  const mounter = Object.assign(new Mounter(new SystemExec()), { table: async () => [mount] });
  await expect(volumes({ mounter }).unpublish(VOLUME, use('a'), signal)).rejects.toThrow(`${mount.mountPoint} is still mounted`);
  expect(service.calls).toEqual(calls);
  expect(existsSync(mount.mountPoint)).toBe(true);
  await volumes().unpublish(VOLUME, use('a'), signal);
  expect(staged()).toBe(false);
});

it('VOL-17: says that an attached volume is used before it is mounted, and that it is not after it was unmounted everywhere', async () => {
  const inUse = {
    add: async () => void service.calls.push('in use'),
    remove: async () => void service.calls.push('not in use'),
  };
  const attached = { ...VOLUME, isAttached: true };
  await volumes({ inUse }).publish(attached, use('a'), signal);
  await volumes({ inUse }).publish(attached, use('b'), signal);
  expect(await volumes({ inUse }).attached()).toEqual([{ driver: 'fake', volumeHandle: 'vol/1' }]);
  await volumes({ inUse }).unpublish(attached, use('a'), signal);
  await volumes({ inUse }).unpublish(attached, use('b'), signal);
  expect(service.calls.join(', ')).toBe('in use, stage, publish, in use, stage, publish, unpublish, unpublish, unstage, not in use');
  expect(await volumes({ inUse }).attached()).toEqual([]);
});

it('VOL-17: does not mount what began to be detached before it was said to be in use', async () => {
  const inUse = { add: async () => void service.calls.push('in use'), remove: async () => {} };
  const verifyAttached = async (): Promise<void> => {
    service.calls.push('looked at');
    throw new VolumeNotReady('it is being detached');
  };
  await expect(volumes({ inUse }).publish({ ...VOLUME, isAttached: true, verifyAttached }, use('a'), signal)).rejects.toThrow('detached');
  expect(service.calls.join(', ')).toBe('in use, looked at');
});

it.each<{ name: string; capability: CsiVolume['capability']; emptied: number }>([
  { name: 'a file system is first freed of what containers mounted inside', capability: VOLUME.capability, emptied: 1 },
  {
    name: 'a raw device is let go of by its driver alone',
    capability: { block: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } },
    emptied: 0,
  },
])('VOL-13: $name', async ({ capability, emptied }) => {
  const freed: string[] = [];
  const mounter = Object.assign(new Mounter(new SystemExec()), {
    unmountInside: async (path: string) => void freed.push(path),
  });
  const volume = { ...VOLUME, capability };
  await volumes({ mounter }).publish(volume, use('a'), signal);
  service.failing.set('unstage', new PlatformError({ code: 'Unavailable', reason: 'PoolUnavailable', message: 'held' }));
  await expect(volumes({ mounter }).unpublish(volume, use('a'), signal)).rejects.toMatchObject({ reason: 'PoolUnavailable' });
  expect(staged()).toBe(true);
  expect(freed).toHaveLength(emptied);
  service.failing.clear();
  await volumes({ mounter }).unpublish(volume, use('a'), signal);
  expect(staged()).toBe(false);
});
