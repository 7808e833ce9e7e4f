import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { trusted } from '#kit/json.ts';
import { type MetadataPlace, SnapshotMetadataClient } from '#testing/clients/snapshot-metadata.ts';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { claimOf, snapshotOf } from './snapshots/objects.ts';

/** Two tenants with backup programs of their own, and one that may read nothing. */
const WORLD = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: ext4}
provisioner: local.stowage.dev
parameters: {csi.storage.k8s.io/fstype: ext4}
---
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshotClass
metadata: {name: usual, annotations: {snapshot.storage.kubernetes.io/is-default-class: "true"}}
driver: local.stowage.dev
deletionPolicy: Delete
---
apiVersion: v1
kind: Namespace
metadata: {name: team-b}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: backup, namespace: default}}
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: stranger, namespace: default}}
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: backup, namespace: team-b}}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: backup, namespace: default}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
  subjects: [{kind: ServiceAccount, name: backup, namespace: default}]
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: backup, namespace: team-b}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
  subjects: [{kind: ServiceAccount, name: backup, namespace: team-b}]
`;
const MIB = 2 ** 20;
const BLOCK = 4_096;
/** Writes 64 KiB at so many MiB of the device. */
const at = (mib: number): string => `dd if=/dev/urandom of=/dev/raw bs=64k count=1 seek=$((${mib}*16)) conv=notrunc,fsync`;
const piecesAt = (...mibs: readonly number[]): readonly string[] => mibs.map((mib) => `${mib * MIB}+65536`);

const WRITER = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'writer' },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 0.1; done'],
        volumeMounts: [{ name: 'files', mountPath: '/files' }],
        volumeDevices: [{ name: 'raw', devicePath: '/dev/raw' }],
      },
    ],
    volumes: ['raw', 'files'].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
  },
};

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'SNAP-9: which blocks of snapshots have changed', () => {
  let platform: PlatformProcess;
  let place: MetadataPlace;
  let client: SnapshotMetadataClient;
  let token: string;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--pool-size', '4Gi'] });
    await platform.kubectl.run(['apply', '-f', '-'], WORLD);
    await apply(claimOf('raw', '64Mi', { volumeMode: 'Block' }), claimOf('files', '64Mi', { storageClassName: 'ext4' }), WRITER);
    await platform.kubectl.run(['wait', '--for=condition=Ready', 'pod/writer', '--timeout=60s']);
    place = await service();
    client = new SnapshotMetadataClient(place);
    token = await tokenOf('backup');
    await write(`${at(1)} && ${at(40)} && echo before >/files/one && sync /files/one`);
    await apply(snapshotOf('raw-1', 'raw'), snapshotOf('files-1', 'files'));
    await isReady('raw-1', 'files-1');
    await write(`${at(3)} && ${at(40)} && ${at(63)} && head -c 300000 /dev/urandom >/files/two && sync /files/two`);
    await apply(snapshotOf('raw-2', 'raw'), snapshotOf('files-2', 'files'));
    await isReady('raw-2', 'files-2');
  });
  afterAll(async () => {
    client?.close();
    await platform.remove();
  });

  const apply = (...items: readonly unknown[]): Promise<string> =>
    platform.kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const write = (script: string): Promise<string> => platform.kubectl.run(['exec', 'writer', '--', 'sh', '-c', script]);
  const isReady = (...names: readonly string[]): Promise<string> =>
    platform.kubectl.run([
      'wait',
      '--for=jsonpath={.status.readyToUse}=true',
      ...names.map((name) => `volumesnapshot/${name}`),
      '--timeout=60s',
    ]);
  const service = async (): Promise<MetadataPlace> =>
    trusted<{ readonly spec: MetadataPlace }>(
      await platform.kubectl.json(['get', 'snapshotmetadataservices.cbt.storage.k8s.io', 'local.stowage.dev']),
    ).spec;
  const tokenOf = async (account: string, { namespace = 'default', audience = place.audience } = {}): Promise<string> =>
    (
      await platform.kubectl.run(['create', 'token', account, '-n', namespace, ...(audience === '' ? [] : ['--audience', audience])])
    ).trim();
  const handleOf = async (name: string, namespace = 'default'): Promise<string> => {
    const content = await platform.kubectl.run([
      'get',
      'volumesnapshot',
      name,
      '-n',
      namespace,
      '-o',
      'jsonpath={.status.boundVolumeSnapshotContentName}',
    ]);
    return platform.kubectl.run(['get', 'volumesnapshotcontent', content, '-o', 'jsonpath={.status.snapshotHandle}']);
  };
  const allocated = (snapshotName: string) => ({ securityToken: token, namespace: 'default', snapshotName });
  const delta = async (base: string, targetSnapshotName: string) => ({
    securityToken: token,
    namespace: 'default',
    baseSnapshotId: await handleOf(base),
    targetSnapshotName,
  });
  const stowage = async (...words: readonly string[]): Promise<string> => {
    const { program, args, env } = stowageCommand([...words, '--kubeconfig', platform.kubeconfig]);
    return (await promisify(execFile)(program, [...args], { env: { ...process.env, ...env } })).stdout;
  };

  it('tells of a device exactly what was written', async () => {
    expect(await client.pieces(allocated('raw-1'))).toEqual(piecesAt(1, 40));
    expect(await client.pieces(allocated('raw-2'))).toEqual(piecesAt(1, 3, 40, 63));
    expect(await client.pieces(await delta('raw-1', 'raw-2'))).toEqual(piecesAt(3, 40, 63));
    for await (const message of client.ask(await delta('raw-1', 'raw-2'))) expect(message.volumeCapacityBytes).toBe(64 * MIB);
  });

  it('tells of a file system all that differs, and little more', async () => {
    const pieces = await client.pieces(await delta('files-1', 'files-2'));
    const told = pieces.map((piece) => piece.split('+').map(Number));
    const isTold = (offset: number): boolean => told.some(([start = 0, size = 0]) => start <= offset && offset < start + size);
    const [before, after] = [readFileSync(imageOf(await handleOf('files-1'))), readFileSync(imageOf(await handleOf('files-2')))];
    let differing = 0;
    for (let offset = 0; offset < after.length; offset += BLOCK) {
      if (before.subarray(offset, offset + BLOCK).equals(after.subarray(offset, offset + BLOCK))) continue;
      differing += 1;
      expect(isTold(offset), `offset ${offset}`).toBe(true);
    }
    expect(differing).toBeGreaterThan(70);
    expect(told.reduce((sum, [, size = 0]) => sum + size, 0)).toBeLessThan(8 * MIB);
  });

  const imageOf = (handle: string): string => {
    const pools = path.join(platform.dataDir, 'pools');
    const found = readdirSync(pools, { recursive: true, encoding: 'utf8' }).find((file) => file.endsWith(`/${handle}.img`));
    return path.join(pools, found ?? '');
  };

  it('goes on from an offset, and in as many messages as one likes', async () => {
    const question = await delta('raw-1', 'raw-2');
    const first = [];
    for await (const { blocks } of client.ask({ ...question, maxResults: 1 })) {
      expect(blocks.length).toBe(1);
      first.push(...blocks);
      if (first.length === 2) break;
    }
    const startingOffset = (first[1]?.offset ?? 0) + (first[1]?.size ?? 0);
    expect(await client.pieces({ ...question, startingOffset })).toEqual(piecesAt(63));
    expect(await client.refusal({ ...question, startingOffset: 64 * MIB })).toMatchObject({ code: status.OUT_OF_RANGE });
  });

  it('tells the command line the same, as who signs in there', async () => {
    const told: unknown = JSON.parse(await stowage('snapshot', 'blocks', 'raw-2', '-n', 'default', '--since', 'raw-1', '-o', 'json'));
    const blocks = [3, 40, 63].map((mib) => ({ offset: mib * MIB, size: 65_536 }));
    expect(told).toEqual({ volumeSizeBytes: 64 * MIB, changedBytes: 3 * 65_536, blocks });
    expect(await stowage('snapshot', 'blocks', 'raw-1', '-n', 'default')).toContain('128Ki of 64Mi hold data, in 2 pieces');
    await expect(stowage('snapshot', 'blocks', 'none', '-n', 'default')).rejects.toThrow('default/none does not exist');
    const bare = await fetch(`${platform.url.replace('https:', 'http:')}/volumes.stowage.dev/blocks?namespace=default&name=raw-1`);
    expect(bare.status).toBe(404);
  });

  it('tells nobody without the right token and the right to read', async () => {
    const question = allocated('raw-1');
    const unauthenticated = { code: status.UNAUTHENTICATED };
    expect(await client.refusal({ ...question, securityToken: 'x.y.z' })).toMatchObject(unauthenticated);
    expect(await client.refusal({ ...question, securityToken: await tokenOf('backup', { audience: '' }) })).toMatchObject(unauthenticated);
    expect(await client.refusal({ ...question, securityToken: await tokenOf('backup', { audience: 'other' }) })).toMatchObject(
      unauthenticated,
    );
    expect(await client.refusal({ ...question, securityToken: '' })).toMatchObject({ code: status.INVALID_ARGUMENT });
    expect(await client.refusal({ ...question, securityToken: await tokenOf('stranger') })).toMatchObject({
      code: status.PERMISSION_DENIED,
    });
    const ofOther = await tokenOf('backup', { namespace: 'team-b' });
    expect(await client.refusal({ ...question, securityToken: ofOther })).toMatchObject({ code: status.PERMISSION_DENIED });
  });

  it('tells nothing since a snapshot of another volume, or of another tenant', async () => {
    const question = await delta('raw-1', 'raw-2');
    expect(await client.refusal({ ...question, baseSnapshotId: await handleOf('files-1') })).toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
    const theirs = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'theirs', namespace: 'team-b' } };
    await apply(
      { ...theirs, spec: { accessModes: ['ReadWriteOnce'], volumeMode: 'Block', resources: { requests: { storage: '64Mi' } } } },
      {
        apiVersion: 'snapshot.storage.k8s.io/v1',
        kind: 'VolumeSnapshot',
        metadata: { name: 'theirs', namespace: 'team-b' },
        spec: { source: { persistentVolumeClaimName: 'theirs' } },
      },
    );
    await platform.kubectl.run([
      'wait',
      '-n',
      'team-b',
      '--for=jsonpath={.status.readyToUse}=true',
      'volumesnapshot/theirs',
      '--timeout=60s',
    ]);
    const securityToken = await tokenOf('backup', { namespace: 'team-b' });
    const own = { securityToken, namespace: 'team-b', targetSnapshotName: 'theirs' };
    const refusal = await client.refusal({ ...own, baseSnapshotId: question.baseSnapshotId });
    expect(refusal.code).toBe(status.NOT_FOUND);
    // why the same words: whether somebody else has such a snapshot is not told
    const unknown = await client.refusal({ ...own, baseSnapshotId: 'none' });
    expect(refusal.details.replace(question.baseSnapshotId, 'none')).toBe(unknown.details);
    expect(await client.pieces({ ...own, baseSnapshotId: await handleOf('theirs', 'team-b') })).toEqual([]);
  });

  it('is reached from pods at the address that it says', async () => {
    const [host = '', port = ''] = place.address.split(':');
    await write(`echo | nc -w 5 ${host} ${port}`);
  });

  it('is said truly, whatever is done to its object', async () => {
    const { kubectl } = platform;
    await kubectl.run(['patch', 'sms', 'local.stowage.dev', '--type=merge', '-p', '{"spec":{"address":"evil:1"}}']);
    await eventually(async () => expect(await service()).toEqual(place));
    await kubectl.run(['delete', 'sms', 'local.stowage.dev']);
    await eventually(async () => expect(await service()).toEqual(place));
  });

  it('ends what it began where a snapshot goes in the middle, and is gone with the plugin', async () => {
    const { kubectl } = platform;
    const messages = client.ask({ ...(await delta('raw-1', 'raw-2')), maxResults: 1 });
    const first = await messages.next();
    const pieces = first.done === true ? [] : [...first.value.blocks];
    await kubectl.run(['delete', 'volumesnapshot', 'raw-1', 'raw-2']);
    for await (const { blocks } of messages) pieces.push(...blocks);
    expect(pieces.map(({ offset }) => offset / MIB)).toEqual([3, 40, 63]);
    expect(await client.refusal(allocated('raw-2'))).toMatchObject({ code: status.UNAVAILABLE });
    await kubectl.run(['delete', 'volumesnapshot', '--all', '-A']);
    await kubectl.run(['delete', 'volumesnapshotclass', '--all']);
    for (const plugin of ['volsync', 'snapshot']) await stowage('plugin', 'uninstall', plugin);
    await expect(service()).rejects.toThrow();
    await expect(client.pieces(allocated('raw-2'))).rejects.toThrow();
  });
});
