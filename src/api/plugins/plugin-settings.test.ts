import { describe, expect, it } from 'vitest';
import { effectiveSettings, type PluginSettings, settingsFaults, type SettingsSchema } from './plugin-settings.ts';

const SETTINGS = {
  type: 'object',
  properties: {
    speed: { type: 'integer', description: 'How fast it is.', minimum: 1, default: 4 },
    options: { type: 'array', items: { type: 'string', pattern: '^[a-z]+$' }, default: [] },
    mode: { type: 'string', enum: ['a', 'b'] },
  },
} as const satisfies SettingsSchema;
const TAPE = { name: 'tape', settings: SETTINGS };

describe('PLUG-1: settings of a plugin', () => {
  it.each<{ config: PluginSettings; faults: readonly RegExp[] }>([
    { config: {}, faults: [] },
    { config: { speed: 2, options: ['x'], mode: 'a' }, faults: [] },
    {
      config: { speed: '2' },
      faults: [/^spec\.config\.speed: Invalid value: "string": .* must be of type integer.*; speed is: How fast it is\.$/],
    },
    {
      config: { speed: 0, mode: 'c' },
      faults: [
        /^spec\.config\.speed: .*greater than or equal to 1/,
        /^spec\.config\.mode: Unsupported value: "c": supported values: "a", "b"$/,
      ],
    },
    { config: { options: ['x', 'Y'] }, faults: [/^spec\.config\.options\[1\]: Invalid value: "Y"/] },
    {
      config: { sped: 1 },
      faults: [
        /^spec\.config\.sped: the plugin "tape" has no such setting; did you mean speed\?; there are speed, options, mode: remove the field$/,
      ],
    },
    { config: { constructor: 1 }, faults: [/^spec\.config\.constructor: the plugin "tape" has no such setting/] },
  ])('$config: field, value and remedy of each fault', ({ config, faults }) => {
    expect(settingsFaults(TAPE, config)).toEqual(faults.map((says) => expect.stringMatching(says)));
  });

  it('are none where a plugin has none', () => {
    expect(settingsFaults({ name: 'tape' }, { size: 1 })).toEqual([
      'spec.config.size: the plugin "tape" has no settings: remove the field',
    ]);
    expect(settingsFaults({ name: 'tape' }, {})).toEqual([]);
    expect(effectiveSettings(undefined, { size: 1 })).toEqual({});
  });

  it('have their defaults where nothing is said', () => {
    expect(effectiveSettings(SETTINGS, { mode: 'b' })).toEqual({ mode: 'b', speed: 4, options: [] });
  });
});
