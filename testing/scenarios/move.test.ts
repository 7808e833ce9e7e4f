import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { claimOf, snapshotOf } from './snapshots/objects.ts';

const classOf = (name: string, fsType: string): unknown => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name },
  provisioner: 'local.stowage.dev',
  volumeBindingMode: 'WaitForFirstConsumer',
  parameters: { 'csi.storage.k8s.io/fstype': fsType },
});
const SNAPSHOT_CLASS = {
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshotClass',
  metadata: { name: 'usual', annotations: { 'snapshot.storage.kubernetes.io/is-default-class': 'true' } },
  driver: 'local.stowage.dev',
  deletionPolicy: 'Delete',
};
/** Goes on counting where it was, each number in a line and synced; a number that was lost would be missed. */
const COUNT = `trap "exit 0" TERM
cd /data; [ -e big ] || { dd if=/dev/urandom of=big bs=1M count=24 2>/dev/null; sha256sum big >sum; chown 1234:4321 sum; ln big twin; ln -s sum link; touch seed; }
n=$(tail -n 1 log 2>/dev/null || echo 0)
while true; do n=$((n+1)); echo $n >>log; [ $((n%50)) = 0 ] && sync log; sleep 0.02; done`;
const RAW = `trap "exit 0" TERM; [ "$(head -c 4 /dev/raw)" = mark ] || { printf mark >/dev/raw; printf end | dd of=/dev/raw bs=1M seek=15 2>/dev/null; sync; }; while true; do sleep 0.1; done`;

function deployment(name: string, script: string, isBlock = false): unknown {
  const place = isBlock
    ? { volumeDevices: [{ name: 'data', devicePath: '/dev/raw' }] }
    : { volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  const spec = {
    terminationGracePeriodSeconds: 2,
    containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', script], ...place }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec } },
  };
}

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'VOL-20: claims move', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--pool-size', '4Gi'], processGroup: 'own' });
    await apply(
      classOf('first', 'ext4'),
      classOf('other', 'xfs'),
      SNAPSHOT_CLASS,
      claimOf('shop', '512Mi', { storageClassName: 'first' }),
      deployment('shop', COUNT),
      claimOf('raw', '16Mi', { storageClassName: 'first', volumeMode: 'Block' }),
      deployment('raw', RAW, true),
    );
    await eventually(async () => expect(await inPod('cat', '/data/log')).toContain('\n100\n'));
    await apply(snapshotOf('of-shop', 'shop'));
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.readyToUse}=true', 'volumesnapshot/of-shop', '--timeout=50s']);
  });
  afterAll(async () => platform.remove());

  const apply = (...items: readonly unknown[]): Promise<string> =>
    platform.kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const stowage = async (...words: readonly string[]): Promise<string> => {
    const { program, args, env } = stowageCommand([...words, '--data-dir', platform.dataDir]);
    const { stdout } = await promisify(execFile)(program, args, { env });
    return stdout.trim();
  };
  const inPod = (...command: readonly string[]): Promise<string> => platform.kubectl.run(['exec', 'deploy/shop', '--', ...command]);
  const claim = (path: string): Promise<string> => platform.kubectl.run(['get', 'pvc', 'shop', '-o', `jsonpath=${path}`]);
  const phase = (name: string): Promise<string> => platform.kubectl.run(['get', 'vmv', name, '-o', 'jsonpath={.status.phase}']);
  const volumes = async (): Promise<number> => (await inspectMachine(platform.dataDir, platform.pid)).volumes.length;
  /** Waits until the pod runs again; its files must be whole, and no number missing. Answers the last number. */
  const whole = async (): Promise<number> => {
    await eventually(async () => expect(await inPod('sh', '-c', 'cd /data && sha256sum -c sum')).toBe('big: OK\n'));
    const numbers = (await inPod('cat', '/data/log')).trim().split('\n');
    expect(numbers.findIndex((number, index) => number !== String(index + 1))).toBe(-1);
    const facts = await inPod('sh', '-c', 'cd /data && stat -c "%u:%g %h" sum big && readlink link');
    expect(facts).toBe('1234:4321 1\n0:0 2\nsum\n');
    return numbers.length;
  };

  it('by the command line, under a pod that writes all the time: to another class and a smaller size, back, and for good', async () => {
    const before = await whole();
    const old = await claim('{.spec.volumeName}');
    const dry = await stowage('move', 'pvc/shop', '--class', 'other', '--size', '400Mi', '--dry-run');
    expect(dry).toMatch(/^would be: claim shop moves to class other \(now first\), size 400Mi \(now 512Mi\)\n/);
    expect(dry).toMatch(/pods shop-\S+ are stopped meanwhile\nwould be: snapshots of-shop stay in namespace default/);
    const told = await stowage('move', 'pvc/shop', '--class', 'other', '--size', '400Mi');
    expect(told).toMatch(new RegExp(`claim shop has moved; its volume before, ${old}, is kept`));
    const after = await whole();
    expect(after).toBeGreaterThan(before);
    expect(await claim('{.spec.storageClassName} {.spec.resources.requests.storage} {.status.phase}')).toBe('other 400Mi Bound');
    expect(await inPod('sh', '-c', 'grep " /data " /proc/mounts')).toContain(' xfs ');
    expect(await stowage('move', 'pvc/shop', '--undo')).toContain(`claim shop has its volume ${old} again`);
    expect([await claim('{.spec.volumeName} {.spec.storageClassName}'), await whole()]).toEqual([`${old} first`, expect.any(Number)]);
    await eventually(async () => expect(await volumes()).toBe(2));
    await stowage('move', 'pvc/shop', '--class', 'other');
    await whole();
    expect(await stowage('move', 'pvc/shop', '--confirm')).toContain(`${old} is given up`);
    await eventually(async () => expect(await volumes()).toBe(2));
    await expect(stowage('move', 'pvc/shop', '--undo')).rejects.toThrow('there is no move of claim "shop" in namespace default');
  });

  it('never to a size in which the data does not fit, nor where there is no room: nobody is stopped, and the numbers are said', async () => {
    const pod = await platform.kubectl.run(['get', 'pods', '-l', 'app=shop', '-o', 'name']);
    await expect(stowage('move', 'pvc/shop', '--class', 'first', '--size', '20Mi')).rejects.toThrow(
      /the data takes \d+Mi in \d+ files, and the new volume has room for \d+Mi: ask for a size that is larger by \d+Mi at least/,
    );
    await expect(stowage('move', 'pvc/raw', '--size', '8Mi')).rejects.toThrow('the claim is a block device of 16Mi');
    const spec = { claimName: 'shop', size: '100Gi' };
    await apply({ apiVersion: 'volumes.stowage.dev/v1alpha1', kind: 'VolumeMove', metadata: { name: 'huge' }, spec });
    const said = (): Promise<string> => platform.kubectl.run(['get', 'vmv', 'huge', '-o', 'jsonpath={.status.phase} {.status.message}']);
    await eventually(async () => expect(await said()).toContain('Preparing the new volume is being made'));
    await stowage('move', 'pvc/shop', '--undo');
    expect(await platform.kubectl.run(['get', 'pods', '-l', 'app=shop', '-o', 'name'])).toBe(pod);
    await eventually(async () => expect(await volumes()).toBe(2));
  });

  it('by an object, killed at each phase: a block device too', async () => {
    const spec = { storageClassName: 'first' };
    const kind = { apiVersion: 'volumes.stowage.dev/v1alpha1', kind: 'VolumeMove' };
    await apply({ ...kind, metadata: { name: 'files' }, spec: { ...spec, claimName: 'shop' } });
    await apply({ ...kind, metadata: { name: 'blocks' }, spec: { claimName: 'raw', storageClassName: 'other' } });
    const phases = ['Preparing', 'Copying', 'Stopping', 'Finishing', 'Swapping', 'Starting', 'Swapped'];
    for (const reached of ['Copying', 'Finishing', 'Starting']) {
      await eventually(async () => expect(phases.slice(phases.indexOf(reached))).toContain(await phase('files')));
      await platform.killGroup();
      await platform.start();
    }
    for (const name of ['files', 'blocks']) await eventually(async () => expect([name, await phase(name)]).toEqual([name, 'Swapped']));
    await whole();
    const raw = 'head -c 4 /dev/raw; dd if=/dev/raw bs=1M skip=15 count=1 2>/dev/null | head -c 3';
    await eventually(async () => expect(await platform.kubectl.run(['exec', 'deploy/raw', '--', 'sh', '-c', raw])).toBe('markend'));
    for (const name of ['files', 'blocks']) {
      await platform.kubectl.run(['patch', 'vmv', name, '--type=merge', '--patch={"spec":{"decision":"Confirm"}}']);
      await eventually(async () => expect([name, await phase(name)]).toEqual([name, 'Confirmed']));
    }
    await eventually(async () => expect(await volumes()).toBe(2));
    expect((await platform.kubectl.run(['get', 'pods', '-o', 'name'])).match(/move-/)).toBeNull();
  });

  it('to another namespace with its grant alone, where the volume is the same', async () => {
    await platform.kubectl.run(['create', 'namespace', 'taker']);
    const old = await claim('{.spec.volumeName}');
    const refused = await stowage('move', 'pvc/shop', '--to-namespace', 'taker').catch((error: unknown) => String(error));
    expect(refused).toContain('no ReferenceGrant there lets VolumeMoves of default bring claim shop');
    expect(await platform.kubectl.run(['get', 'pvc', '-n', 'taker', '-o', 'name'])).toBe('');
    await platform.kubectl.run(['apply', '-f', '-'], /echo '([^']*)'/.exec(refused)?.[1] ?? '');
    const told = await stowage('move', 'pvc/shop', '--to-namespace', 'taker');
    expect(told).toContain('claim shop has moved to namespace taker; it has kept its volume');
    expect(await platform.kubectl.run(['get', 'pvc', '-n', 'taker', 'shop', '-o', 'jsonpath={.spec.volumeName} {.status.phase}'])).toBe(
      `${old} Bound`,
    );
    expect(await platform.kubectl.run(['get', 'deploy', 'shop', '-o', 'jsonpath={.spec.replicas}'])).toBe('0');
    await stowage('move', 'pvc/shop', '--undo');
    expect(await claim('{.spec.volumeName} {.status.phase}')).toBe(`${old} Bound`);
    await whole();
  });
});
