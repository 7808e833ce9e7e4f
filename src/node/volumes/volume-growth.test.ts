import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PersistentVolumeClaim, PersistentVolumeClaimStatus } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { ERROR_CODES, isErrorCode } from '#kit/error-codes.ts';
import { SystemExec } from '#kit/exec.ts';
import { CsiCallFailed } from '#protocols/csi/grpc-status.ts';
import type { NodeExpandVolumeRequest, NodeExpandVolumeResponse } from '#protocols/csi/generated/messages.ts';
import { UnimplementedNode } from '#protocols/csi/unimplemented.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { Mounter } from '#linux/mounter.ts';
import { NodePaths } from '../node-paths.ts';
import { type CsiVolume, CsiVolumes } from './csi-volumes.ts';
import { type GrowthResult, VolumeGrowth } from './volume-growth.ts';

const KEY = { namespace: 'default', name: 'data' };
const GIB = 1024n ** 3n;
const CODES = Object.keys(ERROR_CODES).filter(isErrorCode);
const INFEASIBLE = ['InvalidArgument', 'OutOfRange', 'NotFound'];
/** After these the driver may still be at work, and the claim says nothing of a failure yet. */
const OPEN = ['Canceled', 'DeadlineExceeded', 'Unavailable', 'Aborted', 'ResourceExhausted'];
const VOLUME: CsiVolume = {
  driver: 'disk.example',
  volumeHandle: 'pv-1',
  capability: { mount: { fsType: '', mountFlags: [] }, accessMode: { mode: 'SINGLE_NODE_WRITER' } },
  isReadOnly: false,
  takesFsGroup: false,
  volumeContext: {},
  publishContext: {},
  stageSecrets: {},
  publishSecrets: {},
};

class NodeService extends UnimplementedNode {
  readonly requests: NodeExpandVolumeRequest[] = [];
  fault: CsiCallFailed | undefined;

  override nodeGetCapabilities = async () => ({
    capabilities: (['STAGE_UNSTAGE_VOLUME', 'EXPAND_VOLUME'] as const).map((type) => ({ rpc: { type } })),
  });
  override nodeExpandVolume = async (request: NodeExpandVolumeRequest): Promise<NodeExpandVolumeResponse> => {
    this.requests.push(request);
    if (this.fault !== undefined) throw this.fault;
    return {};
  };
}

let dir: string;
let api: TestApi<FakeClock>;
let service: NodeService;
let told: string[];
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'volume-growth-'));
  api = await startTestApi();
  service = new NodeService();
  told = [];
  const claim = await api.client.create(persistentVolumeClaims, aClaim({ size: '2Gi', volumeName: 'pv-1' }));
  await setStatus(claim, {
    phase: 'Bound',
    capacity: { storage: '1Gi' },
    allocatedResources: { storage: '2Gi' },
    allocatedResourceStatuses: { storage: 'NodeResizePending' },
  });
});
afterEach(async () => {
  await api.close();
  rmSync(dir, { recursive: true });
});

async function setStatus({ metadata }: PersistentVolumeClaim, status: PersistentVolumeClaimStatus): Promise<void> {
  const patch = { type: 'merge', body: { metadata: { uid: metadata.uid }, status } } as const;
  await api.client.patch(persistentVolumeClaims, { key: KEY, patch }, { subresource: 'status' });
}

const claim = (): Promise<PersistentVolumeClaim> => api.client.get(persistentVolumeClaims, KEY);

/** One try, as by a node that has just started. */
async function grow(nodeExpandSecretRef?: { readonly name: string; readonly namespace: string }): Promise<GrowthResult> {
  const driver = Object.assign(new FakeDriver(), { node: service });
  const paths = new NodePaths({ root: dir, runtime: dir });
  const csi = new CsiVolumes({ paths, drivers: () => driver, mounter: new Mounter(new SystemExec()) });
  const events = {
    record: ({ about, type, reason, message }: { about: { kind: string }; type: string; reason: string; message: string }) =>
      void told.push(`${about.kind} ${type} ${reason}: ${message}`),
  };
  const csiSource = { driver: 'disk.example', volumeHandle: 'pv-1', ...(nodeExpandSecretRef === undefined ? {} : { nodeExpandSecretRef }) };
  return new VolumeGrowth({ client: api.client, clock: api.clock, csi, events }).finish({
    pod: aStoredPod({ claims: ['data'] }),
    bound: {
      claim: await claim(),
      volume: aStoredVolume({ size: '2Gi', driver: 'disk.example', spec: { csi: csiSource } }),
      isReadOnly: false,
    },
    volume: VOLUME,
    use: { owner: 'uid.data', targetPath: join(dir, 'target') },
    signal: new AbortController().signal,
  });
}

const answer = (code: (typeof CODES)[number]): CsiCallFailed => new CsiCallFailed({ code, reason: code, message: 'out of order' });
const textOf = (code: string): string => `rpc error: code = ${code} desc = out of order`;

describe.each(CODES)('a driver that answers %s', (code) => {
  const isInfeasible = INFEASIBLE.includes(code);
  const outcome = isInfeasible ? 'done' : code === 'FailedPrecondition' ? 'postponed' : code;
  beforeEach(() => {
    service.fault = answer(code);
  });

  it('VOL-9: to NodeExpandVolume: pod and claim say so', async () => {
    expect(await grow().catch((thrown: unknown) => (thrown === service.fault ? code : thrown))).toBe(outcome);
    const failed = `Warning VolumeResizeFailed: MountVolume.NodeExpandVolume failed for volume "pv-1": ${textOf(code)}`;
    expect(told).toEqual([`Pod ${failed}`, `PersistentVolumeClaim ${failed}`]);
    const { status } = await claim();
    expect(status?.capacity).toEqual({ storage: '1Gi' });
    expect(status?.allocatedResourceStatuses).toEqual({ storage: isInfeasible ? 'NodeResizeInfeasible' : 'NodeResizeInProgress' });
    const said = { type: 'NodeResizeError', message: `failed to expand pvc with ${textOf(code)}` };
    const conditions = status?.conditions?.map(({ type, message }) => ({ type, message }));
    expect(conditions).toEqual([{ type: 'FileSystemResizePending' }, ...(OPEN.includes(code) ? [] : [said])]);
  });

  it('VOL-9: to NodeExpandVolume: it ends when the driver answers, or waits for the controller where the size is refused', async () => {
    await grow().catch(() => {});
    service.fault = undefined;
    expect(await grow()).toBe('done');
    expect(service.requests).toHaveLength(isInfeasible ? 1 : 2);
    const { status } = await claim();
    expect(status?.capacity).toEqual({ storage: isInfeasible ? '1Gi' : '2Gi' });
    expect(status?.allocatedResourceStatuses?.['storage']).toBe(isInfeasible ? 'NodeResizeInfeasible' : undefined);
    expect(status?.conditions ?? []).toHaveLength(isInfeasible ? 2 : 0);
    expect(told.at(-1)).toContain(isInfeasible ? textOf(code) : 'Normal FileSystemResizeSuccessful');
  });
});

it('VOL-9: the driver is told where the volume is, and how large it is to be', async () => {
  await grow();
  expect(service.requests).toEqual([
    {
      volumeId: 'pv-1',
      volumePath: join(dir, 'target'),
      stagingTargetPath: join(new NodePaths({ root: dir, runtime: dir }).stagedVolume('disk.example', 'pv-1'), 'mount'),
      capacityRange: { requiredBytes: 2n * GIB },
      volumeCapability: VOLUME.capability,
      secrets: {},
    },
  ]);
});

it('VOL-9: a secret that is missing is waited for, not taken for a refusal of the driver', async () => {
  await expect(grow({ namespace: 'default', name: 'none' })).rejects.toMatchObject({ reason: 'FailedMount' });
  expect(told[0]).toContain('secret "default/none" of the volume\'s driver not found');
  expect((await claim()).status?.allocatedResourceStatuses).toEqual({ storage: 'NodeResizeInProgress' });
  expect(service.requests).toEqual([]);
});
