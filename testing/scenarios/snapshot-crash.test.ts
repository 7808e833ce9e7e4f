import { afterAll, beforeAll, expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
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
const NAMES = Array.from({ length: 12 }, (_, index) => `snapshot-${index + 1}`);

/** What `kubectl get -o json` says of snapshots. */
interface Snapshots {
  readonly items: readonly { readonly status?: { readonly readyToUse?: boolean } }[];
}

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'SNAP-1: a platform that is killed amid a dozen snapshots', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'], processGroup: 'own' });
    await apply(CLASS, claimOf('source', '16Mi'));
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/source', '--timeout=60s']);
  });
  afterAll(async () => platform.remove());

  const apply = (...items: readonly unknown[]): Promise<string> =>
    platform.kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const inventory = () => inspectMachine(platform.dataDir, platform.pid);
  /** Kills it as soon as it has come so far, and starts it again. */
  const killOnce = async (isSoFar: () => Promise<boolean>): Promise<void> => {
    await eventually(async () => expect(await isSoFar()).toBe(true));
    await platform.killGroup();
    await platform.start();
  };

  it('takes each of them once', async () => {
    await apply(...NAMES.map((name) => snapshotOf(name, 'source')));
    await killOnce(async () => (await inventory()).snapshots.length >= 4);
    await eventually(async () => {
      const { items } = trusted<Snapshots>(await platform.kubectl.json(['get', 'volumesnapshots']));
      expect(items.map(({ status }) => status?.readyToUse)).toEqual(NAMES.map(() => true));
      expect((await inventory()).snapshots).toHaveLength(NAMES.length);
    });
  });

  it('makes a volume of each of them once', async () => {
    await apply(...NAMES.map((name) => claimOf(`of-${name}`, '16Mi', { dataSource: name })));
    await killOnce(async () => (await inventory()).volumes.length >= 4);
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc', '--all', '--timeout=60s']);
    expect(await inventory()).toMatchObject({ halves: [] });
    expect((await inventory()).volumes).toHaveLength(NAMES.length + 1);
  });

  it('leaves nothing behind when everything is deleted', async () => {
    const { kubectl } = platform;
    await kubectl.run(['delete', 'volumesnapshot', '--all', '--wait=false']);
    await kubectl.run(['delete', 'pvc', '--all', '--wait=false']);
    await killOnce(async () => (await inventory()).snapshots.length <= 10);
    await eventually(async () => {
      expect(await platform.kubectl.run(['get', 'pvc,pv,volumesnapshot,volumesnapshotcontent', '-o', 'name'])).toBe('');
      expect(await inventory()).toMatchObject({ volumes: [], snapshots: [], halves: [] });
    });
  });

  it('keeps nothing of what is deleted while it is taken', async () => {
    await apply(claimOf('source', '16Mi'));
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/source', '--timeout=60s']);
    await apply(...NAMES.map((name) => snapshotOf(name, 'source')));
    await platform.kubectl.run(['delete', 'volumesnapshot,pvc', '--all', '--wait=false']);
    await platform.killGroup();
    await platform.start();
    await eventually(async () => {
      expect(await platform.kubectl.run(['get', 'pvc,pv,volumesnapshot,volumesnapshotcontent', '-o', 'name'])).toBe('');
      expect(await inventory()).toMatchObject({ volumes: [], snapshots: [], halves: [] });
    });
  });
});
