import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { definitionsOf } from '#api/definitions/brought-along.ts';
import { moduleConfigs, moduleInfoes, modulePlugins } from '#api/generated/definitions.ts';
import { tell, type ToldExplanation } from '#api/explanation.ts';
import { installing } from '#api/plugins/plugin-info.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { establish } from '#testing/builders/definition.ts';
import type { KindExplainer } from '../explain/explained-kind.ts';
import { configExplainer, entryExplainer, infoExplainer } from './explain-plugin.ts';

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi();
  for (const definition of definitionsOf('cluster.alauda.io')) await establish(api.client, definition);
  const plugin = { spec: { version: '1.0.0', dependencies: ['snapshot'] } };
  await api.client.create(modulePlugins, { metadata: { name: 'volsync' }, ...plugin });
  await entryStatus({
    phase: 'Ready',
    versions: [{ version: '1.0.0', channel: 'stable', isTrusted: false }],
    preflight: { lacks: ['no lvm'] },
  });
});
afterEach(async () => api.close());

const entryStatus = (status: object): Promise<unknown> =>
  api.client.patch(
    modulePlugins,
    { key: { namespace: '', name: 'volsync' }, patch: { type: 'merge', body: { status } } },
    { subresource: 'status' },
  );

async function explain({ explain: ask }: KindExplainer, name: string): Promise<ToldExplanation> {
  const see = () => Promise.reject(new TypeError('of the cluster nothing is asked'));
  return tell(await ask({ namespace: '', name }, { client: api.client, see }), 'en');
}

describe('PLUG-1: what can be installed', () => {
  it('says what has to come before it, and what the nodes lack', async () => {
    expect(await explain(entryExplainer, 'volsync')).toMatchObject({
      state: 'fine',
      summary: 'moduleplugin volsync: the plugin volsync 1.0.0 can be installed, and is not',
      findings: [
        { subject: 'plugin snapshot', text: 'is needed, and not installed' },
        { subject: 'versions that there are', text: '1.0.0 (stable, not trusted)' },
        { subject: 'nodes lack', text: 'no lvm' },
      ],
      remedies: [
        'stowage plugin install snapshot; it follows by itself',
        expect.stringContaining('do on the nodes what is said'),
        'stowage plugin install volsync',
      ],
    });
  });

  it.each([
    { status: { phase: 'Absent' }, says: 'this Stowage has no plugin volsync', helps: [] },
    {
      status: { phase: 'Failed', reason: 'PluginUntrusted', message: 'no trust' },
      says: 'no version of the plugin volsync may be installed: no trust',
      helps: [expect.stringContaining('trust add')],
    },
    {
      status: { phase: 'Failed', reason: 'PluginPackageUnfit', message: 'for another' },
      says: 'no version of the plugin volsync may be installed: for another',
      helps: ['upload the package for this version of Stowage'],
    },
  ])('may be nothing that can come: $says', async ({ status, says, helps }) => {
    await entryStatus(status);
    expect(await explain(entryExplainer, 'volsync')).toMatchObject({
      state: 'blocked',
      summary: `moduleplugin volsync: ${says}`,
      remedies: helps,
    });
  });

  it('is told by what its ModuleInfo says where it has one', async () => {
    await api.client.create(moduleInfoes, installing('volsync'));
    const told = await explain(entryExplainer, 'volsync');
    expect(told).toMatchObject({ state: 'busy', summary: 'moduleplugin volsync: nobody has looked at it since it was changed' });
    expect(told.findings[0]).toMatchObject({ subject: 'installed by', text: 'ModuleInfo stowage-volsync' });
    expect((await explain(infoExplainer, 'stowage-volsync')).summary).toBe(
      'moduleinfo stowage-volsync: nobody has looked at it since it was changed',
    );
  });

  it('may not be there: then the ones that are', async () => {
    expect(await explain(entryExplainer, 'volsnyc')).toMatchObject({
      state: 'blocked',
      code: 'notThere',
      findings: [{ text: 'does not exist (there are: volsync)' }],
    });
    expect(await explain(infoExplainer, 'x')).toMatchObject({ code: 'notThere', findings: [{ text: 'does not exist (there are: none)' }] });
  });

  it('has settings of each version, which say where they are changed', async () => {
    const spec = { moduleName: 'volsync', version: '1.0.0', config: { size: 3 } };
    await api.client.create(moduleConfigs, { metadata: { name: 'volsync-1.0.0' }, spec });
    expect(await explain(configExplainer, 'volsync-1.0.0')).toMatchObject({
      summary: 'moduleconfig volsync-1.0.0: the settings that volsync 1.0.0 begins with; this version is not installed',
      findings: [{ subject: 'setting size', text: '3' }],
    });
    await api.client.create(moduleInfoes, installing('volsync'));
    const key = { namespace: '', name: 'stowage-volsync' };
    const patch = { type: 'merge', body: { status: { phase: 'Running', version: '1.0.0' } } } as const;
    await api.client.patch(moduleInfoes, { key, patch }, { subresource: 'status' });
    expect((await explain(configExplainer, 'volsync-1.0.0')).summary).toContain('what is set of it is in ModuleInfo stowage-volsync');
  });
});
