import { describe, expect, it } from 'vitest';
import type { SettingsSchema } from '#api/plugins/plugin-settings.ts';
import { readAssignments, schemaIn, shownSettings } from './plugin-settings.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    speed: { type: 'integer', description: 'How fast.', default: 4 },
    options: { type: 'array', items: { type: 'string' }, default: [] },
    sizes: { type: 'array', items: { type: 'number' } },
    isQuiet: { type: 'boolean', default: false },
    name: { type: 'string', default: 'x' },
  },
} as const satisfies SettingsSchema;

describe('PLUG-1: settings on the command line', () => {
  it.each([
    { text: 'speed=7', read: { speed: 7 } },
    { text: 'speed=fast', read: { speed: 'fast' } },
    { text: 'speed=', read: { speed: '' } },
    { text: 'options=a,b=c', read: { options: ['a', 'b=c'] } },
    { text: 'options=', read: { options: [] } },
    { text: 'sizes=1,2.5', read: { sizes: [1, 2.5] } },
    { text: 'isQuiet=true', read: { isQuiet: true } },
    { text: 'isQuiet=yes', read: { isQuiet: 'yes' } },
    { text: 'name=7', read: { name: '7' } },
    { text: 'other=7\nname=a', read: { other: '7', name: 'a' } },
    { text: '', read: {} },
  ])('$text is read as its schema has it, and what it does not have is left to the platform', ({ text, read }) => {
    expect(readAssignments(text, SCHEMA)).toEqual(read);
  });

  it.each(['speed', '=7'])('%j is refused', (text) => {
    expect(() => readAssignments(text, SCHEMA)).toThrow('write NAME=VALUE');
  });

  it('are shown with their values and where these come from', () => {
    const shown = shownSettings(SCHEMA, { metadata: { name: 'tapes' }, spec: { config: { speed: 9 } } });
    expect(shown.slice(0, 2)).toEqual([
      { name: 'speed', value: 9, from: 'ModuleInfo tapes', description: 'How fast.' },
      { name: 'options', value: [], from: 'default', description: '' },
    ]);
    expect(shownSettings(schemaIn(undefined), undefined)).toEqual([]);
  });
});
