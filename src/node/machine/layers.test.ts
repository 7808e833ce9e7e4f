import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SystemExec } from '#kit/exec.ts';
import { describeWith } from '#testing/requirements.ts';
import { whyNoLayers } from './layers.ts';
import { Mounter } from '#linux/mounter.ts';

describeWith(['root'], 'where layers of root file systems can lie', () => {
  const exec = new SystemExec();
  const mounter = new Mounter(exec);
  let dir: string;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'stowage-layers-'));
    await exec.run(['mount', '-t', 'tmpfs', 'tmpfs', dir]);
    for (const name of ['lower', 'upper', 'work', 'data']) mkdirSync(join(dir, name));
  });
  afterEach(async () => {
    await mounter.unmountBelow(dir);
    rmSync(dir, { recursive: true });
  });
  const mountOverlay = (): Promise<unknown> =>
    exec.run(['mount', '-t', 'overlay', 'overlay', '-o', 'lowerdir=lower,upperdir=upper,workdir=work', 'data'], { cwd: dir });

  it('RUN-1: on a file system of its own, not on a layer itself; nothing is left of the try', async () => {
    const data = join(dir, 'data');
    expect(await whyNoLayers({ exec, mounter }, data)).toBeUndefined();
    await mountOverlay();
    expect(await whyNoLayers({ exec, mounter }, data)).toMatch(/overlay/);
    expect(readdirSync(data)).toEqual([]);
  });

  it('what a killed try left is taken away first', async () => {
    const probe = join(dir, 'data', '.layer-probe', 'root');
    mkdirSync(probe, { recursive: true });
    await exec.run(['mount', '-t', 'tmpfs', 'tmpfs', probe]);
    expect(await whyNoLayers({ exec, mounter }, join(dir, 'data'))).toBeUndefined();
    expect(readdirSync(join(dir, 'data'))).toEqual([]);
  });
});
