import { describe, expect, it } from 'vitest';
import { chooseVersion, type VersionQuestion } from './choose-version.ts';

const REFUSAL = { reason: 'PluginUntrusted', message: 'the key is not trusted' } as const;
const version = (text: string, more: Partial<VersionQuestion['versions'][number]> = {}) => ({ version: text, channel: 'stable', ...more });
const VERSIONS = [version('1.0.0'), version('1.9.0'), version('1.10.0'), version('2.0.0-rc.1', { channel: 'beta' })];
const QUESTION: VersionQuestion = {
  name: 'tape',
  versions: VERSIONS,
  installed: undefined,
  wanted: undefined,
  channel: 'stable',
  approval: 'Automatic',
  approved: undefined,
};
const at = (text: string): Partial<VersionQuestion> => ({ installed: text });
const manual: Partial<VersionQuestion> = { ...at('1.9.0'), approval: 'Manual' };

describe('PLUG-4: the version that a plugin is to have', () => {
  it.each<{ name: string; question: Partial<VersionQuestion>; version: string; pending?: string }>([
    { name: 'the newest of its channel', question: {}, version: '1.10.0' },
    { name: 'that of another channel where it is named', question: { channel: 'beta' }, version: '2.0.0-rc.1' },
    { name: 'the one that is named', question: { wanted: '1.9.0' }, version: '1.9.0' },
    { name: 'the newest also at first where upgrades wait', question: { approval: 'Manual' }, version: '1.10.0' },
    {
      name: 'the newest that is trusted',
      question: { versions: [...VERSIONS, version('3.0.0', { refusal: REFUSAL })] },
      version: '1.10.0',
    },
    { name: 'a newer one, by itself', question: at('1.9.0'), version: '1.10.0' },
    { name: 'the same where it is the newest', question: at('1.10.0'), version: '1.10.0' },
    { name: 'the same where the channel has only older ones', question: { ...at('2.0.0-rc.1') }, version: '2.0.0-rc.1' },
    { name: 'the same, and the newer one waits for a yes', question: manual, version: '1.9.0', pending: '1.10.0' },
    { name: 'the newer one after a yes', question: { ...manual, approved: '1.10.0' }, version: '1.10.0' },
    { name: 'the same where the yes was for another one', question: { ...manual, approved: '1.9.5' }, version: '1.9.0', pending: '1.10.0' },
    { name: 'the one that is named, without a yes', question: { ...manual, wanted: '1.10.0' }, version: '1.10.0' },
    { name: 'the one that is named, and no newer one', question: { ...at('1.9.0'), wanted: '1.9.0' }, version: '1.9.0' },
    {
      name: 'a trusted newer one in place of one that is not trusted any more',
      question: { ...at('1.9.0'), versions: [version('1.9.0', { refusal: REFUSAL }), version('1.10.0')] },
      version: '1.10.0',
    },
  ])('is $name', ({ question, version: wanted, pending }) => {
    expect(chooseVersion({ ...QUESTION, ...question })).toEqual({
      kind: 'version',
      version: wanted,
      ...(pending === undefined ? {} : { pending }),
    });
  });

  it.each<{ name: string; question: Partial<VersionQuestion>; reason: string; says: string }>([
    {
      name: 'that there is not',
      question: { wanted: '7.0.0' },
      reason: 'PluginVersionUnknown',
      says: 'spec.version: there is no version "7.0.0" of the plugin "tape": there is 1.0.0, 1.9.0, 1.10.0 and 2.0.0-rc.1; leave the field out to have the newest',
    },
    {
      name: 'older than what is installed',
      question: { ...at('1.10.0'), wanted: '1.9.0' },
      reason: 'PluginDowngrade',
      says: 'spec.version: 1.9.0 is older than 1.10.0, which is installed, and what a newer version has stored an older one may not read: uninstall the plugin to install 1.9.0',
    },
    {
      name: 'that nobody trusts',
      question: { wanted: '3.0.0', versions: [...VERSIONS, version('3.0.0', { refusal: REFUSAL })] },
      reason: 'PluginUntrusted',
      says: REFUSAL.message,
    },
    {
      name: 'that is installed and not trusted any more',
      question: { ...at('1.0.0'), versions: [version('1.0.0', { refusal: REFUSAL })] },
      reason: 'PluginUntrusted',
      says: REFUSAL.message,
    },
    {
      name: 'of a channel with none that is trusted',
      question: { versions: [version('1.0.0', { refusal: REFUSAL })] },
      reason: 'PluginUntrusted',
      says: REFUSAL.message,
    },
    {
      name: 'of a channel that there is not',
      question: { channel: 'night' },
      reason: 'PluginChannelUnknown',
      says: 'spec.channel: the plugin "tape" has no channel "night": there is stable and beta',
    },
  ])('is not one $name', ({ question, reason, says }) => {
    expect(chooseVersion({ ...QUESTION, ...question })).toEqual({ kind: 'none', reason, message: says });
  });
});
