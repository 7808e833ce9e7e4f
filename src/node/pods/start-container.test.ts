import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigMap } from '#api/generated/kubernetes.ts';
import type { Exec } from '#kit/exec.ts';
import { isRecord } from '#kit/json.ts';
import { Mounter } from '#linux/mounter.ts';
import { type Mount, parseMountTable } from '#linux/mount-table.ts';
import { anImage } from '#testing/builders/image.ts';
import { aStoredPod, type PodOverrides } from '#testing/builders/pod.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { FakeContainerRuntime } from '#testing/fakes/fake-container-runtime.ts';
import { ImageNotAvailable, type Image } from '../images/image.ts';
import { ImagePulls } from '../images/image-pulls.ts';
import { NodePaths, type PodPaths } from '../node-paths.ts';
import { preparedDirectory, type PreparedVolume } from '../volumes/prepared-volume.ts';
import type { ContainerStart } from './container-start.ts';
import { ContainerStarter, splitDeviceNumber, type StartOutcome } from './start-container.ts';

const APP = anImage({ id: 'app@sha256:1', entrypoint: ['/app'], cmd: ['serve'], env: ['PATH=/bin', 'FROM=image'], hostPaths: ['/usr'] });

let dir: string;
let paths: PodPaths;
let clock: FakeClock;
let runtime: FakeContainerRuntime;
let table: readonly Mount[];
let commands: string[];
/** Whether commands fail. */
let failing: boolean;
let here: Map<string, Image>;
let fetched: { resolve: (image: Image) => void; reject: (error: Error) => void } | undefined;
let configMaps: Map<string, ConfigMap>;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stowage-start-'));
  paths = new NodePaths({ root: dir, runtime: join(dir, 'run') }).pod('uid-1');
  clock = new FakeClock();
  runtime = new FakeContainerRuntime(clock);
  table = [];
  commands = [];
  failing = false;
  here = new Map([['app:1', APP]]);
  fetched = undefined;
  configMaps = new Map();
});
afterEach(() => rmSync(dir, { recursive: true }));

class TableMounter extends Mounter {
  override async table(): Promise<readonly Mount[]> {
    return table;
  }
}

interface Options {
  readonly volumes?: ReadonlyMap<string, PreparedVolume>;
  readonly attempt?: number;
  readonly onImage?: () => void;
}

function starter(): ContainerStarter {
  const exec: Exec = {
    run: async (argv) => {
      commands.push(argv.join(' '));
      if (failing) throw new TypeError('timed out');
      return { stdout: '', stderr: '', exitCode: 0 };
    },
  };
  const images = {
    findHere: async ({ reference }: { readonly reference: string }) => here.get(reference),
    fetch: () => new Promise<Image>((resolve, reject) => (fetched = { resolve, reject })),
    list: async () => [],
  };
  return new ContainerStarter({
    runtime,
    exec,
    mounter: new TableMounter(exec),
    pulls: new ImagePulls({ images, clock, signal: new AbortController().signal }),
    node: { hostIp: '192.0.2.1', cpus: 4, memoryBytes: 1n << 30n },
    apiAddress: () => ({ host: '127.0.0.1', port: 6443 }),
    network: {
      withAddress: (pod) => ({ ...pod, status: { ...pod.status, podIP: '10.1.0.7' } }),
      apiAddress: () => ({ host: '10.1.0.1', port: 6443 }),
    },
    bounding: 0n,
    means: {
      hasSeccomp: false,
      appArmorProfiles: undefined,
      hasCgroupNamespaces: false,
      hasRecursiveReadOnly: true,
      seccompDir: dir,
      architectures: [],
    },
    podPidsLimit: 100,
  });
}

function startOf(over: PodOverrides, { volumes = new Map(), attempt = 0, onImage = () => {} }: Options = {}): ContainerStart {
  const pod = aStoredPod({ uid: 'uid-1', command: [], ...over, container: { image: 'app:1', ...over.container } });
  const [container = { name: 'main' }] = pod.spec.ephemeralContainers ?? pod.spec.containers;
  const config = {
    services: async () => [],
    configMap: async (name: string) => configMaps.get(name),
    secret: async () => undefined,
  };
  const how = { attempt, restartCount: 3, backoffStep: 2, beforeSpawn: () => {}, onImage };
  return { ...how, pod, paths, container, volumes, config };
}

const start = (over: PodOverrides = {}, options: Options = {}): Promise<StartOutcome> => starter().start(startOf(over, options));

/** What the OCI runtime was told, at `a.b.c`. */
function told(path: string): unknown {
  let value: unknown = runtime.starts.at(-1)?.config;
  for (const part of path.split('.')) value = isRecord(value) ? value[part] : undefined;
  return value;
}
const mountAt = (destination: string): unknown => {
  const mounts = told('mounts');
  return Array.isArray(mounts) ? mounts.find((mount: unknown) => isRecord(mount) && mount['destination'] === destination) : undefined;
};

describe('ContainerStarter', () => {
  it('hands the runtime what the pod, its image and the node say', async () => {
    const outcome = await start({
      container: { image: 'app:1', args: ['--verbose'], env: [{ name: 'MY_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] },
    });
    expect(outcome).toEqual({ kind: 'started', image: APP });
    expect(runtime.starts).toMatchObject([
      {
        run: paths.run('main', 0),
        record: { attempt: 0, restartCount: 3, backoffStep: 2, image: 'app:1', imageId: 'app@sha256:1', tellsLog: false },
        image: APP,
        oomFile: '',
        hasStdin: false,
        hasTerminal: false,
      },
    ]);
    expect(told('process.args')).toEqual(['/app', '--verbose']);
    expect(told('process.env')).toEqual(
      expect.arrayContaining(['FROM=image', 'HOSTNAME=web', 'KUBERNETES_SERVICE_HOST=10.1.0.1', 'MY_IP=10.1.0.7']),
    );
    expect(told('linux.cgroupsPath')).toBe(paths.run('main', 0).cgroup);
    expect(told('linux.resources.pids')).toEqual({ limit: 100 });
    expect(told('linux.namespaces')).toContainEqual({ type: 'network', path: `/run/netns/${paths.networkNamespace}` });
    expect(mountAt('/usr')).toMatchObject({ source: '/usr', options: ['rbind', 'rprivate', 'ro'] });
    expect(mountAt('/etc/hosts')).toMatchObject({ source: paths.hostsFile });
    expect(mountAt('/dev/termination-log')).toMatchObject({ source: join(paths.run('main', 0).dir, 'termination-log') });
    expect(mountAt('/etc/resolv.conf')).toBeUndefined();
  });

  it('on the host’s network it reaches the API there, and has the node’s own names', async () => {
    await start({ spec: { hostNetwork: true } });
    expect(told('process.env')).toContain('KUBERNETES_SERVICE_HOST=127.0.0.1');
    expect(told('linux.namespaces')).toEqual([{ type: 'mount' }, { type: 'pid' }, { type: 'ipc' }]);
  });

  it.each<{ name: string; container: PodOverrides['container']; want: object }>([
    { name: 'an input', container: { stdin: true }, want: { hasStdin: true, hasTerminal: false } },
    { name: 'a terminal', container: { tty: true }, want: { hasStdin: false, hasTerminal: true } },
    {
      name: 'a log that stands for last words',
      container: { terminationMessagePolicy: 'FallbackToLogsOnError' },
      want: { record: { tellsLog: true } },
    },
    { name: 'a stop signal', container: { lifecycle: { stopSignal: 'SIGUSR1' } }, want: { record: { stopSignal: 'SIGUSR1' } } },
  ])('a container may have $name', async ({ container, want }) => {
    await start({ container: { image: 'app:1', ...container } });
    expect(runtime.starts).toMatchObject([want]);
  });

  it('of a container with a memory limit it looks how often it ran out', async () => {
    table = parseMountTable('30 20 0:26 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n');
    await start({ container: { image: 'app:1', resources: { limits: { memory: '64Mi' } } } });
    expect(runtime.starts).toMatchObject([{ oomFile: join('/sys/fs/cgroup/memory', paths.run('main', 0).cgroup, 'memory.oom_control') }]);
    expect(told('linux.resources.memory')).toEqual({ limit: 64 << 20 });
  });

  it('waits for an image that is fetched, is told when it is there, and starts then', async () => {
    here.clear();
    const ends: string[] = [];
    const subject = starter();
    const begin = startOf({}, { onImage: () => ends.push('here') });
    expect(await subject.start(begin)).toEqual({ kind: 'waits' });
    expect(await subject.start(begin)).toEqual({ kind: 'waits' });
    await clock.step(1_500);
    fetched?.resolve(APP);
    await clock.step(0);
    expect(ends).toEqual(['here']);
    expect(await subject.start(begin)).toEqual({ kind: 'started', image: APP, tookMs: 1_500 });
    expect(runtime.starts).toHaveLength(1);
  });

  it('tells why an image can’t be had', async () => {
    here.clear();
    const subject = starter();
    await subject.start(startOf({}));
    await clock.step(0);
    fetched?.reject(new ImageNotAvailable('app:1', 'no such tag'));
    await clock.step(0);
    await expect(subject.start(startOf({}))).rejects.toMatchObject({ reason: 'ErrImagePull' });
    expect(runtime.starts).toEqual([]);
  });

  it('forgets the runs before the last one', async () => {
    for (const attempt of [0, 1, 2]) {
      await start({}, { attempt });
      await clock.step(1);
      runtime.exit(paths.run('main', attempt), { exitCode: 1 });
    }
    await start({}, { attempt: 3 });
    expect(await runtime.attempts(paths, 'main')).toEqual([2, 3]);
  });
});

describe('volumes of a container that starts', () => {
  const volumes = new Map<string, PreparedVolume>([
    ['data', preparedDirectory('/host/data')],
    ['config', preparedDirectory('/host/config', { isReadOnly: true })],
    ['disk', { hostPath: '/dev/null', kind: 'device', isReadOnly: true, takesFsGroup: false }],
  ]);
  const mounting = (...volumeMounts: NonNullable<PodOverrides['container']>['volumeMounts'] & object) =>
    start({ container: { image: 'app:1', volumeMounts } }, { volumes });

  it('appear where it mounts them, written to only where both sides say so', async () => {
    await mounting(
      { name: 'data', mountPath: '/data' },
      { name: 'data', mountPath: 'seen', readOnly: true },
      { name: 'config', mountPath: '/config' },
    );
    expect([mountAt('/data'), mountAt('/seen'), mountAt('/config')]).toMatchObject([
      { source: '/host/data', options: ['rbind', 'rprivate', 'rw'] },
      { source: '/host/data', options: ['rbind', 'rprivate', 'ro'] },
      { source: '/host/config', options: ['rbind', 'rprivate', 'ro'] },
    ]);
  });

  it('appear as devices', async () => {
    await start({ container: { image: 'app:1', volumeDevices: [{ name: 'disk', devicePath: '/dev/xvda' }] } }, { volumes });
    expect(told('linux.devices')).toMatchObject([{ path: '/dev/xvda', type: 'b', major: 1, minor: 3 }]);
    expect(told('linux.resources.devices')).toContainEqual({ allow: true, type: 'b', major: 1, minor: 3, access: 'r' });
  });

  it('show the pod’s own resolver where it has one', async () => {
    mkdirSync(paths.dir, { recursive: true });
    writeFileSync(paths.resolverFile, 'nameserver 192.0.2.53\n');
    await start();
    expect(mountAt('/etc/resolv.conf')).toMatchObject({ source: paths.resolverFile });
  });

  it.each<{ name: string; container: NonNullable<PodOverrides['container']>; message: RegExp }>([
    {
      name: 'that the pod does not have',
      container: { volumeMounts: [{ name: 'nope', mountPath: '/x' }] },
      message: /volumeMounts\[0\]\.name: the pod has no volume "nope"/,
    },
    { name: 'with no files in it', container: { volumeMounts: [{ name: 'disk', mountPath: '/x' }] }, message: /disk has volumeMode Block/ },
    {
      name: 'with files, as a device',
      container: { volumeDevices: [{ name: 'data', devicePath: '/dev/x' }] },
      message: /"data" is not a claim with volumeMode Block/,
    },
    {
      name: 'at a part that names an unknown variable',
      container: { volumeMounts: [{ name: 'data', mountPath: '/x', subPathExpr: '$(NOPE)' }] },
      message: /cannot expand subPathExpr "\$\(NOPE\)": missing value for "NOPE"/,
    },
  ])('one $name is refused, and nothing starts', async ({ container, message }) => {
    await expect(start({ container: { image: 'app:1', ...container } }, { volumes })).rejects.toMatchObject({
      reason: 'CreateContainerConfigError',
      message: expect.stringMatching(message),
    });
    expect(runtime.starts).toEqual([]);
  });

  it.each([
    { name: 'that answers lets its containers start', exitCode: 0, starts: 1 },
    { name: 'that does not holds them up', exitCode: 1, starts: 0 },
  ])('a server $name', async ({ exitCode, starts }) => {
    table = parseMountTable('30 20 0:26 / /host/data rw shared:9 - nfs4 files.example:/data rw\n');
    failing = exitCode !== 0;
    const result = await mounting({ name: 'data', mountPath: '/data' }).catch((error: unknown) => error);
    if (failing) expect(result).toMatchObject({ message: expect.stringContaining('files.example:/data does not answer') });
    expect({ asked: commands.length, starts: runtime.starts.length }).toEqual({ asked: 1, starts });
  });
});

describe('a container that was added to look at another one', () => {
  const debug = { ephemeralContainers: [{ name: 'debug', image: 'app:1', targetContainerName: 'main' }] };

  it('sees its processes', async () => {
    await start();
    await clock.step(1);
    const state = (await runtime.observe(paths)).get('main')?.latest?.state;
    await start({ spec: debug });
    const pid = state?.phase === 'running' ? state.pid : undefined;
    expect(told('linux.namespaces')).toContainEqual({ type: 'pid', path: `/proc/${pid}/ns/pid` });
  });

  it('waits where that does not run', async () => {
    await expect(start({ spec: debug })).rejects.toMatchObject({
      reason: 'CreateContainerError',
      message: /"main": that container does not run/,
    });
  });
});

it.each([
  { name: '/dev/null', rdev: 0x103, want: { major: 1, minor: 3 } },
  { name: 'a loop device', rdev: 0x70c, want: { major: 7, minor: 12 } },
  { name: 'a large minor number', rdev: 0x1230fd45, want: { major: 253, minor: 0x12345 } },
])('a device number falls into its parts: $name', ({ rdev, want }) => {
  expect(splitDeviceNumber(rdev)).toEqual(want);
});
