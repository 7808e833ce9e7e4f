import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Pod } from '#api/generated/kubernetes.ts';
import { SystemExec } from '#kit/exec.ts';
import { trusted } from '#kit/json.ts';
import { describeWith } from '#testing/requirements.ts';
import { Mounter } from '../machine/mounter.ts';
import { NodePaths, type PodPaths } from '../node-paths.ts';
import { PodVolumes, type PodVolumesOptions } from './pod-volumes.ts';

let root: string;
let paths: PodPaths;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stowage-pod-volumes-'));
  paths = new NodePaths({ root, runtime: join(root, 'run') }).pod('uid');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const { signal } = new AbortController();
const exec = new SystemExec();
// why trusted: none of these volumes asks the API or a driver
const volumes = (mounter = new Mounter(exec)) => new PodVolumes(trusted<PodVolumesOptions>({ exec, mounter }));
const pod = trusted<Pod>({ metadata: { name: 'p', uid: 'uid' }, spec: { volumes: [{ name: 'scratch', emptyDir: {} }], containers: [] } });
const scratch = () => join(paths.volume('scratch'), 'mount');
const modeOf = (path: string): number => statSync(path).mode & 0o7777;

it('VOL-11: an emptyDir is open to everybody, and keeps what the pod made of it when the platform starts again', async () => {
  await volumes().prepare({ pod, paths, signal });
  expect(modeOf(scratch())).toBe(0o777);
  chmodSync(scratch(), 0o700);
  await volumes().prepare({ pod, paths, signal });
  expect(modeOf(scratch())).toBe(0o700);
});

it('VOL-11: an emptyDir that a crash left half made is finished', async () => {
  mkdirSync(`${scratch()}.building`, { recursive: true, mode: 0o700 });
  await volumes().prepare({ pod, paths, signal });
  expect(readdirSync(paths.volume('scratch'))).toEqual(['mount']);
  expect(modeOf(scratch())).toBe(0o777);
  writeFileSync(join(scratch(), 'file'), '');
  await volumes().tearDown(paths, { data: 'keep', signal });
  expect(existsSync(join(scratch(), 'file'))).toBe(true);
  await volumes().tearDown(paths, { data: 'remove', signal });
  expect(existsSync(paths.volume('scratch'))).toBe(false);
});

describeWith(['mount'], 'a mount that comes late', () => {
  const mounter = new Mounter(exec);
  afterEach(() => mounter.unmountBelow(root));

  it('is not deleted through', async () => {
    await mounter.ensureMemory({ path: scratch(), mode: 0o755 });
    writeFileSync(join(scratch(), 'precious'), '');
    // as seen by who looked a moment before it came
    const early = Object.assign(new Mounter(exec), { table: async () => [] });
    await expect(volumes(early).tearDown(paths, { data: 'remove', signal })).rejects.toMatchObject({ reason: 'FailedMount' });
    expect(existsSync(join(scratch(), 'precious'))).toBe(true);
    await volumes().tearDown(paths, { data: 'remove', signal });
    expect(existsSync(paths.volume('scratch'))).toBe(false);
  });
});
