import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAKER } from '#testing/builders/plugin-package.ts';
import { buildPackage } from './build-package.ts';
import { openPackage } from './open-package.ts';

const FIELDS = { name: 'disk', version: '1.0.0', stowage: '*' };
const build = (files: Readonly<Record<string, string>>, fields: object = FIELDS) =>
  buildPackage({ fields: { ...fields }, files: new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])) }, MAKER);

describe('PLUG-4: a package that is made', () => {
  it('has what it was made of, and what its maker left out', async () => {
    const { archive, manifest } = await build({ 'objects/b.yaml': 'b', 'objects/a.yaml': 'a' });
    const opened = await openPackage(archive);
    expect(opened.manifest).toEqual(manifest);
    expect(manifest).toMatchObject({ channel: 'stable', needs: [], displayName: { en: 'disk', zh: 'disk' } });
    expect([...opened.files].map(([path, bytes]) => [path, Buffer.from(bytes).toString()])).toEqual([
      ['objects/a.yaml', 'a'],
      ['objects/b.yaml', 'b'],
    ]);
  });

  it.each([
    {
      name: 'a file that has no place in it',
      files: { 'objects/README.md': 'x' },
      fields: FIELDS,
      says: '"objects/README.md": a package has files NAME.yaml',
    },
    { name: 'no version', files: {}, fields: { name: 'disk', stowage: '*' }, says: 'version: is missing' },
    { name: 'a field that there is not', files: {}, fields: { ...FIELDS, licence: 'x' }, says: 'licence: there is no such field' },
    {
      name: 'more than is taken',
      files: { 'code/plugin.mjs': randomBytes(1_100_000).toString('base64') },
      fields: FIELDS,
      says: 'at most 1048576 are taken; code is bundled and minified before it is packed',
    },
  ])('is refused with $name', async ({ files, fields, says }) => {
    await expect(build({ ...files }, fields)).rejects.toThrow(says);
  });
});
