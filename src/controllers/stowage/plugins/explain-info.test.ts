import { describe, expect, it } from 'vitest';
import type { ModuleInfo, ModulePlugin } from '#api/generated/definitions.ts';
import { tell } from '#api/explanation.ts';
import { PLUGIN_LABELS } from '#api/plugins/plugin-info.ts';
import { explainInfo } from './explain-info.ts';

const META = { uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

const anInfo = (plugin: string, rest: Omit<Partial<ModuleInfo>, 'metadata'> & { readonly deletionTimestamp?: string } = {}): ModuleInfo => {
  const { deletionTimestamp, ...more } = rest;
  const labels = { [PLUGIN_LABELS.module]: plugin };
  return {
    apiVersion: 'cluster.alauda.io/v1alpha1',
    kind: 'ModuleInfo',
    metadata: {
      ...META,
      name: `stowage-${plugin}`,
      generation: 2,
      labels,
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    ...more,
  };
};
const anEntry = (name: string, dependencies: readonly string[]): ModulePlugin => ({
  apiVersion: 'cluster.alauda.io/v1alpha1',
  kind: 'ModulePlugin',
  metadata: { ...META, name },
  spec: { dependencies },
});
const ENTRIES = [anEntry('snapshot', []), anEntry('volsync', ['snapshot'])];
const RUNS = { observedGeneration: 2, phase: 'Running', version: '1.0.0' };
const failed = (reason: string, message = 'as is said', version?: string) => ({
  observedGeneration: 2,
  phase: 'Failed',
  reason,
  message,
  ...(version === undefined ? {} : { version }),
});

const explain = (info: ModuleInfo, others: readonly ModuleInfo[] = []) =>
  explainInfo('moduleinfo x', info, { infos: [info, ...others], entries: ENTRIES });

describe('PLUG-1, PLUG-2: why a plugin is as it is', () => {
  it.each([
    { name: 'at work', status: RUNS, state: 'fine', says: 'moduleinfo x: the plugin volsync 1.0.0 is at work', helps: [] },
    {
      name: 'waiting for a yes',
      status: { ...RUNS, availableVersion: '1.1.0' },
      state: 'fine',
      says: 'moduleinfo x: the plugin volsync 1.0.0 is at work, and version 1.1.0 waits for a yes',
      helps: ['stowage plugin approve volsync; what it changes says stowage plugin upgrade volsync --dry-run'],
    },
    {
      name: 'made just now',
      status: undefined,
      state: 'busy',
      says: 'moduleinfo x: nobody has looked at it since it was changed',
      helps: [],
    },
    {
      name: 'changed just now',
      status: { ...RUNS, observedGeneration: 1 },
      state: 'busy',
      says: 'moduleinfo x: nobody has looked at it since it was changed',
      helps: [],
    },
    {
      name: 'coming, without what it needs',
      status: { observedGeneration: 2, phase: 'Installing' },
      state: 'busy',
      says: 'moduleinfo x: the plugin volsync is being installed',
      helps: ['stowage plugin install snapshot; it follows by itself'],
    },
    {
      name: 'half upgraded',
      status: { observedGeneration: 2, phase: 'Upgrading', version: '1.0.0', targetVersion: '1.1.0' },
      state: 'busy',
      says: 'moduleinfo x: the plugin volsync is being upgraded to 1.1.0',
      helps: ['stowage plugin install snapshot; it follows by itself'],
    },
    {
      name: 'going',
      status: { observedGeneration: 2, phase: 'Uninstalling' },
      state: 'busy',
      says: 'moduleinfo x: the plugin volsync is being uninstalled',
      helps: [],
    },
    {
      name: 'held by what uses it',
      status: { ...failed('PluginInUse', 'in use by 2 tapes (a, b)', '1.0.0'), phase: 'Uninstalling' },
      state: 'blocked',
      says: 'moduleinfo x: the plugin volsync is to be uninstalled, and is at work until nothing uses it any more',
      helps: ['remove what is listed as using it; it follows by itself'],
    },
    {
      name: 'without what it needs',
      status: failed('PluginDependencyMissing'),
      state: 'blocked',
      says: 'moduleinfo x: the plugin volsync can not come: as is said',
      helps: ['stowage plugin install snapshot; it follows by itself'],
    },
    {
      name: 'of a version that there is not',
      status: failed('PluginVersionUnknown', 'spec.version: there is no version 9', '1.0.0'),
      state: 'blocked',
      says: 'moduleinfo x: the plugin volsync is at work in version 1.0.0, and not as its ModuleInfo says: spec.version: there is no version 9',
      helps: ['ask for a version that there is, or leave spec.version and spec.channel out; stowage plugin packages shows all'],
    },
  ])('one that is $name', ({ status, state, says, helps }) => {
    const told = tell(explain(anInfo('volsync', { status })), 'en');
    expect({ state: told.state, says: told.summary, helps: told.remedies }).toEqual({ state, says, helps });
  });

  it.each([
    { reason: 'PluginUnknown', helps: 'correct the label' },
    { reason: 'PluginDuplicate', helps: 'delete one of the two' },
    { reason: 'PluginChannelUnknown', helps: 'ask for a version that there is' },
    { reason: 'PluginDowngrade', helps: 'ask for a version that there is' },
    { reason: 'PluginConfigInvalid', helps: 'stowage plugin show volsync lists the settings' },
    { reason: 'PluginPreflightFailed', helps: 'do on the nodes what is said' },
    { reason: 'PluginInUse', helps: 'remove what is listed' },
    { reason: 'PluginUntrusted', helps: 'stowage plugin trust add' },
    { reason: 'PluginPackageUnfit', helps: 'upload the package for this version' },
    { reason: 'PluginStepFailed', helps: 'it is tried again by itself' },
    { reason: 'SomethingNewer', helps: 'it is tried again by itself' },
  ])('$reason has its remedy', ({ reason, helps }) => {
    const { remedies } = tell(explain(anInfo('volsync', { status: failed(reason) })), 'en');
    expect(remedies).toEqual([expect.stringContaining(helps)]);
  });

  it('lists what it needs, what needs it, what it follows and what is set', () => {
    const leaving = anInfo('snapshot', { status: RUNS, deletionTimestamp: '2026-01-02T00:00:00Z' });
    const info = anInfo('volsync', { status: RUNS, spec: { channel: 'beta', installPlanApproval: 'Manual', config: { size: 3 } } });
    const findings = (language: 'en' | 'zh') =>
      tell(explain(info, [leaving]), language).findings.map(({ subject, text }) => `${subject}: ${text}`);
    expect(findings('en')).toEqual(['follows: beta, Manual', 'plugin snapshot: is needed, and being uninstalled', 'setting size: 3']);
    expect(findings('zh')[1]).toBe('plugin snapshot: 被依赖，正在卸载');
    const pinned = anInfo('snapshot', { status: { ...RUNS, targetVersion: '1.1.0' }, spec: { version: '1.1.0' } });
    expect(tell(explain(pinned, [info]), 'en').findings.map(({ text }) => text)).toEqual([
      'of 1.0.0 or of 1.1.0: what is there may be of either',
      '1.1.0 and no other',
      'needs it',
    ]);
  });
});
