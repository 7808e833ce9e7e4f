import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Container, Pod, Volume } from '#api/generated/kubernetes.ts';
import { SystemExec } from '#kit/exec.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { NodePaths, type PodPaths } from '../node-paths.ts';
import type { ObservedContainers } from '../status/observed-pod.ts';
import { isDiskLimited, whyOverfull } from './why-overfull.ts';

let dir: string;
let paths: PodPaths;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stowage-overfull-'));
  paths = new NodePaths({ root: dir, runtime: dir }).pod('00000000-0000-0000-0000-000000000001');
});
afterEach(() => rmSync(dir, { recursive: true }));

const MIB = 1 << 20;
const record = { attempt: 0, restartCount: 0, backoffStep: 0, createdAtMs: 0, image: 'i', imageId: 'i', bootId: 'b' };
const observed = (...names: readonly string[]): ObservedContainers =>
  new Map(names.map((name) => [name, { latest: { record, state: { phase: 'running', startedAtMs: 0, pid: 1 } } }]));
const limited = (name: string, limit?: string): Container => ({
  name,
  ...(limit === undefined ? {} : { resources: { limits: { 'ephemeral-storage': limit } } }),
});
const scratch = (sizeLimit?: string): Volume => ({ name: 'cache', emptyDir: sizeLimit === undefined ? {} : { sizeLimit } });
const podOf = (containers: readonly Container[], volumes: readonly Volume[] = []): Pod => aStoredPod({ spec: { containers, volumes } });

function write(path: string, mib: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.alloc(mib * MIB, 1));
}

it.each<{ name: string; pod: Pod; layerMib: number; logMib: number; scratchMib: number; says: string | undefined }>([
  { name: 'within its limit', pod: podOf([limited('a', '5Mi')]), layerMib: 2, logMib: 1, scratchMib: 0, says: undefined },
  {
    name: 'beyond it in its own files',
    pod: podOf([limited('a', '5Mi')]),
    layerMib: 6,
    logMib: 0,
    scratchMib: 0,
    says: 'Container a exceeded its local ephemeral storage limit "5Mi". ',
  },
  {
    name: 'beyond it with its log',
    pod: podOf([limited('a', '5Mi')]),
    layerMib: 3,
    logMib: 3,
    scratchMib: 0,
    says: 'Container a exceeded its local ephemeral storage limit "5Mi". ',
  },
  {
    name: 'beyond it with scratch space',
    pod: podOf([limited('a', '5Mi')], [scratch()]),
    layerMib: 3,
    logMib: 0,
    scratchMib: 3,
    says: 'Pod ephemeral local storage usage exceeds the total limit of containers 5Mi. ',
  },
  {
    name: 'beyond a volume’s limit',
    pod: podOf([limited('a')], [scratch('2Mi')]),
    layerMib: 9,
    logMib: 0,
    scratchMib: 3,
    says: 'Usage of EmptyDir volume "cache" exceeds the limit "2Mi". ',
  },
])('VOL-11: a pod $name: $says', async ({ pod, layerMib, logMib, scratchMib, says }) => {
  const run = paths.run('a', 0).dir;
  write(join(run, 'upper/x'), layerMib);
  write(join(run, 'log'), logMib);
  write(join(paths.volume('cache'), 'mount/x'), scratchMib);
  expect(isDiskLimited(pod)).toBe(true);
  expect(await whyOverfull(new SystemExec(), { pod, paths, observed: observed('a') })).toBe(says);
});

it('VOL-11: what a container before the others may leave in scratch space counts for the pod', async () => {
  const pod = aStoredPod({ spec: { initContainers: [limited('first', '20Mi')], containers: [limited('a', '5Mi')], volumes: [scratch()] } });
  write(join(paths.volume('cache'), 'mount/x'), 8);
  expect(await whyOverfull(new SystemExec(), { pod, paths, observed: observed('a') })).toBeUndefined();
  write(join(paths.volume('cache'), 'mount/y'), 16);
  expect(await whyOverfull(new SystemExec(), { pod, paths, observed: observed('a') })).toContain('the total limit of containers 20Mi');
});

it('a pod that nothing limits is not looked at', () => {
  expect(isDiskLimited(podOf([limited('a')], [scratch()]))).toBe(false);
});
