import { afterEach, beforeEach, expect, it } from 'vitest';
import { definitionsOf } from '#api/definitions/brought-along.ts';
import { PACKAGES_GROUP } from '#api/definitions/plugin-packages.ts';
import { pluginPackages, pluginSigners } from '#api/generated/definitions.ts';
import { PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';
import { silentLogger } from '#kit/log.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aPackage, MAKER } from '#testing/builders/plugin-package.ts';
import { ensureDefinitions } from './ensure-definitions.ts';
import { takePackages } from './take-packages.ts';

let api: TestApi;
let plugins: PluginCatalog;
beforeEach(async () => {
  api = await startTestApi();
  plugins = new PluginCatalog([], '0.5.0');
});
afterEach(async () => api.close());

const take = () => takePackages(api.client, { plugins, log: silentLogger });
async function store(name: string, archive: Buffer): Promise<void> {
  await api.client.create(pluginPackages, { metadata: { name }, spec: { archive: archive.toString('base64') } });
}

it('PLUG-4: a first start, which has no such kind, takes none', async () => {
  await take();
  expect(plugins.names).toEqual([]);
});

it('PLUG-4: a start takes every package that can be read, and says of each whether it is trusted', async () => {
  await ensureDefinitions(api.client, { definitions: definitionsOf(PACKAGES_GROUP), clock: api.clock });
  await store('disk-1.0.0', await aPackage());
  await store('broken-1.0.0', Buffer.from('x'));
  await take();
  expect(plugins.names).toEqual(['disk']);
  expect(plugins.versionsOf('disk')[0]?.from).toMatchObject({ signer: undefined, refusal: { reason: 'PluginUntrusted' } });
  await api.client.create(pluginSigners, { metadata: { name: 'maker' }, spec: { publicKey: MAKER.publicKey.pem } });
  await take();
  expect(plugins.versionsOf('disk')[0]?.from).toMatchObject({ signer: 'maker' });
  expect(plugins.versionsOf('disk')[0]?.from?.refusal).toBeUndefined();
});
