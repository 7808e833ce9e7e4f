import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { NodeGetVolumeStatsResponse } from '#protocols/csi/generated/messages.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { driverError } from '#testing/fakes/fake-driver.ts';
import { NodePaths } from '../node-paths.ts';
import { VolumeHealth } from './volume-health.ts';

const { signal } = new AbortController();
let dir: string;
let told: string[];
let health: VolumeHealth;
let capabilities: readonly string[];
let answers: Record<string, () => Promise<NodeGetVolumeStatsResponse>>;

const ill = async (): Promise<NodeGetVolumeStatsResponse> => ({ volumeCondition: { abnormal: true, message: 'the disk is full' } });
const well = async (): Promise<NodeGetVolumeStatsResponse> => ({ volumeCondition: { abnormal: false, message: 'fine' } });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'volume-health-'));
  const paths = new NodePaths({ root: dir, runtime: dir });
  const pods = ['one', 'two'].map((name) => {
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
  [told, capabilities, answers] = [[], ['VOLUME_CONDITION'], { one: well, two: well }];
  const driver = (name: string): CsiClient =>
    // why trusted: nothing else of a driver is called
    trusted<CsiClient>({
      node: {
        nodeGetCapabilities: async () => ({ capabilities: capabilities.map((type) => ({ rpc: { type } })) }),
        nodeGetVolumeStats: () => answers[name]?.(),
      },
    });
  const claims = { get: () => aStoredClaim() };
  const events = {
    record: ({ about, type, reason, message }: { about: { kind: string }; type: string; reason: string; message: string }) =>
      void told.push(`${about.kind} ${type} ${reason}: ${message}`),
  };
  health = new VolumeHealth({ clock: new FakeClock(), log: silentLogger, paths, drivers: driver, events, claims, pods: () => pods });
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
  expect(told).toEqual([
    'Pod Normal VolumeConditionNormal: Volume claim-0: The Volume returns to the healthy state',
    'PersistentVolumeClaim Normal VolumeConditionNormal: Volume claim-0: The Volume returns to the healthy state',
  ]);
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
