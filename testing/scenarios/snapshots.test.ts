import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { claimOf, snapshotOf } from './snapshots/objects.ts';

const CLASSES = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: xfs}
provisioner: local.stowage.dev
parameters: {csi.storage.k8s.io/fstype: xfs}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: ext4}
provisioner: local.stowage.dev
parameters: {csi.storage.k8s.io/fstype: ext4}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: folder}
provisioner: local.stowage.dev
parameters: {type: directory}
---
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshotClass
metadata: {name: usual, annotations: {snapshot.storage.kubernetes.io/is-default-class: "true"}}
driver: local.stowage.dev
deletionPolicy: Delete
---
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshotClass
metadata: {name: kept}
driver: local.stowage.dev
deletionPolicy: Retain
`;

/** What of a claim's class and mode is not the default, by the name of the claim. */
const SORTS = {
  fast: { storageClassName: 'xfs' },
  plain: { storageClassName: 'ext4' },
  raw: { volumeMode: 'Block' },
  files: { storageClassName: 'folder' },
} as const;
const SIZES = { fast: '320Mi', plain: '48Mi', raw: '8Mi', files: '8Mi' };
const LARGER = { fast: '640Mi', plain: '128Mi', raw: '16Mi', files: '8Mi' };

/** Adds a numbered record with its checksum to each volume, and says its number when it is on the disk everywhere. */
const WRITE = `trap "exit 0" TERM; n=0
while n=$((n+1)); do
  record="$n $(echo $n | md5sum | cut -d' ' -f1)"
  for file in /fast/log /plain/log; do echo "$record" >>$file && sync $file || exit 1; done
  printf '%-511s\\n' "$record" | dd of=/dev/raw bs=512 seek=$((n-1)) conv=notrunc,fsync 2>/dev/null || exit 1
  echo $n
done`;

/** Says what is in each restored volume, and how large its file system is. */
const READ = `trap "exit 0" TERM
for name in fast plain; do sed "s/^/$name /" /$name/log; df -m /$name | tail -1 | tr -s ' ' | sed "s/^/$name-size /"; done
tr -d '\\000' </dev/raw | tr -s ' ' | sed 's/^/raw /'
echo "raw-size $(blockdev --getsize64 /dev/raw)"
sed 's/^/files /' /files/log
echo the end`;

function pod(name: string, script: string, claims: { readonly [volume: string]: string }): unknown {
  const mounts = Object.keys(claims);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'main',
          image: 'busybox',
          command: ['sh', '-c', script],
          volumeMounts: mounts.filter((volume) => volume !== 'raw').map((volume) => ({ name: volume, mountPath: `/${volume}` })),
          volumeDevices: mounts.filter((volume) => volume === 'raw').map((volume) => ({ name: volume, devicePath: '/dev/raw' })),
        },
      ],
      volumes: Object.entries(claims).map(([volume, claimName]) => ({ name: volume, persistentVolumeClaim: { claimName } })),
    },
  };
}

describeWith(
  ['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'],
  'SNAP-1, SNAP-3: snapshots of volumes that are written all the time',
  () => {
    let platform: PlatformProcess;
    let acknowledged = 0;
    beforeAll(async () => {
      platform = await PlatformProcess.start({ flags: ['--no-demo', '--pool-size', '6Gi'] });
      await platform.kubectl.run(['apply', '-f', '-'], CLASSES);
      const claims = (['fast', 'plain', 'raw', 'files'] as const).map((name) => claimOf(name, SIZES[name], SORTS[name]));
      await apply(
        ...claims,
        pod('writer', WRITE, { fast: 'fast', plain: 'plain', raw: 'raw' }),
        pod('folder', `trap "exit 0" TERM; echo 1 $(echo 1 | md5sum | cut -d' ' -f1) >/files/log; while true; do sleep 0.1; done`, {
          files: 'files',
        }),
      );
      await platform.kubectl.run(['wait', '--for=condition=Ready', 'pod/writer', 'pod/folder', '--timeout=60s']);
    });
    afterAll(async () => platform.remove());

    const apply = (...items: readonly unknown[]): Promise<string> =>
      platform.kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const isReady = (name: string): Promise<string> =>
      platform.kubectl.run(['wait', '--for=jsonpath={.status.readyToUse}=true', `volumesnapshot/${name}`, '--timeout=60s']);
    const newest = async (): Promise<number> => {
      // why the last of them: more may come between the look for the last line and the end of the answer
      const lines = (await platform.kubectl.run(['logs', 'writer', '--tail=1'])).trim().split('\n');
      return Number(lines.at(-1));
    };
    const written = async (least: number): Promise<number> =>
      eventually(async () => {
        const number = await newest();
        expect(number).toBeGreaterThan(least);
        return number;
      });
    const wordsOf = async (pod: string): Promise<readonly (readonly string[])[]> => {
      await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${pod}`, '--timeout=60s']);
      return (await platform.kubectl.run(['logs', pod]))
        .trim()
        .split('\n')
        .map((line) => line.split(' '));
    };
    /** The numbers of a volume's records, of which each must be whole. */
    const recordsOf = (words: readonly (readonly string[])[], volume: string): readonly number[] => {
      const records = words.filter(([name]) => name === volume);
      for (const [, number, sum] of records) expect(sum, `${volume} ${number}`).toBe(createHash('md5').update(`${number}\n`).digest('hex'));
      return records.map(([, number]) => Number(number));
    };

    it('takes them in the middle, also of a directory as soon as nobody uses it', async () => {
      acknowledged = await written(10);
      await apply(...['fast', 'plain', 'raw', 'files'].map((name) => snapshotOf(`${name}-1`, name)));
      for (const name of ['fast-1', 'plain-1', 'raw-1']) await isReady(name);
      await eventually(async () => {
        const told = await platform.kubectl.run(['get', 'volumesnapshot', 'files-1', '-o', 'jsonpath={.status.error.message}']);
        expect(told).toContain('stop the pods that use it');
      });
      await platform.kubectl.run(['delete', 'pod', 'folder']);
      await isReady('files-1');
      expect(await platform.kubectl.run(['get', 'volumesnapshot', 'files-1', '-o', 'jsonpath={.status.error}'])).toBe('');
      await written((await newest()) + 5);
      const restoreSizes = await platform.kubectl.run(['get', 'volumesnapshot', '-o', 'jsonpath={.items[*].status.restoreSize}']);
      expect(restoreSizes.split(' ').toSorted()).toEqual(['320Mi', '48Mi', '8Mi', '8Mi'].toSorted());
    });

    it('restores them with each record up to that moment, larger at once where more is asked for', async () => {
      const claims = (['fast', 'plain', 'raw', 'files'] as const).map((name) =>
        claimOf(`${name}-2`, LARGER[name], { ...SORTS[name], dataSource: `${name}-1` }),
      );
      await apply(...claims, pod('reader', READ, { fast: 'fast-2', plain: 'plain-2', raw: 'raw-2', files: 'files-2' }));
      const words = await wordsOf('reader');
      const now = await newest();
      for (const volume of ['fast', 'plain', 'raw']) {
        const records = recordsOf(words, volume);
        expect(records, volume).toEqual(records.map((_, index) => index + 1));
        expect(records.length, volume).toBeGreaterThanOrEqual(acknowledged);
        expect(records.length, volume).toBeLessThan(now);
      }
      expect(recordsOf(words, 'files')).toEqual([1]);
      const sizeOf = (name: string): number => Number(words.find(([first]) => first === `${name}-size`)?.[name === 'raw' ? 1 : 2]);
      expect(sizeOf('fast')).toBeGreaterThan(500);
      expect(sizeOf('plain')).toBeGreaterThan(90);
      expect(sizeOf('raw')).toBe(16 * 2 ** 20);
    });

    it('refuses a claim that is too small, or of the other mode, in words', async () => {
      await apply(
        claimOf('small', '16Mi', { ...SORTS.plain, dataSource: 'plain-1' }),
        claimOf('other', '16Mi', { volumeMode: 'Filesystem', dataSource: 'raw-1' }),
      );
      await eventually(async () => {
        expect(await platform.kubectl.run(['describe', 'pvc', 'small'])).toContain(
          'it needs 48Mi and the claim asks for 16Mi: ask for 48Mi or more',
        );
        expect(await platform.kubectl.run(['describe', 'pvc', 'other'])).toContain(
          'its volumeMode is Block and that of the claim Filesystem',
        );
      });
      await platform.kubectl.run(['delete', 'pvc', 'small', 'other']);
    });

    it('imports what the policy Retain has left at the driver', async () => {
      const { kubectl } = platform;
      await apply(snapshotOf('kept', 'raw', 'kept'));
      await isReady('kept');
      const content = await kubectl.run(['get', 'volumesnapshot', 'kept', '-o', 'jsonpath={.status.boundVolumeSnapshotContentName}']);
      const handle = await kubectl.run(['get', 'volumesnapshotcontent', content, '-o', 'jsonpath={.status.snapshotHandle}']);
      await kubectl.run(['delete', 'volumesnapshot', 'kept']);
      expect(await kubectl.run(['get', 'volumesnapshotcontent', content, '-o', 'jsonpath={.spec.deletionPolicy}'])).toBe('Retain');
      await kubectl.run(['delete', 'volumesnapshotcontent', content]);
      await apply(
        {
          apiVersion: 'snapshot.storage.k8s.io/v1',
          kind: 'VolumeSnapshotContent',
          metadata: { name: 'imported' },
          spec: {
            deletionPolicy: 'Delete',
            driver: 'local.stowage.dev',
            source: { snapshotHandle: handle },
            sourceVolumeMode: 'Block',
            volumeSnapshotRef: { name: 'imported', namespace: 'default' },
          },
        },
        {
          apiVersion: 'snapshot.storage.k8s.io/v1',
          kind: 'VolumeSnapshot',
          metadata: { name: 'imported' },
          spec: { source: { volumeSnapshotContentName: 'imported' } },
        },
        claimOf('imported', '8Mi', { ...SORTS.raw, dataSource: 'imported' }),
        pod('importer', `tr -d '\\000' </dev/raw | tr -s ' ' | sed 's/^/raw /'`, { raw: 'imported' }),
      );
      const records = recordsOf(await wordsOf('importer'), 'raw');
      expect(records).toEqual(records.map((_, index) => index + 1));
      expect(records.length).toBeGreaterThan(acknowledged);
    });

    it('leaves nothing on the machine, whichever goes first: claim, snapshot or what was made of it', async () => {
      const { kubectl } = platform;
      await kubectl.run(['delete', 'pod', '--all']);
      await kubectl.run(['delete', 'pvc', 'fast', 'raw', 'plain-2']);
      await kubectl.run(['delete', 'volumesnapshot', 'fast-1', 'plain-1', 'files-1']);
      await apply(pod('again', `sed 's/^/fast /' /fast/log`, { fast: 'fast-2' }));
      expect(recordsOf(await wordsOf('again'), 'fast').length).toBeGreaterThanOrEqual(acknowledged);
      await kubectl.run(['delete', 'pod', '--all']);
      await kubectl.run(['delete', 'pvc', '--all']);
      await kubectl.run(['delete', 'volumesnapshot', '--all']);
      await eventually(async () => {
        expect(await kubectl.run(['get', 'pv,volumesnapshotcontent', '-o', 'name'])).toBe('');
        expect(await inspectMachine(platform.dataDir, platform.pid)).toMatchObject({
          volumes: [],
          snapshots: [],
          halves: [],
          staged: [],
          pods: [],
        });
      });
    });
  },
);
