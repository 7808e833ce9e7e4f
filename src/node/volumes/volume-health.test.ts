import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Pod, PodVolumeHealth } from '#api/generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { NodeGetVolumeHealthRequest, NodeGetVolumeStatsResponse, VolumeHealth as Said } from '#protocols/csi/generated/messages.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { driverError } from '#testing/fakes/fake-driver.ts';
import { NodePaths } from '../node-paths.ts';
import { VolumeHealth, type VolumeHealthOptions } from './volume-health.ts';

const { signal } = new AbortController();
let dir: string;
let told: string[];
let health: VolumeHealth;
let capabilities: readonly string[];
let answers: Record<string, () => Promise<NodeGetVolumeStatsResponse>>;
let said: () => Promise<Said>;
let asked: NodeGetVolumeHealthRequest[];
let pods: Pod[];
const WELL_AGAIN = 'VolumeConditionNormal: Volume claim-0: The Volume returns to the healthy state';
/** What the status of a pod says, as the API would have it after each write. */
const healthOf = (name: string): readonly PodVolumeHealth[] | undefined =>
  pods.find(({ metadata }) => metadata.name === name)?.status?.volumeHealth;

const ill = async (): Promise<NodeGetVolumeStatsResponse> => ({ volumeCondition: { abnormal: true, message: 'the disk is full' } });
const well = async (): Promise<NodeGetVolumeStatsResponse> => ({ volumeCondition: { abnormal: false, message: 'fine' } });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'volume-health-'));
  const paths = new NodePaths({ root: dir, runtime: dir });
  pods = ['one', 'two'].map((name) => {
    const folder = paths.pod(name).volume('claim-0');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'volume.json'), JSON.stringify({ driver: name, volumeHandle: 'v' }));
    return aStoredPod({
      name,
      uid: name,
      claims: ['data'],
      spec: { volumes: [{ name: 'claim-0', persistentVolumeClaim: { claimName: 'data' } }] },
    });
  });
  [told, asked, capabilities, answers] = [[], [], ['VOLUME_CONDITION'], { one: well, two: well }];
  said = async () => ({ volumeId: 'v' });
  const driver = (name: string): CsiClient =>
    // why trusted: nothing else of a driver is called
    trusted<CsiClient>({
      node: {
        nodeGetCapabilities: async () => ({ capabilities: capabilities.map((type) => ({ rpc: { type } })) }),
        nodeGetVolumeStats: () => answers[name]?.(),
        nodeGetVolumeHealth: async (request: NodeGetVolumeHealthRequest) => {
          asked.push(request);
          return { volumeHealth: await said() };
        },
      },
    });
  const claims = { get: () => aStoredClaim() };
  const events = {
    record: ({ about, type, reason, message }: { about: { kind: string }; type: string; reason: string; message: string }) =>
      void told.push(`${about.kind} ${type} ${reason}: ${message}`),
  };
  const client = trusted<VolumeHealthOptions['client']>({
    patch: async (
      _resource: unknown,
      { key, patch }: { key: { name: string }; patch: { body: { status: { volumeHealth: unknown } } } },
    ) => {
      const volumeHealth = patch.body.status.volumeHealth ?? undefined;
      pods = pods.map((pod) => (pod.metadata.name === key.name ? trusted<Pod>({ ...pod, status: { ...pod.status, volumeHealth } }) : pod));
    },
  });
  health = new VolumeHealth({
    client,
    clock: new FakeClock(),
    log: silentLogger,
    paths,
    drivers: driver,
    events,
    claims,
    pods: () => pods,
  });
});
afterEach(() => rmSync(dir, { recursive: true }));

it('tells pod and claim of a volume that is not well, and once when it is again', async () => {
  answers['one'] = ill;
  await health.look(signal);
  expect(told).toEqual([
    'Pod Warning VolumeConditionAbnormal: Volume claim-0: the disk is full',
    'PersistentVolumeClaim Warning VolumeConditionAbnormal: Volume claim-0: the disk is full',
  ]);
  told.length = 0;
  answers['one'] = well;
  await health.look(signal);
  await health.look(signal);
  expect(told).toEqual([`Pod Normal ${WELL_AGAIN}`, `PersistentVolumeClaim Normal ${WELL_AGAIN}`]);
  expect(healthOf('one')).toBeUndefined();
});

it('VOL-19: the pod’s status says what an older driver means, and since when; an error clears nothing', async () => {
  answers['one'] = ill;
  await health.look(signal);
  const told = [
    {
      name: 'claim-0',
      healthConditions: [{ status: 'Degraded', reason: 'VolumeConditionAbnormal', message: 'the disk is full' }],
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
  ];
  expect([healthOf('one'), healthOf('two')]).toEqual([told, undefined]);
  answers['one'] = () => Promise.reject(driverError('Internal', 'no idea'));
  await health.look(signal);
  expect(healthOf('one')).toEqual(told);
});

it.each([
  { name: 'where it stages', has: ['GET_VOLUME_HEALTH', 'VOLUME_CONDITION', 'STAGE_UNSTAGE_VOLUME'], isStaged: true },
  { name: 'where it does not', has: ['GET_VOLUME_HEALTH'], isStaged: false },
])('VOL-19: a driver of CSI 1.13 is asked with its paths, $name', async ({ has, isStaged }) => {
  capabilities = has;
  said = async () => ({ volumeId: 'v', healthStatuses: [{ status: 'INACCESSIBLE', reason: 'PathLost', message: 'no path' }] });
  await health.look(signal);
  expect(told[0]).toBe('Pod Warning VolumeConditionAbnormal: Volume claim-0: Inaccessible (PathLost): no path');
  expect(healthOf('two')).toMatchObject([{ healthConditions: [{ status: 'Inaccessible', reason: 'PathLost' }] }]);
  expect(asked[0]).toMatchObject({ volumeId: 'v', volumePublishPath: expect.stringContaining('/one/volumes/claim-0/mount') });
  expect(asked[0]?.stagingTargetPath === undefined).toBe(!isStaged);
  said = async () => ({ volumeId: 'v' });
  await health.look(signal);
  expect(healthOf('two')).toBeUndefined();
  expect(told.at(-1)).toBe(`PersistentVolumeClaim Normal ${WELL_AGAIN}`);
});

it('says what other drivers say though one fails', async () => {
  answers['one'] = () => Promise.reject(driverError('DeadlineExceeded', 'no answer'));
  answers['two'] = ill;
  await health.look(signal);
  expect(told).toHaveLength(2);
});

it('asks no driver that has no conditions', async () => {
  capabilities = ['GET_VOLUME_STATS'];
  answers['one'] = ill;
  await health.look(signal);
  expect(told).toEqual([]);
});
