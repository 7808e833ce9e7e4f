import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { definitionsOf } from '#api/definitions/brought-along.ts';
import { PACKAGES_GROUP } from '#api/definitions/plugin-packages.ts';
import { moduleInfoes, pluginPackages, pluginSigners } from '#api/generated/definitions.ts';
import { installing } from '#api/plugins/plugin-info.ts';
import { trusted } from '#kit/json.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aDefinition, establish } from '#testing/builders/definition.ts';
import { aPackage, MAKER, PACKAGE_CONTENT, type PackageOverrides } from '#testing/builders/plugin-package.ts';
import type { Plugin } from '../plugin.ts';
import { PluginCatalog } from '../plugin-catalog.ts';
import { packageAdmission } from './package-admission.ts';
import { makeKeyPair, readPrivateKey } from './signature.ts';

const TEXT = { en: 'x', zh: 'x' };
/** A plugin that Stowage brings itself. */
const TAPE: Plugin = {
  name: 'tape',
  module: 'tapes',
  version: '0.5.0',
  displayName: TEXT,
  description: TEXT,
  isInstalledAtFirst: false,
  dependencies: ['disk'],
  definitions: [aDefinition({ names: { plural: 'tapes', kind: 'Tape' } })],
  roles: [],
  objects: {},
  driverName: 'tape.example.com',
};
const SIZE = { type: 'object', properties: { size: { type: 'integer', default: 1 } } };
const CODE: PackageOverrides = { files: { ...PACKAGE_CONTENT, 'code/plugin.mjs': 'export default {}' } };
const STRANGER = readPrivateKey(makeKeyPair().privateKey);

let api: TestApi;
let catalog: PluginCatalog;
beforeEach(async () => {
  catalog = new PluginCatalog([TAPE], '0.5.0');
  api = await startTestApi({ admission: [packageAdmission(catalog)] });
  for (const definition of definitionsOf('cluster.alauda.io', PACKAGES_GROUP)) await establish(api.client, trusted(definition));
  await api.client.create(pluginSigners, { metadata: { name: 'maker' }, spec: { publicKey: MAKER.publicKey.pem } });
});
afterEach(async () => api.close());

async function upload(overrides: PackageOverrides = {}, name = 'disk-1.0.0', isDryRun = false): Promise<unknown> {
  const archive = await aPackage(overrides);
  return api.client.create(pluginPackages, { metadata: { name }, spec: { archive: archive.toString('base64') } }, { isDryRun });
}
async function install(version: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const { metadata } = await api.client.create(moduleInfoes, installing('disk'));
  const body = { status: { phase: 'Running', version, ...more } };
  await api.client.patch(
    moduleInfoes,
    { key: { namespace: '', name: metadata.name }, patch: { type: 'merge', body } },
    { subresource: 'status' },
  );
}
const withFile = (path: string, content: unknown): PackageOverrides => ({ files: { ...PACKAGE_CONTENT, [path]: content } });
const aKind = (name: string, spec: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name },
  spec: { ...aDefinition().spec, ...spec },
});

describe('PLUG-4: what is uploaded', () => {
  it('is stored where it is whole, trusted, fit and new', async () => {
    await upload();
    expect((await api.client.list(pluginPackages)).items).toHaveLength(1);
  });

  it('is only looked at where it is asked whether it would be taken', async () => {
    await upload({}, 'disk-1.0.0', true);
    await expect(upload({ key: STRANGER }, 'disk-1.0.0', true)).rejects.toThrow('which is not trusted');
    expect((await api.client.list(pluginPackages)).items).toEqual([]);
  });

  it.each<{ name: string; overrides?: PackageOverrides; object?: string; before?: () => Promise<unknown>; says: string }>([
    {
      name: 'by a stranger',
      overrides: { key: STRANGER },
      says: `is signed with the key ${STRANGER.publicKey.fingerprint}, which is not trusted`,
    },
    {
      name: 'by one who is not trusted any more',
      before: () => api.client.delete(pluginSigners, { namespace: '', name: 'maker' }),
      says: `is signed with the key ${MAKER.publicKey.fingerprint}, which is not trusted`,
    },
    { name: 'under another name', object: 'other', says: 'metadata.name: has to be disk-1.0.0' },
    { name: 'for another Stowage', overrides: { fields: { stowage: '>=1.0.0' } }, says: 'is for Stowage >=1.0.0, and this is 0.5.0' },
    {
      name: 'older than what Stowage brings',
      overrides: { fields: { name: 'tape', version: '0.4.0' }, files: {} },
      object: 'tape-0.4.0',
      says: 'this Stowage brings the plugin tape 0.5.0 itself: a package has to be newer than that, and this one is 0.4.0',
    },
    {
      name: 'the same as what Stowage brings',
      overrides: { fields: { name: 'tape', version: '0.5.0' }, files: {} },
      object: 'tape-0.5.0',
      says: 'a package has to be newer than that',
    },
    {
      name: 'older than what is installed',
      before: () => install('1.2.0'),
      says: 'the plugin disk is installed in version 1.2.0, and does not go back to 1.0.0',
    },
    {
      name: 'with a kind of another plugin',
      overrides: withFile('definitions/tapes.json', aKind('tapes.shop.example.com', { names: TAPE.definitions[0]?.spec.names })),
      says: 'the kind tapes.shop.example.com comes with another plugin, or with Stowage itself',
    },
    {
      name: 'with a kind of Stowage itself',
      overrides: withFile(
        'definitions/signers.json',
        aKind('pluginsigners.plugins.stowage.dev', { group: PACKAGES_GROUP, names: { plural: 'pluginsigners', kind: 'PluginSigner' } }),
      ),
      says: 'the kind pluginsigners.plugins.stowage.dev comes with another plugin, or with Stowage itself',
    },
    {
      name: 'with a kind under another name',
      overrides: withFile('definitions/tapes.json', aKind('tapes.shop.example.com')),
      says: 'the definition tapes.shop.example.com: has to be named disks.shop.example.com',
    },
    {
      name: 'with a role of others',
      overrides: withFile('roles/admin.json', {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'cluster-admin' },
      }),
      says: 'the role cluster-admin: roles of a package begin with stowage:disk:',
    },
    {
      name: 'that needs itself by another',
      overrides: { fields: { needs: ['tape'] } },
      says: 'plugins need each other in a circle: disk, tape, disk',
    },
    {
      name: 'that is no definition',
      overrides: withFile('definitions/x.json', { kind: 'Pod' }),
      says: 'definitions/x.json: has to be a CustomResourceDefinition',
    },
    {
      name: 'with half a definition',
      overrides: withFile('definitions/x.json', { ...aKind('x.y'), spec: {} }),
      says: 'definitions/x.json: spec: a definition has group, names, scope and versions',
    },
    {
      name: 'with an object that is too large',
      overrides: withFile(
        'objects/x.yaml',
        `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: y}\ndata: {a: ${'x'.repeat(524_288)}}\n`,
      ),
      says: 'objects/x.yaml: has 524365 bytes: an object has at most 524288',
    },
    {
      name: 'by a stranger, whatever else is in it',
      overrides: { ...withFile('roles/x.yaml', 'a: [1'), key: STRANGER },
      says: 'which is not trusted',
    },
    { name: 'that is no YAML', overrides: withFile('roles/x.yaml', 'a: [1'), says: 'roles/x.yaml: ' },
    { name: 'with a key twice', overrides: withFile('roles/x.yaml', 'kind: A\nkind: B\n'), says: 'roles/x.yaml: a key stands twice: kind' },
    { name: 'that is no object', overrides: withFile('roles/x.yaml', '- a\n'), says: 'roles/x.yaml: has to be one object' },
    {
      name: 'with an object of a kind that nobody knows',
      overrides: withFile('objects/x.yaml', 'apiVersion: a.b/v1\nkind: C\nmetadata: {name: x}\n'),
      says: 'objects/x.yaml: "C" of "a.b/v1": objects are of Kubernetes\' own kinds, or of those in definitions/',
    },
    {
      name: 'that would say whom to trust',
      overrides: withFile('objects/x.yaml', `apiVersion: ${PACKAGES_GROUP}/v1alpha1\nkind: PluginSigner\nmetadata: {name: x}\n`),
      says: "objects are of Kubernetes' own kinds",
    },
    {
      name: 'with an object without a name',
      overrides: withFile('objects/x.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: x}\n'),
      says: 'objects/x.yaml: metadata.name is missing',
    },
    {
      name: 'with an object without a namespace',
      overrides: withFile('objects/x.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n'),
      says: 'objects/x.yaml: metadata.namespace: is missing',
    },
    {
      name: 'with an object that can not be deleted',
      overrides: withFile('objects/x.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: y, finalizers: [a/b]}\n'),
      says: 'objects/x.yaml: metadata.finalizers: leave it out',
    },
    {
      name: 'with a namespace among its objects',
      overrides: withFile('objects/x.yaml', 'apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n'),
      says: 'objects/x.yaml: a Namespace is none of its objects: name it in plugin.yaml, as namespace, and it is made and stays',
    },
    {
      name: 'with a role among its objects',
      overrides: withFile('objects/x.yaml', 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: x}\n'),
      says: 'objects/x.yaml: a ClusterRole stands in roles/',
    },
    {
      name: 'with a driver and nothing that starts it',
      overrides: { fields: { driver: 'disk.example.com' } },
      says: 'driver: disk.example.com is started by code/plugin.mjs, which is missing',
    },
    {
      name: 'with the driver of another plugin',
      overrides: { ...CODE, fields: { driver: 'tape.example.com' } },
      says: 'driver: tape.example.com: comes with the plugin tape',
    },
    {
      name: 'with a driver for a plugin of Stowage',
      overrides: { fields: { name: 'tape', version: '0.6.0', driver: 'other.example.com' }, files: {} },
      object: 'tape-0.6.0',
      says: 'driver: the plugin tape is one of Stowage itself, and has its own: leave the field out',
    },
    {
      name: 'with settings for a plugin of Stowage',
      overrides: { fields: { name: 'tape', version: '0.6.0', settings: SIZE }, files: {} },
      object: 'tape-0.6.0',
      says: 'settings: the plugin tape is one of Stowage itself',
    },
    {
      name: 'with settings of no type',
      overrides: { fields: { settings: { properties: {} } } },
      says: 'settings: has to be {type: object',
    },
  ])('is refused $name, and leaves nothing', async ({ overrides, object, before, says }) => {
    await before?.();
    await expect(upload(overrides, object)).rejects.toThrow(says);
    expect((await api.client.list(pluginPackages)).items).toEqual([]);
    expect(catalog.names).toEqual(['tape']);
  });

  it('is not changed afterwards', async () => {
    await upload();
    const body = { spec: { archive: (await aPackage({ fields: { version: '2.0.0' } })).toString('base64') } };
    const patching = api.client.patch(pluginPackages, { key: { namespace: '', name: 'disk-1.0.0' }, patch: { type: 'merge', body } });
    await expect(patching).rejects.toThrow('packages and keys are not changed: delete it and make another');
  });

  it.each([
    { name: 'is installed', status: ['1.0.0', {}] as const },
    { name: 'is on its way', status: ['0.9.0', { targetVersion: '1.0.0' }] as const },
  ])('is not removed while it $name', async ({ status: [version, more] }) => {
    await upload();
    catalog.put('disk-1.0.0', { ...TAPE, name: 'disk', version: '1.0.0' });
    await install(version, more);
    const removing = api.client.delete(pluginPackages, { namespace: '', name: 'disk-1.0.0' });
    await expect(removing).rejects.toThrow(
      'the plugin disk is installed in version 1.0.0, which is this package: uninstall or upgrade the plugin first',
    );
  });

  it('brings the driver of the version before it, and no other, as volumes are known by it', async () => {
    const settings = { ...SIZE };
    catalog.put('disk-1.0.0', { ...TAPE, name: 'disk', version: '1.0.0', driverName: 'disk.example.com', definitions: [] });
    const next = (fields: object): Promise<unknown> => upload({ ...CODE, fields: { version: '1.1.0', settings, ...fields } }, 'disk-1.1.0');
    await expect(next({ driver: 'other.example.com' })).rejects.toThrow('other versions of disk bring disk.example.com');
    await expect(next({})).rejects.toThrow('driver: is missing: other versions of disk bring disk.example.com');
    await next({ driver: 'disk.example.com' });
  });

  it('a newer package of a plugin of Stowage may bring the kinds of that plugin', async () => {
    const names = TAPE.definitions[0]?.spec.names;
    await upload(
      { fields: { name: 'tape', version: '0.6.0' }, files: { 'definitions/tapes.json': aKind('tapes.shop.example.com', { names }) } },
      'tape-0.6.0',
    );
  });
});

describe('PLUG-4: a key that is trusted', () => {
  it.each([
    { name: 'no key', publicKey: 'x', says: 'the public key is no key in PEM form' },
    { name: 'a private key', publicKey: makeKeyPair().privateKey, says: 'this is a private key' },
  ])('is not $name', async ({ publicKey, says }) => {
    await expect(api.client.create(pluginSigners, { metadata: { name: 'x' }, spec: { publicKey } })).rejects.toThrow(says);
  });

  it('is not changed afterwards', async () => {
    const body = { spec: { publicKey: STRANGER.publicKey.pem } };
    const patching = api.client.patch(pluginSigners, { key: { namespace: '', name: 'maker' }, patch: { type: 'merge', body } });
    await expect(patching).rejects.toThrow('packages and keys are not changed');
  });
});
