import fc from 'fast-check';
import { expect, it } from 'vitest';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { seededRoll, Weather } from '#testing/fakes/weather.ts';
import { startStorageBench } from '#testing/storage-bench.ts';

it('VOL-6: nothing leaks and nothing is doubled, wherever the process dies while claims come and go', async () => {
  let crashes = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const roll = seededRoll(seed);
      const weather = new Weather(roll);
      const driver = new FakeDriver();
      driver.beforeCreate = () => weather.step(async () => {});
      driver.afterCreate = () => weather.step(async () => {});
      driver.beforeDelete = () => weather.step(async () => {});
      const bench = await startStorageBench({ drivers: { 'local.stowage.dev': driver }, wrapClient: (client) => weather.wrap(client) });
      try {
        await bench.createClass(aClass());
        for (let round = 0; round < 4; round += 1) {
          weather.untilCrash = 1 + roll(25);
          for (let index = roll(4); index >= 0; index -= 1)
            await bench.createClaim(aClaim({ name: `claim-${round}-${index}`, storageClassName: 'fast' }));
          if (roll(2) === 0) await bench.idle();
          for (const claim of (await bench.client.list(persistentVolumeClaims)).items) {
            if (roll(3) > 0) continue;
            await bench.client
              .delete(persistentVolumeClaims, { namespace: 'default', name: claim.metadata.name })
              .catch((thrown: unknown) => {
                if (!hasCode(thrown, 'NotFound')) throw thrown;
              });
          }
          await bench.idle();
          if (weather.isDead) crashes += 1;
          weather.untilCrash = Number.POSITIVE_INFINITY;
          weather.isDead = false;
          if (roll(2) === 0) await bench.restart();
        }
        await bench.restart();
        await bench.step(700_000);
        const claims = (await bench.client.list(persistentVolumeClaims)).items;
        const volumes = (await bench.client.list(persistentVolumes)).items;
        const wanted = claims.map(({ metadata }) => `pvc-${metadata.uid}`).toSorted();
        for (const claim of claims) {
          expect(claim).toMatchObject({ metadata: { finalizers: ['kubernetes.io/pvc-protection'] }, status: { phase: 'Bound' } });
          expect(claim.metadata.deletionTimestamp).toBeUndefined();
        }
        expect(volumes.map(({ metadata }) => metadata.name).toSorted()).toEqual(wanted);
        expect([...driver.volumes.values()].map(({ name }) => name).toSorted()).toEqual(wanted);
      } finally {
        await bench.close();
      }
    }),
    { numRuns: 60 },
  );
  expect(crashes).toBeGreaterThan(30);
}, 600_000);
