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
  running: undefined,
  installed: undefined,
  target: undefined,
  choice: { kind: 'version', version: '1.2.0' },
  wantedPlace: undefined,
  place: undefined,
  losses: [],
  configFaults: [],
  dependencies: [{ name: 'snapshot', state: 'running' }],
  lacks: [],
  uses: [],
};

const RUNS = { running: '1.2.0', installed: '1.2.0' } as const;
const OLDER = { running: '1.1.0', installed: '1.1.0' } as const;
const NONE = { kind: 'none', reason: 'PluginUntrusted', message: 'the key SHA256:x is not trusted' } as const;

const needs = (state: PluginState['dependencies'][number]['state']): Partial<PluginState> => ({
  dependencies: [{ name: 'snapshot', state }],
});

describe('PLUG-1, PLUG-2: what becomes of a plugin', () => {
  it.each<{ name: string; state: Partial<PluginState>; kind: string }>([
    { name: 'comes when what it needs is there', state: {}, kind: 'install' },
    { name: 'comes again where nothing of it is at work', state: { installed: '1.2.0' }, kind: 'install' },
    { name: 'is upgraded', state: OLDER, kind: 'upgrade' },
    { name: 'goes on being upgraded', state: { installed: '1.1.0', target: '1.2.0' }, kind: 'upgrade' },
    { name: 'goes back where another version was on its way', state: { ...RUNS, target: '1.3.0' }, kind: 'upgrade' },
    { name: 'is upgraded where a newer Stowage has it at work already', state: { ...RUNS, installed: '1.1.0' }, kind: 'upgrade' },
    {
      name: 'is upgraded so also where what it needs is gone',
      state: { ...RUNS, installed: '1.1.0', ...needs('missing') },
      kind: 'upgrade',
    },
    { name: 'stays where nobody has noted yet that it came', state: { running: '1.2.0' }, kind: 'keep' },
    { name: 'waits for what it needs', state: needs('coming'), kind: 'wait' },
    { name: 'stays', state: { ...RUNS }, kind: 'keep' },
    { name: 'stays where what it needs is gone', state: { ...RUNS, ...needs('missing') }, kind: 'keep' },
    { name: 'stays where the machine lacks something by now', state: { ...RUNS, lacks: ['no lvm'] }, kind: 'keep' },
    { name: 'goes', state: { ...RUNS, isDeleting: true }, kind: 'remove' },
    { name: 'goes on to go when nothing of it is at work', state: { isDeleting: true }, kind: 'remove' },
    { name: 'goes whatever version it asks for', state: { isDeleting: true, choice: NONE, configFaults: ['a'] }, kind: 'remove' },
    { name: 'does not go while it is used', state: { ...RUNS, isDeleting: true, uses: ['1 tapes (a)'] }, kind: 'hold' },
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
      state: { rival: 'first', choice: NONE },
      reason: 'PluginDuplicate',
      says: 'ModuleInfo first installs the plugin "volsync" already, and a plugin is there once: delete one of the two',
    },
    { name: 'a version that nobody trusts', state: { choice: NONE }, reason: 'PluginUntrusted', says: NONE.message },
    {
      name: 'such a version of what is at work',
      state: { choice: NONE, ...RUNS },
      reason: 'PluginUntrusted',
      says: 'the key SHA256:x is not trusted; it is at work until the next start, and not after it',
    },
    {
      name: 'such a version after the next start',
      state: { choice: NONE, installed: '1.2.0' },
      reason: 'PluginUntrusted',
      says: 'the key SHA256:x is not trusted; nothing of it is started until then',
    },
    {
      name: 'another namespace than the recommended one',
      state: { wantedPlace: 'mine', place: 'volsync-system' },
      reason: 'PluginConfigInvalid',
      says: 'spec.namespace: "mine": the plugin "volsync": the recommended namespace is volsync-system, and there is no other',
    },
    {
      name: 'a namespace where it has none',
      state: { wantedPlace: 'mine' },
      reason: 'PluginConfigInvalid',
      says: 'spec.namespace: "mine": the plugin "volsync": it has no namespace of its own: remove the field',
    },
    {
      name: 'an upgrade that would take away what is in use',
      state: { ...OLDER, losses: ['1 tapes (a)'] },
      reason: 'PluginInUse',
      says: 'plugin "volsync" 1.2.0 has no more what is in use: 1 tapes (a): remove what uses it first',
    },
    {
      name: 'an upgrade without what the newer version needs',
      state: { ...OLDER, ...needs('missing') },
      reason: 'PluginDependencyMissing',
      says: 'plugin "volsync" needs snapshot, not installed: install it first',
    },
    {
      name: 'a setting',
      state: { configFaults: ['spec.config.size: remove the field', 'spec.config.x: remove the field'] },
      reason: 'PluginConfigInvalid',
      says: 'spec.config.size: remove the field; spec.config.x: remove the field',
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
