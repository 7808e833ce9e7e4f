import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { referenceGrants, volumeSnapshotClasses, volumeSnapshots } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { namespaces, persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { CLONING_PROTECTION } from '#api/storage/names.ts';
import { RESTORING_PROTECTION } from '#api/storage/snapshot.ts';
import { hasCode } from '#kit/errors.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aGrant } from '#testing/builders/reference-grant.ts';
import { aSnapshotClass } from '#testing/builders/snapshot.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { seededRoll, Weather } from '#testing/fakes/weather.ts';
import { type StorageBench, type StorageBenchOptions, startStorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'local.stowage.dev';
const SOURCE = { namespace: 'team-a', name: 'source' };
const TAKER = { namespace: 'team-b', name: 'taker' };
const GRANT = { namespace: 'team-a', name: 'given' };
const REFS = {
  claim: { kind: 'PersistentVolumeClaim', ...SOURCE },
  snapshot: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', ...SOURCE },
} as const;
type Kind = keyof typeof REFS;

let bench: StorageBench;
let driver: FakeDriver;
afterEach(() => bench.close());

async function start(more: StorageBenchOptions = {}): Promise<void> {
  driver = new FakeDriver({ capabilities: ['CLONE_VOLUME', 'CREATE_DELETE_SNAPSHOT', 'LIST_SNAPSHOTS'] });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver }, snapshots: true, grants: true, ...more });
  for (const name of ['team-a', 'team-b']) await bench.client.create(namespaces, { metadata: { name }, spec: {} });
  await bench.createClass(aClass());
  await bench.client.create(volumeSnapshotClasses, aSnapshotClass());
  await bench.createClaim(aClaim({ ...SOURCE, storageClassName: 'fast' }));
  await bench.idle();
  const spec = { source: { persistentVolumeClaimName: 'source' }, volumeSnapshotClassName: 'snaps' };
  await bench.client.create(volumeSnapshots, { metadata: SOURCE, spec });
  await bench.idle();
}

async function take(kind: Kind): Promise<void> {
  await bench.createClaim(aClaim({ ...TAKER, storageClassName: 'fast', spec: { dataSourceRef: REFS[kind] } }));
  await bench.idle();
}

async function give(): Promise<void> {
  await bench.client.create(referenceGrants, aGrant());
  await bench.idle();
}

async function takeBack(): Promise<void> {
  await bench.client.delete(referenceGrants, GRANT);
  await bench.idle();
}

const taker = (): Promise<PersistentVolumeClaim> => bench.client.get(persistentVolumeClaims, TAKER);

/** Finalizers that keep either source for somebody who is made from it. */
async function holds(): Promise<readonly string[]> {
  const [claim, snapshot] = [await bench.client.get(persistentVolumeClaims, SOURCE), await bench.client.get(volumeSnapshots, SOURCE)];
  const all = [...(claim.metadata.finalizers ?? []), ...(snapshot.metadata.finalizers ?? [])];
  return all.filter((name) => name === CLONING_PROTECTION || name === RESTORING_PROTECTION);
}

/** Volumes of the driver but the source's own. */
const made = (): readonly string[] => [...driver.volumes.values()].map(({ name }) => name).slice(1);

describe.each(['claim', 'snapshot'] as const)('SNAP-9: a %s of another namespace', (kind) => {
  it('is refused in words without a grant, and taken at once when there is one', async () => {
    await start();
    await take(kind);
    const [told = ''] = bench.toldAbout('taker').filter((text) => text.startsWith('ProvisioningFailed'));
    expect(told).toContain('no ReferenceGrant of the namespace team-a lets claims of team-b use it');
    expect(told).toContain(
      `"to":[{"group":"${kind === 'claim' ? '' : REFS.snapshot.apiGroup}","kind":"${REFS[kind].kind}","name":"source"}]`,
    );
    expect([made(), await holds()]).toEqual([[], []]);
    await give();
    const { metadata, status } = await taker();
    expect(status?.phase).toBe('Bound');
    expect(driver.volumes.get(`vol-pvc-${metadata.uid}`)?.request.volumeContentSource).toHaveProperty(
      kind === 'claim' ? 'volume' : 'snapshot',
    );
    expect(await holds()).toEqual([]);
  });

  it('tells nobody without a grant whether it is there', async () => {
    await start();
    await take(kind);
    const spec = { dataSourceRef: { ...REFS[kind], name: 'nothing' } };
    await bench.createClaim(aClaim({ ...TAKER, name: 'guesser', storageClassName: 'fast', spec }));
    await bench.idle();
    const words = (name: string): string =>
      bench
        .toldAbout(name)
        .at(-1)
        ?.replaceAll(/source|nothing|taker|guesser/g, 'X') ?? '';
    expect(words('guesser')).toBe(words('taker'));
  });

  it('is not held by who has no grant', async () => {
    await start();
    await take(kind);
    await bench.client.delete(volumeSnapshots, SOURCE);
    await bench.idle();
    await bench.client.delete(persistentVolumeClaims, SOURCE);
    await bench.idle();
    expect((await bench.client.list(persistentVolumeClaims)).items.map(({ metadata }) => metadata.name)).toEqual(['taker']);
    expect((await bench.client.list(volumeSnapshots)).items).toEqual([]);
  });

  it('whose grant goes while the volume is made: what was begun is deleted, and the source is free', async () => {
    await start();
    await give();
    driver.afterCreate = async () => Promise.reject(driverError('Unavailable', 'later'));
    await take(kind);
    expect([made().length, (await holds()).length]).toEqual([1, 1]);
    driver.afterCreate = async () => {};
    await takeBack();
    await bench.step(300_000);
    expect([made(), await holds()]).toEqual([[], []]);
    expect((await taker()).status?.phase).toBe('Pending');
    expect(bench.toldAbout('taker').at(-1)).toContain('no ReferenceGrant');
    await give();
    expect((await taker()).status?.phase).toBe('Bound');
  });

  it('whose grant goes before the driver was heard: nothing is asked of it any more', async () => {
    await start();
    await give();
    driver.beforeCreate = async () => Promise.reject(driverError('InvalidArgument', 'never'));
    await take(kind);
    driver.beforeCreate = async () => {};
    await takeBack();
    await bench.step(300_000);
    expect([made(), await holds()]).toEqual([[], []]);
  });
});

it('SNAP-9: nothing leaks, and nothing is held, wherever the process dies while grants come and go', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const roll = seededRoll(seed);
      const weather = new Weather(roll);
      await start({ wrapClient: (client) => weather.wrap(client) });
      try {
        driver.beforeCreate = () => weather.step(async () => {});
        driver.afterCreate = () => weather.step(async () => {});
        weather.untilCrash = 1 + roll(25);
        await bench.client.create(referenceGrants, aGrant());
        for (const kind of ['claim', 'snapshot'] as const)
          await bench.createClaim(aClaim({ ...TAKER, name: kind, storageClassName: 'fast', spec: { dataSourceRef: REFS[kind] } }));
        for (let turn = roll(4); turn > 0; turn -= 1) {
          if (roll(2) === 0) await bench.step(roll(2) * 60_000);
          await bench.client.delete(referenceGrants, GRANT).catch(ignoreMissing);
          if (roll(2) === 0) await bench.client.create(referenceGrants, aGrant());
        }
        if (roll(2) === 0) await bench.client.delete(persistentVolumeClaims, { ...TAKER, name: 'claim' }).catch(ignoreMissing);
        weather.untilCrash = Number.POSITIVE_INFINITY;
        weather.isDead = false;
        await bench.restart();
        await bench.step(700_000);
        const claims = (await bench.client.list(persistentVolumeClaims)).items;
        const wanted = claims.filter(({ status }) => status?.phase === 'Bound').map(({ metadata }) => `pvc-${metadata.uid}`);
        const volumes = (await bench.client.list(persistentVolumes)).items.map(({ metadata }) => metadata.name);
        expect(volumes.toSorted()).toEqual(wanted.toSorted());
        expect([...driver.volumes.values()].map(({ name }) => name).toSorted()).toEqual(wanted.toSorted());
        expect(await holds()).toEqual([]);
        expect(claims.flatMap(({ metadata }) => metadata.finalizers ?? []).filter((name) => name.includes('stowage'))).toEqual([]);
      } finally {
        await bench.close();
      }
    }),
    { numRuns: 30 },
  );
}, 60_000);

function ignoreMissing(thrown: unknown): void {
  if (!hasCode(thrown, 'NotFound')) throw thrown;
}
