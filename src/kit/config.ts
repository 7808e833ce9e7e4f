import { type CommandLine, readCommandLine } from './command-line.ts';
import { ConfigInvalid } from './config-invalid.ts';
import { PlatformError } from './errors.ts';
import { trusted } from './json.ts';
import { Secret } from './secret.ts';

/** One setting, declared once with everything that flags, environment, files and help need. */
export interface Setting<T> {
  /** Flag without dashes, kebab-case. */
  readonly flag: string;
  /** One letter that may stand for the flag: `n` for `-n`. */
  readonly short?: string;
  /** Environment variable that stands in for the flag. */
  readonly env: string;
  readonly default: T;
  /** Shown in the help instead of the default where the default depends on the machine. */
  readonly defaultText?: string;
  /** Placeholder of the value in the help; absent for switches. */
  readonly placeholder?: string;
  /** One line for the help and the documents, unit included. */
  readonly doc: string;
  /** Reads the text of a flag, a variable or a file. @throws TypeError with what is allowed */
  readonly parse: (text: string) => T;
  /** The switch form `--no-…` sets this. */
  readonly isSwitch?: boolean;
  /** May be given several times: `parse` gets a line for each. */
  readonly isRepeatable?: boolean;
}

/** A schema: name → setting. */
export type ConfigSchema = Readonly<Record<string, Setting<unknown>>>;

/** The parsed, frozen configuration of a schema. */
export type ConfigOf<S extends ConfigSchema> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** Where values may come from, most important first: flags, environment, file. */
export interface ConfigSources {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file?: Readonly<Record<string, unknown>>;
}

/**
 * Reads a configuration: flag > environment > file > default. Words that are no flags are refused.
 * @public
 * @throws ConfigInvalid
 */
export function parseConfig<S extends ConfigSchema>(schema: S, sources: ConfigSources): ConfigOf<S> {
  const line = readCommandLine(Object.values(schema), sources.argv);
  const [word] = line.words;
  if (word !== undefined) throw new ConfigInvalid(JSON.stringify(word), 'is no flag; flags begin with --, and --help shows them');
  return configOf(schema, sources, line);
}

/** The configuration of a command line that was taken apart already. @throws ConfigInvalid */
export function configOf<S extends ConfigSchema>(
  schema: S,
  sources: Omit<ConfigSources, 'argv'>,
  { flags }: Pick<CommandLine, 'flags'>,
): ConfigOf<S> {
  const config: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(schema)) config[name] = readSetting(setting, { flags, sources, name });
  // why: built key by key from the schema, which the mapped type can't follow
  return trusted<ConfigOf<S>>(Object.freeze(config));
}

/** The settings of one schema, from a configuration that was read with it among others. @throws TypeError where it was not */
export function settingsOf<S extends ConfigSchema>(schema: S, config: Readonly<Record<string, unknown>>): ConfigOf<S> {
  const missing = Object.keys(schema).find((name) => !Object.hasOwn(config, name));
  if (missing !== undefined) throw new TypeError(`the configuration was read without the setting ${missing}`);
  // why: what is there under a name was read by the setting of that name (mergeSchemas lets none stand twice), which the mapped type can't follow
  return trusted<ConfigOf<S>>(Object.fromEntries(Object.keys(schema).map((name) => [name, config[name]])));
}

/** All settings of several schemas. @throws TypeError where two have a setting, a flag or a variable of one name */
export function mergeSchemas(...schemas: readonly ConfigSchema[]): ConfigSchema {
  const merged: Record<string, Setting<unknown>> = {};
  const taken = new Set<string>();
  for (const [name, setting] of schemas.flatMap((schema) => Object.entries(schema))) {
    for (const word of [`the setting ${name}`, `the flag --${setting.flag}`, `the variable ${setting.env}`]) {
      if (taken.has(word)) throw new TypeError(`${word} is there twice`);
      taken.add(word);
    }
    merged[name] = setting;
  }
  return merged;
}

/** The configuration as text, one `flag = value` a line, secrets redacted. */
export function formatConfig(schema: ConfigSchema, config: Readonly<Record<string, unknown>>): string {
  return Object.entries(schema)
    .map(([name, { flag }]) => `${flag} = ${formatValue(config[name])}`)
    .join('\n');
}

function formatValue(value: unknown): string | undefined {
  if (value instanceof Secret) return '[redacted]';
  return JSON.stringify(typeof value === 'bigint' ? value.toString() : value);
}

/** The help lines of a schema's flags. */
export function formatFlags(schema: ConfigSchema): string {
  const rows = Object.values(schema).map((setting) => {
    const flag = setting.isSwitch === true && setting.default === true ? `--no-${setting.flag}` : `--${setting.flag}`;
    const shown =
      setting.defaultText ?? (setting.default === undefined || setting.isSwitch === true ? '' : JSON.stringify(setting.default));
    const short = setting.short === undefined ? '' : `-${setting.short}, `;
    return [
      `  ${short}${flag}${setting.placeholder === undefined ? '' : ` ${setting.placeholder}`}`,
      `${setting.doc}${shown === '' ? '' : ` (default: ${shown})`} [$${setting.env}]`,
    ] as const;
  });
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return rows.map(([flag, doc]) => `${flag.padEnd(width)}  ${doc}`).join('\n');
}

interface Lookup {
  readonly flags: ReadonlyMap<string, string>;
  readonly sources: Omit<ConfigSources, 'argv'>;
  readonly name: string;
}

function readSetting(setting: Setting<unknown>, { flags, sources, name }: Lookup): unknown {
  const flag = flags.get(setting.flag);
  if (flag !== undefined) return parseValue(setting, `--${setting.flag}`, flag);
  const variable = sources.env[setting.env];
  if (variable !== undefined && variable !== '') return parseValue(setting, setting.env, variable);
  const entry = sources.file?.[name];
  if (typeof entry === 'string' || typeof entry === 'number' || typeof entry === 'boolean')
    return parseValue(setting, `${name} in the file`, String(entry));
  return setting.default;
}

function parseValue(setting: Setting<unknown>, where: string, text: string): unknown {
  try {
    return setting.parse(text);
  } catch (error) {
    throw new ConfigInvalid(where, `${JSON.stringify(text)}: ${PlatformError.from(error).message}`);
  }
}

/** Parsers for settings. */
export const parsers = {
  text: (text: string): string => text,
  /** A whole number in [min, max]. */
  integer:
    (min: number, max: number) =>
    (text: string): number => {
      const value = Number(text);
      if (!/^-?\d+$/.test(text) || value < min || value > max) throw new TypeError(`must be a whole number from ${min} to ${max}`);
      return value;
    },
  boolean: (text: string): boolean => {
    if (text !== 'true' && text !== 'false') throw new TypeError('must be true or false');
    return text === 'true';
  },
  oneOf:
    <T extends string>(...allowed: readonly T[]) =>
    (text: string): T => {
      const found = allowed.find((value) => value === text);
      if (found === undefined) throw new TypeError(`must be one of ${allowed.join(', ')}`);
      return found;
    },
} as const;
