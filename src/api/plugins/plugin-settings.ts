import { didYouMean } from '#kit/closest.ts';
import { isRecord } from '#kit/json.ts';
import { formatFieldError } from '../meta/field-error.ts';
import { applyStructuralDefaults } from '../structural/defaults.ts';
import type { StructuralSchema } from '../structural/schema.ts';
import { validateStructural } from '../structural/validate.ts';

/** The settings that a plugin works with, by name. */
export type PluginSettings = Readonly<Record<string, unknown>>;

/** The schema of the settings of a plugin: an object, each property with its description and its default. */
export interface SettingsSchema extends StructuralSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, StructuralSchema>>;
}

/** A plugin, as far as it can be set. */
export interface Settable {
  readonly name: string;
  readonly settings?: SettingsSchema | undefined;
}

/** Where settings stand in a ModuleInfo. */
const PLACE = 'spec.config';

/** What is wrong with the settings that somebody gives to a plugin: field, value and remedy, a sentence each. Pure. */
export function settingsFaults({ name, settings }: Settable, config: PluginSettings): readonly string[] {
  const { properties = {} } = settings ?? {};
  const known = Object.keys(properties);
  const unknown = Object.keys(config).filter((key) => !Object.hasOwn(properties, key));
  if (unknown.length > 0) return unknown.map((key) => `${PLACE}.${key}: ${whyUnknown(name, key, known)}: remove the field`);
  if (settings === undefined) return [];
  return validateStructural(settings, config, { path: PLACE }).map((fault) => {
    const key = fault.field.slice(PLACE.length + 1).split(/[.[]/)[0] ?? '';
    const { description } = properties[key] ?? {};
    return `${formatFieldError(fault)}${description === undefined ? '' : `; ${key} is: ${description}`}`;
  });
}

function whyUnknown(name: string, key: string, known: readonly string[]): string {
  if (known.length === 0) return `the plugin ${JSON.stringify(name)} has no settings`;
  return `the plugin ${JSON.stringify(name)} has no such setting${didYouMean(key, known)}; there are ${known.join(', ')}`;
}

/** What a plugin works with where somebody gives these settings: what is left out has its default. Pure. */
export function effectiveSettings(settings: SettingsSchema | undefined, config: PluginSettings = {}): PluginSettings {
  if (settings === undefined) return {};
  const filled = applyStructuralDefaults(settings, config);
  return isRecord(filled) ? filled : {};
}
