import { expect, it } from 'vitest';
import { parseSettingsSchema } from './settings-schema.ts';

const withSize = (size: unknown, more: object = {}): Record<string, unknown> => ({ type: 'object', properties: { size }, ...more });

it('PLUG-4: has what settings are checked by', () => {
  const schema = withSize(
    { type: 'integer', description: 'Sectors.', minimum: 5, maximum: 600, default: 45 },
    {
      required: ['size'],
      properties: {
        options: { type: 'array', items: { type: 'string', pattern: '^[a-z]+$' }, maxItems: 32, default: [] },
        onDelete: { type: 'string', enum: ['delete', 'retain'], default: 'delete' },
        labels: { type: 'object', additionalProperties: { type: 'string', nullable: true } },
      },
    },
  );
  expect(parseSettingsSchema(schema)).toEqual({ ok: true, value: schema });
});

it.each([
  { name: 'no type', schema: { properties: {} }, says: 'settings: has to be {type: object, properties: {…}}' },
  { name: 'a setting of no type', schema: withSize({}), says: 'settings.properties.size: has to be a schema with its type' },
  { name: 'a type that there is not', schema: withSize({ type: 'large' }), says: /type: Unsupported value: "large"/ },
  {
    name: 'a default that is not of its type',
    schema: withSize({ type: 'integer', default: 'x' }),
    says: /default: .*must be of type integer/,
  },
  {
    name: 'no schemas by name',
    schema: withSize({ type: 'object', properties: 5 }),
    says: 'settings.properties.size.properties: has to be schemas by name',
  },
  {
    name: 'a word that there is not',
    schema: withSize({ type: 'string', minimun: 1 }),
    says: /^settings\.properties\.size\.minimun: there is no such word: there are type, /,
  },
  {
    name: 'a word of another type',
    schema: withSize({ type: 'string', pattern: 5 }),
    says: 'settings.properties.size.pattern: 5: is not what stands there in a schema',
  },
  {
    name: 'items that are none',
    schema: withSize({ type: 'array', items: [] }),
    says: 'settings.properties.size.items: has to be a schema with its type',
  },
  { name: 'a pattern that is none', schema: withSize({ type: 'string', pattern: '(' }), says: /pattern/ },
])('PLUG-4: is refused with $name', ({ schema, says }) => {
  expect(parseSettingsSchema(schema)).toEqual({ ok: false, error: typeof says === 'string' ? says : expect.stringMatching(says) });
});

it('PLUG-4: is refused where it goes deeper than settings do', () => {
  let schema: object = { type: 'string' };
  for (let level = 0; level < 12; level += 1) schema = { type: 'object', properties: { a: schema } };
  expect(parseSettingsSchema(withSize(schema))).toMatchObject({ error: expect.stringContaining('is deeper than 10 levels') });
});
