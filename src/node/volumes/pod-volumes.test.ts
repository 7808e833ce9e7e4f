import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Pod, Secret } from '#api/generated/kubernetes.ts';
import { SystemExec } from '#kit/exec.ts';
import { trusted } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { describeWith } from '#testing/requirements.ts';
import { Mounter } from '#linux/mounter.ts';
import { NodePaths, type PodPaths } from '../node-paths.ts';
import type { CsiVolume } from './csi-volumes.ts';
import { PodTokens } from './pod-tokens.ts';
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

it.each([0o750, 0o1777, 0])('VOL-19: an emptyDir has the mode %d that the pod wants for it', async (mode) => {
  const of = trusted<Pod>({ ...pod, spec: { volumes: [{ name: 'scratch', emptyDir: { mode } }], containers: [] } });
  await volumes().prepare({ pod: of, paths, signal });
  expect(modeOf(scratch())).toBe(mode);
});

it.each([
  { mode: undefined, want: 'mode=1777' },
  { mode: 0o700, want: 'mode=700' },
])('VOL-19: an emptyDir in memory is mounted with $want', async ({ mode, want }) => {
  const said: string[] = [];
  // why trusted: nothing else of a mounter is asked
  const mounter = new Mounter(trusted({ run: async (argv: readonly string[]) => void said.push(argv.join(' ')) }));
  const of = trusted<Pod>({ ...pod, spec: { volumes: [{ name: 'scratch', emptyDir: { medium: 'Memory', mode } }], containers: [] } });
  await volumes(mounter).prepare({ pod: of, paths, signal });
  expect(said).toEqual([`mount -t tmpfs -o nosuid,nodev,${want} tmpfs ${scratch()}`]);
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

it.each([
  { name: 'of a driver that wants it', requiresRepublish: true, published: ['again'] },
  { name: 'of no other driver', requiresRepublish: false, published: [] },
])('VOL-19: a refresh publishes the volume $name anew', async ({ requiresRepublish, published }) => {
  const said: string[] = [];
  const csi = { republish: async ({ volumeContext }: CsiVolume) => void said.push(volumeContext['turn'] ?? '') };
  const spec = { requiresRepublish, volumeLifecycleModes: ['Ephemeral'] };
  // why trusted: all that is asked of the API is the driver's object
  const client = trusted<Client>({ get: async () => ({ metadata: { name: 'd' }, spec }) });
  const source = { name: 'vault', csi: { driver: 'd', volumeAttributes: { turn: 'again' } } };
  const of = trusted<Pod>({ ...pod, spec: { volumes: [source, { name: 'scratch', emptyDir: {} }], containers: [] } });
  mkdirSync(paths.volume('vault'), { recursive: true });
  writeFileSync(join(paths.volume('vault'), 'volume.json'), JSON.stringify({ driver: 'd', volumeHandle: 'h' }));
  await new PodVolumes(trusted<PodVolumesOptions>({ exec, client, csi })).refresh({ pod: of, paths, signal });
  expect(said).toEqual(published);
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

describeWith(['mount', 'root'], 'VOL-13: files that the node writes for a group', () => {
  const GID = 2_000;
  const mounter = new Mounter(exec);
  afterEach(() => mounter.unmountBelow(root));

  const tokenOf = (round: number): string => `token-${round}`;
  const files = [
    { name: 'token', volume: { projected: { sources: [{ serviceAccountToken: { path: 'file', expirationSeconds: 3_600 } }] } } },
    { name: 'secret', volume: { secret: { secretName: 's', defaultMode: 0o400 } } },
    {
      name: 'projected secret',
      volume: { projected: { defaultMode: 0o400, sources: [{ secret: { name: 's', items: [{ key: 'file', path: 'file' }] } }] } },
    },
  ];

  it.each(files.flatMap((each) => ['OnRootMismatch', 'Always'].map((policy) => ({ ...each, policy }))))(
    'a new $name can be read by the group as the first one, with $policy',
    async ({ volume, policy }) => {
      const clock = new FakeClock();
      let round = 1;
      const secret = (): Secret => trusted({ data: { file: Buffer.from(tokenOf(round)).toString('base64') } });
      // why trusted: what these volumes ask of the API is one secret
      const client = trusted<Client>({ get: async () => secret() });
      const tokens = new PodTokens({ issue: async () => ({ token: tokenOf(round), expiresAtMs: clock.nowMs() + 3_600_000 }) }, clock);
      const node = { hostIp: '10.0.0.1', cpus: 1, memoryBytes: 1n };
      const made = new PodVolumes(trusted<PodVolumesOptions>({ exec, mounter, client, tokens, node }));
      const securityContext = { fsGroup: GID, fsGroupChangePolicy: policy };
      const of = trusted<Pod>({ ...pod, spec: { securityContext, volumes: [{ name: 'written', ...volume }], containers: [] } });
      const file = join(paths.volume('written'), 'mount/file');
      const seen = () => ({
        text: readFileSync(file, 'utf8'),
        gid: statSync(file).gid,
        ofGroup: modeOf(file) & 0o077,
        top: [modeOf(dirname(file)), statSync(dirname(file)).gid],
        below: [modeOf(join(file, '..', readlinkSync(join(dirname(file), '..data')))), lstatSync(file).gid],
      });
      const right = { gid: GID, ofGroup: 0o040, top: [0o2755, GID], below: [0o2755, GID] };
      await made.prepare({ pod: of, paths, signal });
      expect(seen()).toEqual({ text: tokenOf(1), ...right });
      round = 2;
      await clock.step(3_600_000);
      await made.refresh({ pod: of, paths, signal });
      expect(seen()).toEqual({ text: tokenOf(2), ...right });
    },
  );
});
