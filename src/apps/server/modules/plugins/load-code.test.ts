import { describe, expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import type { PackageOrigin } from '#controllers/stowage/plugins/plugin.ts';
import type { ModuleDeps } from '../module.ts';
import { loadTrusted } from './load-code.ts';

const origin = (source: string, more: Partial<PackageOrigin> = {}): PackageOrigin => ({
  packageName: 'tape-1.0.0',
  digest: 'x',
  fingerprint: 'SHA256:x',
  signer: 'maker',
  code: { digest: 'x', source },
  ...more,
});
const GOOD = `export default { load: ({ part, done, after, trigger }) => ({
  controllers: () => ({ always: [part('stowage-tape', { name: [typeof done, typeof after, typeof trigger].join() })] }),
}) };`;

describe('PLUG-4: code of a package', () => {
  it('is given what controllers are made of, and answers them', async () => {
    const { controllers } = await loadTrusted(origin(GOOD));
    const set = controllers?.(trusted<ModuleDeps>({}));
    expect(set?.always.map(({ component, controller }) => [component, controller.name])).toEqual([
      ['stowage-tape', 'object,function,function'],
    ]);
  });

  it('is not run where its package is not trusted', async () => {
    const refusal = { reason: 'PluginUntrusted', message: 'the key is not trusted' } as const;
    const source = `globalThis.ranUntrusted = true; ${GOOD}`;
    await expect(loadTrusted(origin(source, { signer: undefined, refusal }))).rejects.toMatchObject(refusal);
    expect('ranUntrusted' in globalThis).toBe(false);
  });

  it.each([
    { name: 'can not be read', source: 'export default {', says: "code/plugin.mjs of the package tape-1.0.0: can't be loaded" },
    { name: 'throws', source: "throw new Error('no')", says: "can't be loaded: no" },
    { name: 'imports a file', source: "import './other.mjs'", says: 'it is one file without imports but those of Node' },
    { name: 'imports a part of Stowage', source: "import '#kit/json.ts'", says: 'it is one file without imports but those of Node' },
    { name: 'exports nothing', source: '', says: 'has to export `default { load }`' },
    { name: 'exports something else', source: 'export default 5', says: 'has to export `default { load }`' },
    { name: 'answers nothing', source: 'export default { load() {} }', says: 'load has to answer an object' },
    {
      name: 'brings rules',
      source: 'export default { load: () => ({ admission: () => [] }) }',
      says: 'admission: code of a package brings controllers, preflight, driver',
    },
    {
      name: 'has a driver that can not be started',
      source: 'export default { load: () => ({ driver: {} }) }',
      says: 'driver has to be an object with start',
    },
    {
      name: 'has a preflight that is none',
      source: 'export default { load: () => ({ preflight: [] }) }',
      says: 'preflight has to be a function',
    },
    {
      name: 'has controllers that are none',
      source: 'export default { load: () => ({ controllers: 5 }) }',
      says: 'controllers has to be a function',
    },
  ])('is refused where it $name', async ({ source, says }) => {
    const loading = loadTrusted(origin(source));
    await expect(loading).rejects.toMatchObject({ reason: 'PluginPackageInvalid' });
    await expect(loading).rejects.toThrow(says);
  });
});
