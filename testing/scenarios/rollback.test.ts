import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { claimOf, snapshotOf } from './snapshots/objects.ts';

const CLASS = {
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshotClass',
  metadata: { name: 'usual', annotations: { 'snapshot.storage.kubernetes.io/is-default-class': 'true' } },
  driver: 'local.stowage.dev',
  deletionPolicy: 'Delete',
};
const GROUP_CLASS = {
  apiVersion: 'groupsnapshot.storage.k8s.io/v1',
  kind: 'VolumeGroupSnapshotClass',
  metadata: { name: 'usual' },
  driver: 'local.stowage.dev',
  deletionPolicy: 'Delete',
};
const GROUP = {
  apiVersion: 'groupsnapshot.storage.k8s.io/v1',
  kind: 'VolumeGroupSnapshot',
  metadata: { name: 'weekly' },
  spec: { volumeGroupSnapshotClassName: 'usual', source: { selector: { matchLabels: { set: 'web' } } } },
};
/** Files of a volume; a pod ends at once when it is told to. */
const RUN = `trap "exit 0" TERM; while true; do sleep 0.1; done`;

function podSpec(claimName: string | undefined): object {
  const volumes = claimName === undefined ? {} : { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] };
  return {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', RUN], volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    ...volumes,
  };
}

const template = (app: string, claimName?: string): object => ({ metadata: { labels: { app } }, spec: podSpec(claimName) });

/** One workload of each kind, each with a claim of its own name. */
const WORKLOADS: readonly object[] = [
  { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'alone', labels: { app: 'alone' } }, spec: podSpec('alone') },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'shop' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'shop' } }, template: template('shop', 'shop') },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent' },
    spec: { selector: { matchLabels: { app: 'agent' } }, template: template('agent', 'agent') },
  },
  {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'task' },
    spec: { template: { metadata: { labels: { app: 'task' } }, spec: { ...podSpec('task'), restartPolicy: 'Never' } } },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web' },
    spec: {
      serviceName: 'web',
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: template('web'),
      // why: it deletes its claims when it is stopped, and nothing may be lost by that
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data', labels: { set: 'web' } },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '8Mi' } } },
        },
      ],
    },
  },
];
const CLAIMS: Readonly<Record<string, string>> = {
  alone: 'alone',
  shop: 'shop',
  agent: 'agent',
  task: 'task',
  'data-web-0': 'web',
  'data-web-1': 'web',
};

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'SNAP-9: claims go back to their snapshots', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'], processGroup: 'own' });
    await apply(CLASS, ...['alone', 'shop', 'agent', 'task'].map((name) => claimOf(name, '8Mi')), ...WORKLOADS);
    await allRun();
    for (const claim of Object.keys(CLAIMS)) await write(claim, 'before');
    await apply(...Object.keys(CLAIMS).map((claim) => snapshotOf(`of-${claim}`, claim)));
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.readyToUse}=true', 'volumesnapshot', '--all', '--timeout=60s']);
    for (const claim of Object.keys(CLAIMS)) await write(claim, 'after');
  });
  afterAll(async () => platform.remove());

  const apply = (...items: readonly unknown[]): Promise<string> =>
    platform.kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const stowage = async (...words: readonly string[]): Promise<string> => {
    const { program, args, env } = stowageCommand([...words, '--data-dir', platform.dataDir]);
    const { stdout } = await promisify(execFile)(program, args, { env });
    return stdout.trim();
  };
  const allRun = (): Promise<void> =>
    eventually(async () => {
      const names = await platform.kubectl.run([
        'get',
        'pods',
        '-o',
        'jsonpath={range .items[?(@.status.phase=="Running")]}{.metadata.labels.app}{" "}{end}',
      ]);
      expect(names.trim().split(' ').toSorted()).toEqual(['agent', 'alone', 'shop', 'shop', 'task', 'web', 'web']);
    });
  const podOf = async (claim: string): Promise<string> => {
    if (claim.startsWith('data-')) return claim.slice('data-'.length);
    const names = await platform.kubectl.run(['get', 'pods', '-l', `app=${CLAIMS[claim]}`, '-o', 'jsonpath={.items[0].metadata.name}']);
    return names.trim();
  };
  const write = async (claim: string, file: string): Promise<string> =>
    platform.kubectl.run(['exec', await podOf(claim), '--', 'sh', '-c', `echo ${claim} >/data/${file} && sync /data/${file}`]);
  /** The files of the claims' volumes, as their pods see them. */
  const files = async (...claims: readonly string[]): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const claim of claims)
      found.push(
        (await platform.kubectl.run(['exec', await podOf(claim), '--', 'ls', '/data'])).replaceAll(/\s+|lost\+found/g, ' ').trim(),
      );
    return found;
  };
  const volumes = async (): Promise<number> => (await inspectMachine(platform.dataDir, platform.pid)).volumes.length;

  it('by the command line: it says what it would do, does it while the rest goes on, and undoes it', async () => {
    const dry = await stowage('rollback', 'pvc/shop', '--to', 'of-shop', '--dry-run');
    expect(dry).toMatch(
      /^would be: claim shop goes back to snapshot of-shop \(of .*\)\nwould be: pods shop-\S+, shop-\S+ are stopped meanwhile\nwould be: its volume pvc-/,
    );
    expect(await stowage('rollback', 'pvc/shop', '--to', 'of-shop')).toContain(
      'claim shop is back at snapshot of-shop; its volume before, pvc-',
    );
    await allRun();
    expect(await files('shop', 'alone')).toEqual(['before', 'after before']);
    expect(await stowage('rollback', 'pvc/shop', '--undo')).toMatch(/^claim shop has its volume pvc-\S+ again$/m);
    await allRun();
    expect(await files('shop')).toEqual(['after before']);
    await eventually(async () => expect(await volumes()).toBe(6));
    await expect(stowage('rollback', 'pvc/shop', '--confirm')).rejects.toThrow('there is no rollback of claim "shop" in namespace default');
    await expect(stowage('rollback', 'pvc/shop', '--to', 'none')).rejects.toThrow('snapshot "none": there is none in this namespace');
  });

  it('by an object, several at once: pods of nobody, DaemonSets, Jobs and StatefulSets are stopped and started; killed again and again on the way', async () => {
    const claims = ['alone', 'agent', 'task', 'data-web-0', 'data-web-1'];
    const spec = { claims: claims.map((claimName) => ({ claimName, volumeSnapshotName: `of-${claimName}` })) };
    await apply({ apiVersion: 'volumes.stowage.dev/v1alpha1', kind: 'VolumeRollback', metadata: { name: 'all' }, spec });
    const phase = (): Promise<string> => platform.kubectl.run(['get', 'vrb', 'all', '-o', 'jsonpath={.status.phase}']);
    for (const reached of ['Preparing', 'Stopping', 'Swapping', 'Starting']) {
      const later = ['Preparing', 'Stopping', 'Swapping', 'Starting', 'Swapped'].slice(
        ['Preparing', 'Stopping', 'Swapping', 'Starting'].indexOf(reached),
      );
      await eventually(async () => expect(later).toContain(await phase()));
      await platform.killGroup();
      await platform.start();
    }
    await eventually(async () => expect(await phase()).toBe('Swapped'));
    await allRun();
    expect(await files(...claims)).toEqual(claims.map(() => 'before'));
    expect(await files('shop')).toEqual(['after before']);
    await platform.kubectl.run(['patch', 'vrb', 'all', '--type=merge', '--patch={"spec":{"decision":"Confirm"}}']);
    await eventually(async () => expect([await phase(), await volumes()]).toEqual(['Confirmed', 6]));
    await platform.kubectl.run(['delete', 'vrb', '--all', '--timeout=30s']);
    expect((await platform.kubectl.run(['get', 'pv', '-o', 'name'])).trim().split('\n')).toHaveLength(6);
  });

  it('a group as one: all claims of a StatefulSet', async () => {
    await apply(GROUP_CLASS, GROUP);
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.readyToUse}=true', 'volumegroupsnapshot/weekly', '--timeout=50s']);
    for (const claim of ['data-web-0', 'data-web-1']) await write(claim, 'later');
    await expect(stowage('rollback', 'sts/web', '--to', 'monthly')).rejects.toThrow('neither a group snapshot of namespace default');
    await expect(stowage('rollback', 'sts/web', '--to', '2020-01-01T00:00:00Z')).rejects.toThrow(
      'there is no snapshot of it of data-web-0, data-web-1: all claims of statefulset/web go back, or none',
    );
    const now = `${new Date(Date.now() + 1_000).toISOString().slice(0, 19)}Z`;
    const asOfNow = await stowage('rollback', 'statefulset/web', '--to', now, '--dry-run');
    expect(asOfNow).toMatch(
      /claim data-web-0 goes back to snapshot (?!of-data).*\n(?:.*\n)*.*claim data-web-1 goes back to snapshot (?!of-data)/,
    );
    expect(await stowage('rollback', '--group', 'weekly', '--dry-run')).toContain('claim data-web-1 goes back to snapshot');
    const told = await stowage('rollback', 'statefulset/web', '--to', 'weekly');
    expect(told).toMatch(/^claim data-web-0 is back at snapshot /m);
    expect(told).toMatch(/^claim data-web-1 is back at snapshot /m);
    await allRun();
    expect(await files('data-web-0', 'data-web-1')).toEqual(['before', 'before']);
    await stowage('rollback', 'statefulset/web', '--confirm');
    await eventually(async () => expect(await volumes()).toBe(6));
  });
});
