import fc from 'fast-check';
import { expect, it } from 'vitest';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aVolume } from '#testing/builders/volume.ts';
import { seededRoll, Weather } from '#testing/fakes/weather.ts';
import { watchForDoubles } from '#testing/models/watch-for-doubles.ts';
import { type StorageBench, startStorageBench } from '#testing/storage-bench.ts';

async function checkSettled(bench: StorageBench): Promise<void> {
  const claims = (await bench.client.list(persistentVolumeClaims)).items;
  const volumes = (await bench.client.list(persistentVolumes)).items;
  for (const claim of claims) {
    if (claim.spec.volumeName === undefined) {
      expect(claim.status).toEqual({ phase: 'Pending' });
      continue;
    }
    const volume = volumes.find(({ metadata }) => metadata.name === claim.spec.volumeName);
    expect(claim.metadata.annotations).toEqual({ 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' });
    expect(claim.status).toMatchObject({ phase: 'Bound', capacity: volume?.spec.capacity });
    expect(volume).toMatchObject({ spec: { claimRef: { uid: claim.metadata.uid } }, status: { phase: 'Bound' } });
  }
  for (const volume of volumes) {
    const owner = claims.find(({ spec }) => spec.volumeName === volume.metadata.name);
    if (owner === undefined)
      expect({ ref: volume.spec.claimRef, phase: volume.status?.phase }).toEqual({ ref: undefined, phase: 'Available' });
  }
  // nobody waits for what is free
  const free = volumes
    .filter(({ spec }) => spec.claimRef === undefined)
    .map(({ spec }) => Number.parseInt(spec.capacity?.['storage'] ?? '0', 10));
  const waiting = claims
    .filter(({ spec }) => spec.volumeName === undefined)
    .map(({ spec }) => Number.parseInt(spec.resources?.requests?.['storage'] ?? '0', 10));
  for (const size of waiting) expect(free.filter((freeSize) => freeSize >= size)).toEqual([]);
}

it('VOL-3: never two claims on one volume, under any order of writes and crashes between them, and all is bound in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const roll = seededRoll(seed);
      const weather = new Weather(roll);
      const bench = await startStorageBench({ wrapClient: (client) => weather.wrap(client) });
      const doubles = watchForDoubles(bench);
      try {
        const size = (): string => `${1 + roll(4)}Mi`;
        const things = [
          ...Array.from(
            { length: 2 + roll(6) },
            (_unused, index) => () => bench.createClaim(aClaim({ name: `claim-${index}`, size: size(), storageClassName: 'manual' })),
          ),
          ...Array.from(
            { length: 2 + roll(6) },
            (_unused, index) => () => bench.createVolume(aVolume({ name: `pv-${index}`, size: size(), storageClassName: 'manual' })),
          ),
        ];
        const crashes = 1 + roll(3);
        weather.untilCrash = 1 + roll(12);
        while (things.length > 0) {
          const [create] = things.splice(roll(things.length), 1);
          await create?.();
          if (roll(3) === 0) await bench.idle();
        }
        for (let crash = 1; crash <= crashes; crash += 1) {
          await bench.idle();
          weather.isDead = false;
          weather.untilCrash = crash === crashes ? Number.POSITIVE_INFINITY : 1 + roll(12);
          await bench.restart();
        }
        await bench.step(2_000);
        expect(doubles.faults).toEqual([]);
        await checkSettled(bench);
      } finally {
        doubles.close();
        await bench.close();
      }
    }),
    { numRuns: 100 },
  );
}, 600_000);
