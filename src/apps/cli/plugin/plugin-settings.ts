import type { ModuleInfo } from '#api/generated/definitions.ts';
import type { Draft } from '#api/meta/object.ts';
import { effectiveSettings, type PluginSettings, type SettingsSchema } from '#api/plugins/plugin-settings.ts';
import type { StructuralSchema } from '#api/structural/schema.ts';
import { ConfigInvalid } from '#kit/config-invalid.ts';
import { type ConfigSchema, parsers } from '#kit/config.ts';
import { isRecord, trusted } from '#kit/json.ts';

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** Flags of what sets plugins. */
export const settingFlags = {
  set: {
    flag: 'set',
    env: 'STOWAGE_SET',
    default: '',
    defaultText: 'nothing',
    placeholder: 'NAME=VALUE',
    doc: 'a setting of the plugin, which stowage plugin show lists; may be given several times, the items of a list with commas between them',
    parse: parsers.text,
    isRepeatable: true,
  },
} as const satisfies ConfigSchema;

/** A setting as it is shown. */
export interface ShownSetting {
  readonly name: string;
  readonly value: unknown;
  /** `default`, or the object that has it. */
  readonly from: string;
  readonly description: string;
}

/** The schema that a plugin publishes; undefined where nothing can be set of it. */
export function schemaIn(published: unknown): SettingsSchema | undefined {
  if (!isRecord(published) || !isRecord(published['properties'])) return undefined;
  // why trusted: the platform that is asked published it, and checks by it what is set
  return trusted<SettingsSchema>(published);
}

/** Every setting with its value and where that is from. Pure. */
export function shownSettings(
  schema: SettingsSchema | undefined,
  info: Pick<Draft<ModuleInfo>, 'metadata' | 'spec'> | undefined,
): readonly ShownSetting[] {
  const config = info?.spec?.config ?? {};
  const values = effectiveSettings(schema, config);
  return Object.entries(schema?.properties ?? {}).map(([name, { description = '' }]) => ({
    name,
    value: values[name],
    from: Object.hasOwn(config, name) ? `ModuleInfo ${info?.metadata.name}` : 'default',
    description,
  }));
}

/** Reads `name=value` lines; a value is read as its schema has it, and what the schema does not have is left to the platform to refuse. @throws ConfigInvalid */
export function readAssignments(text: string, schema: SettingsSchema | undefined): PluginSettings {
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      if (at < 1) throw new ConfigInvalid('--set', `${JSON.stringify(line)}: write NAME=VALUE`);
      const name = line.slice(0, at);
      const known = schema !== undefined && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
      return [name, readValue(line.slice(at + 1), known)];
    }),
  );
}

function readValue(text: string, schema: StructuralSchema | undefined): unknown {
  switch (schema?.type) {
    case 'array':
      return text === '' ? [] : text.split(',').map((item) => readValue(item, schema.items));
    case 'integer':
    case 'number':
      return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
    case 'boolean':
      return BOOLEANS.get(text) ?? text;
    default:
      return text;
  }
}
