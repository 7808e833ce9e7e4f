import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sweepHalves } from './halves.ts';
import { NodePaths } from './node-paths.ts';

const UID = '00000000-0000-0000-0000-000000000001';
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'halves-'));
});
afterEach(async () => rm(root, { recursive: true, force: true }));

it('VOL-12: takes away what a killed platform left of small files, and nothing of volumes or of a shim at work', async () => {
  const pod = `pods/${UID}`;
  const halves = [
    'staging/abc/volume.json.tmp',
    `${pod}/pod.json.tmp`,
    `${pod}/network.json.tmp`,
    `${pod}/volumes/data/volume.json.tmp`,
    `${pod}/containers/main/0/run.json.tmp`,
    `${pod}/containers/main/0/state/signaled.tmp`,
    `${pod}/containers/main/1/state/term.tmp`,
  ];
  const kept = [
    `${pod}/pod.json`,
    `${pod}/containers/main/0/state/exit.tmp`,
    `${pod}/containers/main/0/state/signaled`,
    `${pod}/volumes/data/mount/users.tmp`,
    `${pod}/containers/main/0/upper/users.tmp`,
    'staging/abc/mount/users.tmp',
  ];
  for (const path of [...halves, ...kept]) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), '1');
  }
  await sweepHalves(new NodePaths({ root, runtime: root }));
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  expect(files.toSorted()).toEqual(kept.toSorted());
});

it('has nothing to do on a node that never ran a pod', async () => {
  await sweepHalves(new NodePaths({ root: join(root, 'none'), runtime: root }));
  expect(await readdir(root)).toEqual([]);
});
