import { describe, expect, it } from 'vitest';
import { planPlugin, type PluginState } from './plan.ts';

/** One that can be installed and is not. */
const STATE: PluginState = {
  name: 'volsync',
  cluster: 'stowage',
  ownCluster: 'stowage',
  known: ['snapshot', 'volsync'],
  rival: undefined,
  isDeleting: false,
  isAtWork: false,
  wantedVersion: undefined,
  version: '1.2.0',
  settings: [],
  dependencies: [{ name: 'snapshot', state: 'running' }],
  lacks: [],
  uses: [],
};

const needs = (state: PluginState['dependencies'][number]['state']): Partial<PluginState> => ({
  dependencies: [{ name: 'snapshot', state }],
});

describe('PLUG-1, PLUG-2: what becomes of a plugin', () => {
  it.each<{ name: string; state: Partial<PluginState>; kind: string }>([
    { name: 'comes when what it needs is there', state: {}, kind: 'install' },
    { name: 'comes in the version that there is', state: { wantedVersion: '1.2.0' }, kind: 'install' },
    { name: 'waits for what it needs', state: needs('coming'), kind: 'wait' },
    { name: 'stays', state: { isAtWork: true }, kind: 'keep' },
    { name: 'stays where what it needs is gone', state: { isAtWork: true, ...needs('missing') }, kind: 'keep' },
    { name: 'stays where the machine lacks something by now', state: { isAtWork: true, lacks: ['no lvm'] }, kind: 'keep' },
    { name: 'goes', state: { isAtWork: true, isDeleting: true }, kind: 'remove' },
    { name: 'goes on to go when nothing of it is at work', state: { isDeleting: true }, kind: 'remove' },
    { name: 'goes whatever version it asks for', state: { isDeleting: true, wantedVersion: '9', settings: ['a'] }, kind: 'remove' },
    { name: 'does not go while it is used', state: { isAtWork: true, isDeleting: true, uses: ['1 tapes (a)'] }, kind: 'hold' },
    { name: 'of no name here goes without more ado', state: { isDeleting: true, name: 'tape', uses: ['x'] }, kind: 'release' },
    { name: 'of another cluster goes without more ado', state: { isDeleting: true, cluster: 'other' }, kind: 'release' },
    { name: 'that is there twice: the younger goes without more ado', state: { isDeleting: true, rival: 'first' }, kind: 'release' },
  ])('it $name', ({ state, kind }) => {
    expect(planPlugin({ ...STATE, ...state }).kind).toBe(kind);
  });

  it.each<{ name: string; state: Partial<PluginState>; reason: string; says: string }>([
    {
      name: 'a name that there is not',
      state: { name: 'tape' },
      reason: 'PluginUnknown',
      says: 'label cpaas.io/module-name: there is no plugin "tape": there are snapshot and volsync',
    },
    {
      name: 'another cluster',
      state: { cluster: 'other' },
      reason: 'PluginUnknown',
      says: 'label cpaas.io/cluster-name: "other" is another cluster: the name of this one is stowage',
    },
    {
      name: 'a second object for one plugin, of another version',
      state: { rival: 'first', wantedVersion: '9' },
      reason: 'PluginDuplicate',
      says: 'ModuleInfo first installs the plugin "volsync" already, and a plugin is there once: delete one of the two',
    },
    {
      name: 'a version that there is not',
      state: { wantedVersion: '1.1.0' },
      reason: 'PluginVersionUnknown',
      says: 'spec.version: there is no version "1.1.0" of the plugin "volsync": this Stowage has 1.2.0; leave the field out to have what there is',
    },
    {
      name: 'such a version of what is at work',
      state: { wantedVersion: '1.1.0', isAtWork: true },
      reason: 'PluginVersionUnknown',
      says: 'spec.version: there is no version "1.1.0" of the plugin "volsync": this Stowage has 1.2.0; leave the field out to have what there is',
    },
    {
      name: 'a setting',
      state: { settings: ['size'] },
      reason: 'PluginConfigInvalid',
      says: 'spec.config.size: the plugin "volsync" has no settings: remove the field',
    },
    {
      name: 'without what it needs',
      state: needs('missing'),
      reason: 'PluginDependencyMissing',
      says: 'plugin "volsync" needs snapshot, not installed: install it first',
    },
    {
      name: 'while what it needs goes',
      state: needs('leaving'),
      reason: 'PluginDependencyMissing',
      says: 'plugin "volsync" needs snapshot, which is being uninstalled: install it again first',
    },
    {
      name: 'on a machine that lacks something',
      state: { lacks: ['lvm2 is missing: apt-get install lvm2', 'no free disk: add one'] },
      reason: 'PluginPreflightFailed',
      says: 'lvm2 is missing: apt-get install lvm2; no free disk: add one',
    },
  ])('it is refused with $name', ({ state, reason, says }) => {
    expect(planPlugin({ ...STATE, ...state })).toEqual({ kind: 'refuse', reason, message: says });
  });

  it('says what uses it', () => {
    const plan = planPlugin({ ...STATE, isDeleting: true, uses: ['2 tapes (a, b)', 'plugin "robot", which needs it'] });
    expect(plan).toEqual({
      kind: 'hold',
      message: 'plugin "volsync" is in use by 2 tapes (a, b); plugin "robot", which needs it: remove what uses it first',
    });
  });
});
