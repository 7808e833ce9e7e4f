import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '#api/generated/kubernetes.ts';
import { pods } from '#api/resources.ts';
import type { Exec } from '#kit/exec.ts';
import { silentLogger } from '#kit/log.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aPod } from '#testing/builders/pod.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { RuncRuntime } from '../containers/runc-runtime.ts';
import { Mounter } from '#linux/mounter.ts';
import { NodePaths } from '../node-paths.ts';
import type { NodeEvent } from '../status/pod-events.ts';
import { writePodRecord } from '../pod-record.ts';
import { NodePressure } from './node-pressure.ts';
import { parseThresholds, type Readings } from './thresholds.ts';

const MIB = 1n << 20n;
const PLENTY = { available: 1000n * MIB, capacity: 1000n * MIB };
const exec: Exec = { run: () => Promise.reject(new TypeError('nothing is to be run')) };

describe('VOL-17: a node that runs short', () => {
  let api: TestApi<FakeClock>;
  let readings: Readings;
  let events: NodeEvent[];
  let changes: number;
  let memory: ReadonlyMap<string, bigint>;
  let seen: Pod[];
  let unusedImages: string[];
  let pressure: NodePressure;
  let root: string;
  let paths: NodePaths;
  beforeEach(async () => {
    api = await startTestApi();
    readings = { 'memory.available': PLENTY, 'nodefs.available': PLENTY, 'nodefs.inodesFree': PLENTY, 'pid.available': PLENTY };
    events = [];
    changes = 0;
    memory = new Map();
    seen = [];
    unusedImages = [];
    const thresholds = parseThresholds('memory.available<100Mi,nodefs.available<10%');
    root = mkdtempSync(join(tmpdir(), 'stowage-pressure-'));
    paths = new NodePaths({ root, runtime: join(root, 'run') });
    const mounter = new Mounter(exec);
    const machine = { runc: undefined, busybox: undefined, bootId: 'b' };
    pressure = new NodePressure({
      nodeName: 'node-1',
      thresholds: thresholds.ok ? thresholds.value : [],
      read: async () => readings,
      readCgroup: async (cgroup) => [...memory].find(([uid]) => cgroup.includes(uid))?.[1] ?? 0n,
      client: api.client,
      clock: api.clock,
      exec,
      log: silentLogger,
      events: { record: (event) => events.push(event) },
      paths,
      runtime: new RuncRuntime({ paths, exec, mounter, clock: api.clock, log: silentLogger, ...machine }),
      pods: () => seen,
      removeImages: async () => unusedImages.splice(0).length > 0,
      onChange: () => (changes += 1),
    });
  });
  afterEach(async () => {
    await api.close();
    rmSync(root, { recursive: true });
  });

  const held = () => pressure.findings().flatMap(({ type, status }) => (status === 'True' ? [type] : []));

  it('says so at once, and that it is over after five quiet minutes', async () => {
    await pressure.look();
    expect({ held: held(), changes }).toEqual({ held: [], changes: 0 });
    readings = { ...readings, 'nodefs.available': { available: MIB, capacity: 1000n * MIB } };
    await pressure.look();
    await pressure.look();
    expect({ held: held(), changes, admission: pressure.pressures() }).toEqual({
      held: ['DiskPressure'],
      changes: 1,
      admission: ['DiskPressure'],
    });
    expect(events.map(({ reason, message }) => `${reason} ${message}`)).toContain(
      'EvictionThresholdMet Attempting to reclaim ephemeral-storage',
    );
    readings = { ...readings, 'nodefs.available': PLENTY };
    await api.clock.step(299_000);
    await pressure.look();
    expect(held()).toEqual(['DiskPressure']);
    await api.clock.step(1_000);
    await pressure.look();
    expect({ held: held(), changes }).toEqual({ held: [], changes: 2 });
  });

  it('takes images that nobody uses first, when the disk is full', async () => {
    const pod = await api.client.create(pods, aPod({ nodeName: 'node-1' }));
    seen.push({ ...pod, status: { phase: 'Running' } });
    unusedImages = ['old'];
    readings = { ...readings, 'nodefs.available': { available: MIB, capacity: 1000n * MIB } };
    await pressure.look();
    expect(unusedImages).toEqual([]);
    expect((await api.client.get(pods, { namespace: 'default', name: 'web' })).status?.phase).not.toBe('Failed');
    expect(events.map(({ reason }) => reason)).toEqual(['EvictionThresholdMet']);
  });

  it('ends one pod at a look, the one that takes most beyond its request, and says that it was disrupted', async () => {
    for (const [name, used] of [
      ['small', 1n],
      ['large', 300n],
    ] as const) {
      const pod = await api.client.create(pods, aPod({ name, nodeName: 'node-1', status: { phase: 'Running' } }));
      memory = new Map([...memory, [pod.metadata.uid, used * MIB]]);
      seen.push({ ...pod, status: { phase: 'Running' } });
    }
    readings = { ...readings, 'memory.available': { available: 50n * MIB, capacity: 1000n * MIB } };
    await pressure.look();
    const [large, small] = await Promise.all(['large', 'small'].map((name) => api.client.get(pods, { namespace: 'default', name })));
    expect(large?.status).toMatchObject({
      phase: 'Failed',
      reason: 'Evicted',
      message: expect.stringMatching(/^The node was low on resource: memory\. .*Container main was using 300Mi/),
      conditions: [expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' })],
    });
    expect(small?.status?.phase).not.toBe('Failed');
    expect(events.map(({ reason }) => reason)).toEqual(['EvictionThresholdMet', 'Evicted']);
  });

  it('waits 30 s for the end of a pod that it evicted, and then goes on with the next', async () => {
    for (const [name, used] of [
      ['stuck', 300n],
      ['next', 200n],
      ['small', 1n],
    ] as const) {
      const pod = await api.client.create(pods, aPod({ name, nodeName: 'node-1', status: { phase: 'Running' } }));
      memory = new Map([...memory, [pod.metadata.uid, used * MIB]]);
      seen.push({ ...pod, status: { phase: 'Running' } });
    }
    readings = { ...readings, 'memory.available': { available: 50n * MIB, capacity: 1000n * MIB } };
    const evicted = () => events.flatMap(({ reason, about }) => (reason === 'Evicted' ? [about.metadata.name] : []));
    /** The node sees what was written, and works on what it evicted. */
    const catchUp = async (): Promise<void> => {
      seen = await Promise.all(seen.map(({ metadata: { name } }) => api.client.get(pods, { namespace: 'default', name })));
      for (const pod of seen)
        if (pod.status?.reason === 'Evicted')
          await writePodRecord(paths.pod(pod.metadata.uid), { namespace: 'default', name: pod.metadata.name, isFinished: false });
    };
    await pressure.look();
    await catchUp();
    await pressure.look();
    await api.clock.step(29_999);
    await pressure.look();
    expect(evicted()).toEqual(['stuck']);
    await api.clock.step(1);
    await pressure.look();
    await catchUp();
    expect(evicted()).toEqual(['stuck', 'next']);
    // the next one has its own 30 s
    await pressure.look();
    await api.clock.step(29_999);
    await pressure.look();
    expect(evicted()).toEqual(['stuck', 'next']);
  });
});
