import { afterEach, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { hasFinalizer, removingFinalizer } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { CLONING_PROTECTION } from '#api/storage/names.ts';
import { hasCode } from '#kit/errors.ts';
import { aClaim, aStoredClaim } from '#testing/builders/claim.ts';
import { aClass, aStoredClass } from '#testing/builders/class.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { seededRoll, Weather } from '#testing/fakes/weather.ts';
import { type StorageBench, startStorageBench } from '#testing/storage-bench.ts';
import { type ClaimSource, whyUnfillable } from './content-source.ts';

const dataSource = { kind: 'PersistentVolumeClaim', name: 'source' };
const driver = 'local.stowage.dev';

/** Keeps a claim that is deleted, as a pod that uses it does. */
const HOLD = 'example.com/hold';

async function letGo({ client }: StorageBench): Promise<void> {
  for (const claim of (await client.list(persistentVolumeClaims)).items) {
    const patch = { type: 'merge' as const, body: removingFinalizer(claim, HOLD) };
    if (hasFinalizer(claim, HOLD)) await client.patch(persistentVolumeClaims, { key: keyOf(claim), patch });
  }
}

async function dieAgain(bench: StorageBench, weather: Weather, roll: (bound: number) => number): Promise<void> {
  for (let again = roll(3); again > 0; again -= 1) {
    weather.untilCrash = 1 + roll(10);
    weather.isDead = false;
    await bench.restart();
    await bench.step(roll(2) * 60_000);
    if (roll(2) === 0) await letGo(bench);
  }
}

const from = (parts: Omit<ClaimSource, 'kind'>): ClaimSource => ({ kind: 'claim', ...parts });

describe('whyUnfillable', () => {
  const bound = { name: 'source', uid: 'u-source', storageClassName: 'fast', volumeName: 'pv-1', status: { phase: 'Bound' } };
  const claim = aStoredClaim({ name: 'copy', storageClassName: 'fast', spec: { dataSource } });
  const source = aStoredClaim(bound);
  const volume = aStoredVolume({ driver, claim: source, status: { phase: 'Bound' } });

  it('takes a bound claim of a class of the same driver', () => {
    expect(whyUnfillable(claim, aStoredClass(), from({ claim: source, volume }))).toBeUndefined();
    expect(whyUnfillable(aStoredClaim(), aStoredClass(), from({ claim: undefined, volume: undefined }))).toBeUndefined();
  });

  it.each([
    { name: 'is not there', view: { claim: undefined, volume: undefined }, says: 'does not exist' },
    { name: 'is not bound', view: { claim: aStoredClaim({ ...bound, status: { phase: 'Pending' } }), volume }, says: 'not bound yet' },
    {
      name: 'is being deleted',
      view: { claim: aStoredClaim({ ...bound, deletionTimestamp: '2026-01-01T00:00:00Z' }), volume },
      says: 'being deleted',
    },
    { name: 'is larger', view: { claim: aStoredClaim({ ...bound, size: '20Mi' }), volume }, says: 'ask for 20Mi or more' },
    {
      name: 'is a block device',
      view: { claim: aStoredClaim({ ...bound, spec: { volumeMode: 'Block' } }), volume },
      says: 'volumeMode is Block',
    },
    { name: 'has lost its volume', view: { claim: source, volume: undefined }, says: 'its volume is gone' },
    {
      name: 'is of another driver',
      view: { claim: source, volume: aStoredVolume({ driver: 'x.example', claim: source, status: { phase: 'Bound' } }) },
      says: 'of the driver "x.example"',
    },
    {
      name: 'is on a host path',
      view: { claim: source, volume: aStoredVolume({ claim: source, status: { phase: 'Bound' } }) },
      says: 'no CSI volume',
    },
    {
      name: 'has a volume of somebody else',
      view: { claim: source, volume: aStoredVolume({ driver, claim: aStoredClaim({ uid: 'u-2' }), status: { phase: 'Bound' } }) },
      says: 'not bound to it',
    },
  ])('refuses a source that $name, and says so', ({ view, says }) => {
    expect(whyUnfillable(claim, aStoredClass(), from(view))).toContain(says);
  });
});

describe('copies of claims', () => {
  let bench: StorageBench;
  let backend: FakeDriver;
  afterEach(async () => bench.close());

  const start = async (): Promise<void> => {
    backend = new FakeDriver({ capabilities: ['CLONE_VOLUME'] });
    bench = await startStorageBench({ drivers: { [driver]: backend } });
    await bench.createClass(aClass());
  };
  const create = async (name: string, more: object = {}): Promise<void> => {
    await bench.createClaim(aClaim({ name, storageClassName: 'fast', ...more }));
    await bench.idle();
  };
  const finalizers = async (): Promise<readonly string[]> => (await bench.claim('source'))?.metadata.finalizers ?? [];

  it('CLASS-5: a copy waits for its source to be bound, and is made from its volume', async () => {
    await start();
    await create('copy', { spec: { dataSource } });
    expect(bench.toldAbout('copy').join()).toContain('it does not exist: create it first');
    await create('source');
    await bench.step(60_000);
    const volumeId = `vol-pvc-${(await bench.claim('source'))?.metadata.uid}`;
    const copy = await bench.claim('copy');
    expect(copy?.status?.phase).toBe('Bound');
    expect(backend.volumes.get(`vol-pvc-${copy?.metadata.uid}`)?.request.volumeContentSource).toEqual({ volume: { volumeId } });
    expect(await finalizers()).not.toContain(CLONING_PROTECTION);
  });

  it('keeps a source that is deleted until its copy is made', async () => {
    await start();
    await create('source');
    backend.beforeCreate = async () => Promise.reject(driverError('Unavailable', 'later'));
    await create('copy', { spec: { dataSource } });
    expect(await finalizers()).toContain(CLONING_PROTECTION);
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'source' });
    await bench.idle();
    expect(await bench.claim('source')).toBeDefined();
    backend.beforeCreate = async () => {};
    await bench.step(10_000);
    expect((await bench.claim('copy'))?.status?.phase).toBe('Bound');
    expect(await bench.claim('source')).toBeUndefined();
    await create('late', { spec: { dataSource } });
    expect(bench.toldAbout('late').join()).toContain('it does not exist');
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'late' });
    await bench.idle();
    expect(await bench.claim('late')).toBeUndefined();
  });

  // why: looking for a volume makes it, and after a crash then there would be nothing left to tell of it
  it('VOL-6: looks for no copy of what was on its way out before the copy was begun', async () => {
    await start();
    await create('source', { finalizers: [HOLD] });
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'source' });
    await create('copy', { spec: { dataSource } });
    expect(bench.toldAbout('copy').join()).toContain('it is being deleted: name another');
    await bench.restart();
    const asked = backend.calls.length;
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'copy' });
    await bench.step(60_000);
    expect(await bench.claim('copy')).toBeUndefined();
    expect(backend.calls.slice(asked)).toEqual([]);
  });

  it('lets a source go that a crash left kept, when no copy of it is under way any more', async () => {
    await start();
    await create('source', { finalizers: [CLONING_PROTECTION] });
    expect(await finalizers()).not.toContain(CLONING_PROTECTION);
  });

  it('deletes a volume that may be no copy', async () => {
    await start();
    await create('source');
    const { controller } = backend;
    const createVolume = controller.createVolume.bind(controller);
    controller.createVolume = async (request, call) => {
      const { volume } = await createVolume(request, call);
      return { volume: { ...volume, contentSource: undefined } };
    };
    await create('copy', { spec: { dataSource } });
    expect(bench.toldAbout('copy').join()).toContain('volume content source missing');
    expect(backend.volumes.size).toBe(1);
  });

  it('refuses for a driver that makes no copies', async () => {
    backend = new FakeDriver();
    bench = await startStorageBench({ drivers: { [driver]: backend } });
    await bench.createClass(aClass());
    await create('source');
    await create('copy', { spec: { dataSource } });
    expect(bench.toldAbout('copy').join()).toContain('makes no copies of volumes (no CLONE_VOLUME)');
  });
});

it('VOL-6: nothing leaks and nothing is doubled, wherever the process dies while claims and copies of them come and go', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const roll = seededRoll(seed);
      const weather = new Weather(roll);
      const backend = new FakeDriver({ capabilities: ['CLONE_VOLUME'] });
      backend.beforeCreate = () => weather.step(async () => {});
      backend.afterCreate = () => weather.step(async () => {});
      const bench = await startStorageBench({ drivers: { [driver]: backend }, wrapClient: (client) => weather.wrap(client) });
      try {
        await bench.createClass(aClass());
        const held = roll(2) === 0 ? [HOLD] : [];
        for (const name of ['source', 'other']) await bench.createClaim(aClaim({ name, storageClassName: 'fast', finalizers: held }));
        await bench.idle();
        weather.untilCrash = 1 + roll(25);
        for (let index = roll(4); index >= 0; index -= 1)
          await bench.createClaim(
            aClaim({
              name: `copy-${index}`,
              storageClassName: 'fast',
              spec: { dataSource: { ...dataSource, name: roll(2) === 0 ? 'source' : 'other' } },
            }),
          );
        if (roll(2) === 0) await bench.idle();
        for (const name of ['copy-0', 'source', 'copy-1'])
          if (roll(2) === 0)
            await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name }).catch((thrown: unknown) => {
              if (!hasCode(thrown, 'NotFound')) throw thrown;
            });
        await bench.idle();
        await dieAgain(bench, weather, roll);
        await letGo(bench);
        weather.untilCrash = Number.POSITIVE_INFINITY;
        weather.isDead = false;
        await bench.restart();
        await bench.step(700_000);
        const claims = (await bench.client.list(persistentVolumeClaims)).items;
        const made = claims.filter(({ status }) => status?.phase === 'Bound');
        for (const claim of claims) {
          expect(claim.metadata.deletionTimestamp).toBeUndefined();
          // why: without a volume are copies of what was deleted before they were begun
          if (claim.metadata.name.startsWith('copy-') && !made.includes(claim)) continue;
          expect(claim.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
          expect(made).toContain(claim);
        }
        const wanted = made.map(({ metadata }) => `pvc-${metadata.uid}`).toSorted();
        const volumes = (await bench.client.list(persistentVolumes)).items;
        expect(volumes.map(({ metadata }) => metadata.name).toSorted()).toEqual(wanted);
        expect([...backend.volumes.values()].map(({ name }) => name).toSorted()).toEqual(wanted);
      } finally {
        await bench.close();
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);
