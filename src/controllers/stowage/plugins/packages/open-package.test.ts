import { gunzipSync, gzipSync } from 'node:zlib';
import { type packTar, unpackTar } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { aPackage, anArchive, MAKER, PACKAGE_CONTENT } from '#testing/builders/plugin-package.ts';
import { openPackage, sha256 } from './open-package.ts';
import { makeKeyPair, readPrivateKey, signBytes } from './signature.ts';

type Entries = [...Parameters<typeof packTar>[0]];
type Entry = Entries[number];

/** The entries of a good package, changed by hand. */
async function withEntries(change: (entries: readonly Entry[]) => readonly Entry[]): Promise<Buffer> {
  return anArchive(change(await unpackTar(gunzipSync(await aPackage()))));
}
const file = (name: string, text = 'x'): Entry => ({ header: { name, size: Buffer.byteLength(text), type: 'file' }, body: text });
const replaced = (path: string, text: (before: string) => string) =>
  withEntries((entries) =>
    entries.map((entry) =>
      entry.header.name === path && 'data' in entry ? file(path, text(Buffer.from(entry.data ?? []).toString())) : entry,
    ),
  );
const without = (path: string) => withEntries((entries) => entries.filter(({ header }) => header.name !== path));
const also = (entry: Entry) => withEntries((entries) => [...entries, entry]);
/** The manifest with these fields in place of its own, signed by whoever made the package. */
async function signed(fields: Readonly<Record<string, unknown>>): Promise<Buffer> {
  const good = await openPackage(await aPackage());
  const manifest = Buffer.from(JSON.stringify({ ...good.manifest, ...fields }));
  return withEntries((entries) =>
    entries.map((entry) => {
      if (entry.header.name === 'manifest.json') return file('manifest.json', manifest.toString());
      return entry.header.name === 'manifest.sig' ? file('manifest.sig', signBytes(manifest, MAKER)) : entry;
    }),
  );
}

describe('PLUG-4: a package', () => {
  it('is opened with all that it holds, and who signed it', async () => {
    const { manifest, signer, files } = await openPackage(await aPackage({ fields: { needs: ['snapshot'], namespace: 'disk-system' } }));
    expect(manifest).toMatchObject({ name: 'disk', version: '1.0.0', channel: 'stable', needs: ['snapshot'], namespace: 'disk-system' });
    expect(signer.fingerprint).toBe(MAKER.publicKey.fingerprint);
    expect([...files.keys()]).toEqual(Object.keys(PACKAGE_CONTENT).toSorted());
  });

  it('is the same bytes when it is made again', async () => {
    expect(sha256(await aPackage())).toBe(sha256(await aPackage()));
  });

  it('may have its folders as entries, as other archivers write them', async () => {
    const archive = await also({ header: { name: 'definitions/', size: 0, type: 'directory' } });
    expect((await openPackage(archive)).manifest.name).toBe('disk');
  });

  it.each<{ name: string; archive: () => Promise<Buffer>; reason: string; says: string }>([
    { name: 'no archive', archive: async () => Buffer.from('hello'), reason: 'PluginPackageInvalid', says: 'no whole .tar.gz' },
    { name: 'empty', archive: async () => Buffer.alloc(0), reason: 'PluginPackageInvalid', says: 'no whole .tar.gz' },
    {
      name: 'half: the compressed file is cut off',
      archive: async () => (await aPackage()).subarray(0, 400),
      reason: 'PluginPackageInvalid',
      says: 'no whole .tar.gz',
    },
    {
      name: 'half: the archive inside is cut off',
      archive: async () => gzipSync(gunzipSync(await aPackage()).subarray(0, 2_300)),
      reason: 'PluginPackageInvalid',
      says: 'no whole .tar.gz',
    },
    {
      name: 'with a header that does not fit its checksum',
      archive: async () => {
        const tar = gunzipSync(await aPackage());
        tar[0] = 0x21;
        return gzipSync(tar);
      },
      reason: 'PluginPackageInvalid',
      says: 'no whole .tar.gz',
    },
    {
      name: 'larger than one may be',
      archive: async () => Buffer.alloc(1_048_577),
      reason: 'PluginPackageInvalid',
      says: 'a package has at most 1048576',
    },
    {
      name: 'a small file that becomes huge',
      archive: async () => gzipSync(Buffer.alloc(9_000_000)),
      reason: 'PluginPackageInvalid',
      says: 'larger than 8388608 bytes when it is unpacked',
    },
    {
      name: 'of too many files',
      archive: async () => anArchive(Array.from({ length: 501 }, (_, index) => file(`objects/${index}.yaml`))),
      reason: 'PluginPackageInvalid',
      says: 'the archive has 501 entries',
    },
    { name: 'with a path upwards', archive: () => also(file('../evil.yaml')), reason: 'PluginPackageInvalid', says: '"../evil.yaml"' },
    {
      name: 'with a path upwards inside a folder',
      archive: () => also(file('objects/../../evil.yaml')),
      reason: 'PluginPackageInvalid',
      says: 'and nothing else',
    },
    {
      name: 'with an absolute path',
      archive: () => also(file('/etc/cron.d/x.yaml')),
      reason: 'PluginPackageInvalid',
      says: 'and nothing else',
    },
    { name: 'with a folder of its own', archive: () => also(file('bin/x.yaml')), reason: 'PluginPackageInvalid', says: 'and nothing else' },
    { name: 'with other code', archive: () => also(file('code/other.mjs')), reason: 'PluginPackageInvalid', says: 'code/plugin.mjs' },
    {
      name: 'with a symbolic link',
      archive: () => also({ header: { name: 'objects/a.yaml', size: 0, type: 'symlink', linkname: '/etc/passwd' } }),
      reason: 'PluginPackageInvalid',
      says: '"objects/a.yaml" is a symlink',
    },
    {
      name: 'with a hard link',
      archive: () => also({ header: { name: 'objects/a.yaml', size: 0, type: 'link', linkname: 'manifest.json' } }),
      reason: 'PluginPackageInvalid',
      says: '"objects/a.yaml" is a link',
    },
    { name: 'with a file twice', archive: () => also(file('roles/view.json')), reason: 'PluginPackageInvalid', says: 'stands twice' },
    {
      name: 'without a manifest',
      archive: () => without('manifest.json'),
      reason: 'PluginPackageInvalid',
      says: 'manifest.json is missing',
    },
    {
      name: 'whose manifest is no JSON',
      archive: () => replaced('manifest.json', () => '{'),
      reason: 'PluginPackageInvalid',
      says: "manifest.json can't be read as JSON",
    },
    {
      name: 'of another product',
      archive: () => signed({ format: 'registry+v1' }),
      reason: 'PluginPackageForeign',
      says: 'format: "registry+v1": this Stowage takes stowage.dev/plugin-package/v1',
    },
    {
      name: 'without a signature',
      archive: () => without('manifest.sig'),
      reason: 'PluginUntrusted',
      says: 'is not signed (manifest.sig is missing)',
    },
    {
      name: 'without a signer',
      archive: () => without('signer.pem'),
      reason: 'PluginUntrusted',
      says: 'is not signed (signer.pem is missing)',
    },
    {
      name: 'whose manifest was changed',
      archive: () => replaced('manifest.json', (text) => text.replace('1.0.0', '9.0.0')),
      reason: 'PluginPackageTampered',
      says: 'was changed after it was signed',
    },
    {
      name: 'with the key of another in it',
      archive: () => replaced('signer.pem', () => makeKeyPair().publicKey),
      reason: 'PluginPackageTampered',
      says: 'was changed after it was signed',
    },
    {
      name: 'signed with another kind of key',
      archive: () => replaced('signer.pem', () => 'no key'),
      reason: 'PluginSignerInvalid',
      says: 'is no key in PEM form',
    },
    {
      name: 'of which a file was changed',
      archive: () => replaced('roles/view.json', (text) => text.replace('get', 'delete')),
      reason: 'PluginPackageTampered',
      says: '"roles/view.json" is not what was signed',
    },
    {
      name: 'of which a file is missing',
      archive: () => without('roles/view.json'),
      reason: 'PluginPackageInvalid',
      says: '"roles/view.json" is missing, which the manifest lists',
    },
    {
      name: 'to which a file was added',
      archive: () => also(file('objects/evil.yaml')),
      reason: 'PluginPackageTampered',
      says: '"objects/evil.yaml" is not in the manifest, so nobody has signed it',
    },
    { name: 'of no name', archive: () => signed({ name: undefined }), reason: 'PluginPackageInvalid', says: 'name: is missing' },
    {
      name: 'of a wrong name',
      archive: () => signed({ name: 'A b' }),
      reason: 'PluginPackageInvalid',
      says: 'name: "A b": has to be small letters',
    },
    {
      name: 'of no version',
      archive: () => signed({ version: 'new' }),
      reason: 'PluginPackageInvalid',
      says: 'version: "new": has to be a semantic',
    },
    {
      name: 'of a version with build metadata',
      archive: () => signed({ version: '1.0.0+a' }),
      reason: 'PluginPackageInvalid',
      says: 'version: "1.0.0+a"',
    },
    {
      name: 'of a sloppy version',
      archive: () => signed({ version: 'v1.0.0' }),
      reason: 'PluginPackageInvalid',
      says: 'version: "v1.0.0"',
    },
    {
      name: 'for no Stowage',
      archive: () => signed({ stowage: 'any' }),
      reason: 'PluginPackageInvalid',
      says: 'stowage: "any": has to be the range',
    },
    { name: 'of a wrong channel', archive: () => signed({ channel: '' }), reason: 'PluginPackageInvalid', says: 'channel: ""' },
    {
      name: 'that needs what has no name',
      archive: () => signed({ needs: [1] }),
      reason: 'PluginPackageInvalid',
      says: 'needs: [1]: has to be a list',
    },
    { name: 'of a wrong namespace', archive: () => signed({ namespace: 'a.b' }), reason: 'PluginPackageInvalid', says: 'namespace: "a.b"' },
    {
      name: 'with a text in one language',
      archive: () => signed({ displayName: { en: 'x' } }),
      reason: 'PluginPackageInvalid',
      says: 'displayName: ',
    },
    {
      name: 'with a field that there is not',
      archive: () => signed({ hooks: [] }),
      reason: 'PluginPackageInvalid',
      says: 'hooks: there is no such field',
    },
    {
      name: 'with a digest that is none',
      archive: () => signed({ files: { a: 'b' } }),
      reason: 'PluginPackageInvalid',
      says: 'files: {"a":"b"}',
    },
  ])('is refused where it is $name', async ({ archive, reason, says }) => {
    const opening = openPackage(await archive());
    await expect(opening).rejects.toMatchObject({ reason });
    await expect(opening).rejects.toThrow(says);
  });

  it('is another one when anybody else signs it', async () => {
    const other = readPrivateKey(makeKeyPair().privateKey);
    const { signer } = await openPackage(await aPackage({ key: other }));
    expect(signer.fingerprint).toBe(other.publicKey.fingerprint);
  });
});
