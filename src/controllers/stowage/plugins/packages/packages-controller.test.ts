import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { definitionsOf } from '#api/definitions/brought-along.ts';
import { PACKAGES_GROUP } from '#api/definitions/plugin-packages.ts';
import { pluginPackages, pluginSigners } from '#api/generated/definitions.ts';
import { SystemIds } from '#kit/ids.ts';
import { trusted } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { runController, type RunningController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { establish } from '#testing/builders/definition.ts';
import { aPackage, MAKER } from '#testing/builders/plugin-package.ts';
import { eventually } from '#testing/eventually.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { PluginCatalog } from '../plugin-catalog.ts';
import { createPackagesController, createSignersController } from './packages-controller.ts';

let api: TestApi<FakeClock>;
let informers: InformerFactory;
let catalog: PluginCatalog;
let running: readonly RunningController[];
let changed: string[];
beforeEach(async () => {
  api = await startTestApi();
  for (const definition of definitionsOf(PACKAGES_GROUP)) await establish(api.client, trusted(definition));
  informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
  catalog = new PluginCatalog([], '0.5.0');
  changed = [];
  catalog.onChange((name) => changed.push(name));
  const deps = { clock: api.clock, ids: new SystemIds(), log: silentLogger, events: { record: () => {} }, metrics: new Metrics() };
  running = [
    runController(createPackagesController({ informers, catalog }), { ...deps, client: informers.client }),
    runController(createSignersController({ informers }), { ...deps, client: informers.client, metrics: new Metrics() }),
  ];
  await Promise.all(running.map(({ ready }) => ready));
});
afterEach(async () => {
  await Promise.all(running.map((controller) => controller.stop()));
  informers.stop();
  await api.close();
});

const KEY = { namespace: '', name: 'disk-1.0.0' };
const trust = () => api.client.create(pluginSigners, { metadata: { name: 'maker' }, spec: { publicKey: MAKER.publicKey.pem } });
async function upload(archive: Buffer): Promise<void> {
  await api.client.create(pluginPackages, { metadata: { name: KEY.name }, spec: { archive: archive.toString('base64') } });
}
const status = async () => (await api.client.get(pluginPackages, KEY)).status;

/** Waits for the threads that unpack. */
const says = (wanted: object): Promise<void> => eventually(async () => expect(await status()).toMatchObject(wanted));
const untrusted = { phase: 'Untrusted', message: expect.stringContaining('which is not trusted') };

describe('PLUG-4: packages that are stored', () => {
  it('are in the catalog while they are there, and say what they are', async () => {
    await trust();
    await upload(await aPackage());
    const { fingerprint } = MAKER.publicKey;
    await says({ phase: 'Trusted', plugin: 'disk', version: '1.0.0', channel: 'stable', signer: 'maker', fingerprint });
    expect(catalog.versionsOf('disk').map(({ version, from }) => [version, from?.refusal])).toEqual([['1.0.0', undefined]]);
    expect(changed).toEqual(['disk']);
    await api.client.delete(pluginPackages, KEY);
    await eventually(() => expect(catalog.names).toEqual([]));
  });

  it('follow the trust in who signed them', async () => {
    await trust();
    await upload(await aPackage());
    await says({ phase: 'Trusted' });
    await api.client.delete(pluginSigners, { namespace: '', name: 'maker' });
    await says(untrusted);
    expect((await status())?.signer).toBeUndefined();
    expect(catalog.versionsOf('disk')[0]?.from?.refusal?.reason).toBe('PluginUntrusted');
    await trust();
    await says({ phase: 'Trusted' });
    expect((await status())?.message).toBeUndefined();
  });

  it.each([
    { name: 'nobody who is trusted has signed', archive: () => aPackage(), wanted: untrusted },
    {
      name: 'are no packages',
      archive: async () => Buffer.from('x'),
      wanted: { phase: 'Invalid', message: expect.stringContaining('no whole .tar.gz') },
    },
  ])('that $name are told where nobody refused them, and not used', async ({ archive, wanted }) => {
    await upload(await archive());
    await says(wanted);
    expect(catalog.versionsOf('disk').filter(({ from }) => from?.refusal === undefined)).toEqual([]);
  });

  it('that are for another Stowage are told, and not used', async () => {
    await trust();
    await upload(await aPackage({ fields: { stowage: '<0.5.0' } }));
    await says({ phase: 'Unfit', message: expect.stringContaining('and this is 0.5.0') });
  });

  it('a key that is trusted says its fingerprint', async () => {
    await trust();
    await eventually(async () => {
      const signer = await api.client.get(pluginSigners, { namespace: '', name: 'maker' });
      expect(signer.status?.fingerprint).toBe(MAKER.publicKey.fingerprint);
    });
  });
});
