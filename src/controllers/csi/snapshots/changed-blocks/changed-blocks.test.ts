import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { volumeSnapshotClasses, volumeSnapshotContents, volumeSnapshots } from '#api/generated/definitions.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import { namespaces, secrets } from '#api/resources.ts';
import { silentLogger } from '#kit/log.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import type * as wire from '#protocols/snapshot-metadata/generated/messages.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aSnapshot, aSnapshotClass } from '#testing/builders/snapshot.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { type StorageBench, startStorageBench } from '#testing/storage-bench.ts';
import type { Caller } from './caller.ts';
import { ChangedBlocks } from './changed-blocks.ts';
import { SnapshotMetadata } from './metadata-service.ts';
import { snapshotsView } from './ready-snapshot.ts';

const DRIVER = 'local.stowage.dev';
const CALL = { signal: new AbortController().signal, timeoutMs: 1_000 };
const ASKED = { securityToken: 'ann', namespace: 'default', snapshotName: 'two' } as const;

let bench: StorageBench;
let driver: FakeDriver;
let informers: InformerFactory;
let service: SnapshotMetadata;
let denied: ObjectKey[];
beforeEach(async () => {
  denied = [];
  driver = new FakeDriver({ capabilities: ['CREATE_DELETE_SNAPSHOT', 'LIST_SNAPSHOTS'], blocks: 'told' });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver }, snapshots: true });
  await bench.createClass(aClass());
  await bench.client.create(volumeSnapshotClasses, aSnapshotClass());
  await bench.client.create(namespaces, { metadata: { name: 'other' }, spec: {} });
  for (const [namespace, name] of [
    ['default', 'data'],
    ['default', 'logs'],
    ['other', 'data'],
  ] as const)
    await bench.createClaim({ ...aClaim({ name, storageClassName: 'fast' }), metadata: { name, namespace } });
  await bench.idle();
  await take('one', 'data');
  await take('two', 'data');
  await take('third', 'logs');
  await take('one', 'data', 'other');
  await bench.idle();
  informers = new InformerFactory({ client: bench.client, clock: bench.api.clock, log: silentLogger });
  const view = snapshotsView(informers);
  await informers.start();
  const drivers = { find: (name: string) => bench.drivers.get(name), names: () => [...bench.drivers.keys()], onBack: () => () => {} };
  const blocks = new ChangedBlocks({ view, drivers, client: bench.client });
  service = new SnapshotMetadata({ blocks, whoIs });
});
afterEach(async () => {
  informers.stop();
  await bench.close();
});

async function take(name: string, claim: string, namespace = 'default'): Promise<void> {
  const draft = aSnapshot({ name, spec: { source: { persistentVolumeClaimName: claim } } });
  await bench.client.create(volumeSnapshots, { ...draft, metadata: { name, namespace } });
}

/** Everybody shows his name. */
async function whoIs(token: string): Promise<Caller | undefined> {
  if (token === 'broken') throw new Error('no answer');
  if (token !== 'ann') return undefined;
  const isDenied = ({ namespace, name }: ObjectKey): boolean => denied.some((key) => key.namespace === namespace && key.name === name);
  return { name: token, mayRead: (key) => key.namespace === 'default' && !isDenied(key) };
}

async function handleOf(name: string, namespace = 'default'): Promise<string> {
  const { status } = await bench.client.get(volumeSnapshots, { namespace, name });
  const content = await bench.client.get(volumeSnapshotContents, { namespace: '', name: status?.boundVolumeSnapshotContentName ?? '' });
  return content.status?.snapshotHandle ?? '';
}

async function allocated(request: wire.GetMetadataAllocatedRequest = ASKED): Promise<readonly string[]> {
  return piecesOf(service.getMetadataAllocated(request, CALL));
}

async function delta(baseSnapshotId: string, more: Partial<wire.GetMetadataDeltaRequest> = {}): Promise<readonly string[]> {
  const { securityToken, namespace } = ASKED;
  return piecesOf(service.getMetadataDelta({ securityToken, namespace, baseSnapshotId, targetSnapshotName: 'two', ...more }, CALL));
}

async function piecesOf(messages: AsyncIterable<wire.GetMetadataAllocatedResponse>): Promise<readonly string[]> {
  const pieces: string[] = [];
  for await (const { blockMetadata = [] } of messages)
    pieces.push(...blockMetadata.map(({ byteOffset, sizeBytes }) => `${byteOffset}+${sizeBytes}`));
  return pieces;
}

describe('blocks of snapshots', () => {
  it('SNAP-9: that hold data, and that have changed since another of the volume', async () => {
    driver.blocks.pieces.set(await handleOf('two'), [
      [0, 4096],
      [8192, 4096],
    ]);
    driver.blocks.pieces.set(`${await handleOf('one')}>${await handleOf('two')}`, [[8192, 4096]]);
    expect(await allocated()).toEqual(['0+4096', '8192+4096']);
    expect(await allocated({ ...ASKED, startingOffset: 4096n, maxResults: 7 })).toEqual(['8192+4096']);
    expect(driver.blocks.asked.at(-1)).toMatchObject({ startingOffset: 4096n, maxResults: 7 });
    expect(await delta(await handleOf('one'))).toEqual(['8192+4096']);
  });

  it.each<{
    readonly name: string;
    readonly request: Partial<wire.GetMetadataAllocatedRequest>;
    readonly code: string;
    readonly says: string;
  }>([
    { name: 'no token', request: { securityToken: '' }, code: 'InvalidArgument', says: 'security_token: is required' },
    { name: 'no namespace', request: { namespace: '' }, code: 'InvalidArgument', says: 'namespace: is required' },
    { name: 'no snapshot', request: { snapshotName: '' }, code: 'InvalidArgument', says: 'snapshot_name: is required' },
    { name: 'an offset before the beginning', request: { startingOffset: -1n }, code: 'InvalidArgument', says: 'starting_offset' },
    { name: 'less than no pieces', request: { maxResults: -1 }, code: 'InvalidArgument', says: 'max_results' },
    {
      name: 'a wrong field before a wrong token',
      request: { securityToken: 'eve', maxResults: -1 },
      code: 'InvalidArgument',
      says: 'max_results',
    },
    {
      name: 'a token that nobody knows',
      request: { securityToken: 'eve' },
      code: 'Unauthenticated',
      says: 'snapshot-metadata.stowage.dev',
    },
    { name: 'a token that can not be looked at', request: { securityToken: 'broken' }, code: 'Internal', says: 'no answer' },
    { name: 'another namespace', request: { namespace: 'other', snapshotName: 'one' }, code: 'PermissionDenied', says: 'ann may not get' },
    {
      name: 'another namespace before what is not there',
      request: { namespace: 'other', snapshotName: 'none' },
      code: 'PermissionDenied',
      says: 'may not',
    },
    { name: 'a snapshot that is not there', request: { snapshotName: 'none' }, code: 'Unavailable', says: 'default/none does not exist' },
  ])('SNAP-9: are refused for $name', async ({ request, code, says }) => {
    await expect(allocated({ ...ASKED, ...request })).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
    expect(driver.blocks.asked).toEqual([]);
  });

  it('SNAP-9: since nothing but a snapshot of the same volume and namespace, that the caller may read', async () => {
    const notFound = { code: 'NotFound', reason: 'BaseSnapshotUnknown' };
    await expect(delta(await handleOf('one', 'other'))).rejects.toMatchObject(notFound);
    await expect(delta('none')).rejects.toMatchObject(notFound);
    await expect(delta(await handleOf('third'))).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining('third is not of the volume'),
    });
    await expect(delta('')).rejects.toMatchObject({ code: 'InvalidArgument' });
    denied.push({ namespace: 'default', name: 'one' });
    await expect(delta(await handleOf('one'))).rejects.toMatchObject(notFound);
    expect(driver.blocks.asked).toEqual([]);
  });

  it('SNAP-9: of a content that names no volume are asked for at the driver first', async () => {
    const handle = await handleOf('third');
    const source = { snapshotHandle: handle };
    const ref = { name: 'given', namespace: 'default' };
    await bench.client.create(volumeSnapshotContents, {
      metadata: { name: 'given' },
      spec: { driver: DRIVER, deletionPolicy: 'Retain', source, volumeSnapshotRef: ref },
    });
    await bench.client.create(volumeSnapshots, aSnapshot({ name: 'given', spec: { source: { volumeSnapshotContentName: 'given' } } }));
    await bench.idle();
    await expect(delta(handle)).rejects.toMatchObject({ code: 'InvalidArgument' });
    expect(await delta(handle, { targetSnapshotName: 'third' })).toEqual([]);
  });

  it('SNAP-9: are not told while the snapshot is not ready, or its driver is away or can not', async () => {
    driver.areSnapshotsReady = false;
    await take('late', 'data');
    await bench.idle();
    await expect(allocated({ ...ASKED, snapshotName: 'late' })).rejects.toMatchObject({ code: 'Unavailable', reason: 'SnapshotNotReady' });
    bench.drivers.delete(DRIVER);
    await expect(allocated()).rejects.toMatchObject({ code: 'Unavailable', reason: 'BlocksUnavailable' });
    bench.drivers.set(DRIVER, new FakeDriver());
    await expect(allocated()).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining('does not tell of blocks'),
    });
  });

  it('SNAP-9: come with the secret of the class, and without it are not there now', async () => {
    const names = { 'csi.storage.k8s.io/snapshotter-secret-name': 'key', 'csi.storage.k8s.io/snapshotter-secret-namespace': 'default' };
    await bench.client.patch(volumeSnapshotClasses, {
      key: { namespace: '', name: 'snaps' },
      patch: { type: 'merge', body: { parameters: names } },
    });
    await bench.idle();
    await expect(allocated()).rejects.toMatchObject({ code: 'Unavailable', reason: 'BlocksUnavailable' });
    await bench.client.create(secrets, {
      metadata: { name: 'key', namespace: 'default' },
      data: { word: Buffer.from('open').toString('base64') },
    });
    await allocated();
    expect(driver.blocks.asked.at(-1)).toMatchObject({ secrets: { word: 'open' } });
  });

  it('SNAP-9: are not believed where the driver gives them out of order', async () => {
    driver.blocks.pieces.set(await handleOf('two'), [
      [8192, 4096],
      [4096, 8192],
    ]);
    await expect(allocated()).rejects.toMatchObject({ code: 'Internal', reason: 'BlocksOutOfOrder' });
  });

  it('SNAP-9: are told to 16 calls of one user at a time', async () => {
    driver.blocks.pieces.set(await handleOf('two'), [[0, 1]]);
    const open = Array.from({ length: 16 }, () => service.getMetadataAllocated(ASKED, CALL));
    for (const messages of open) await messages.next();
    await expect(allocated()).rejects.toMatchObject({ code: 'ResourceExhausted' });
    await open[0]?.return(undefined);
    expect(await allocated()).toEqual(['0+1']);
    for (const messages of open) await messages.return(undefined);
  });
});
