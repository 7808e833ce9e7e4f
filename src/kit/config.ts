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

/** A flag, variable or file entry can't be used; the message says which and what is allowed. */
export class ConfigInvalid extends PlatformError {
  constructor(where: string, problem: string) {
    super({ code: 'InvalidArgument', reason: 'ConfigInvalid', message: `${where}: ${problem}` });
  }
}

/** Reads a configuration: flag > environment > file > default. @throws ConfigInvalid */
export function parseConfig<S extends ConfigSchema>(schema: S, sources: ConfigSources): ConfigOf<S> {
  const flags = readFlags(schema, sources.argv);
  const config: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(schema)) config[name] = readSetting(setting, { flags, sources, name });
  // why: built key by key from the schema, which the mapped type can't follow
  return trusted<ConfigOf<S>>(Object.freeze(config));
}

/** The configuration as text, one `flag = value` a line, secrets redacted. */
export function formatConfig(schema: ConfigSchema, config: Readonly<Record<string, unknown>>): string {
  return Object.entries(schema)
    .map(([name, setting]) => `${setting.flag} = ${config[name] instanceof Secret ? '[redacted]' : JSON.stringify(config[name])}`)
    .join('\n');
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
      `${setting.doc}${shown === '' ? '' : ` (default: ${shown})`}`,
    ] as const;
  });
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return rows.map(([flag, doc]) => `${flag.padEnd(width)}  ${doc}`).join('\n');
}

interface Lookup {
  readonly flags: ReadonlyMap<string, string>;
  readonly sources: ConfigSources;
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

function readFlags(schema: ConfigSchema, argv: readonly string[]): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  const settings = new Map(Object.values(schema).map((setting) => [setting.flag, setting]));
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [flag, inline] = splitOnce(word);
    const { setting, isNegated } = findSetting(settings, flag);
    const value = inline ?? (setting.isSwitch === true ? String(!isNegated) : takeValue(words));
    if (value === undefined) throw new ConfigInvalid(flag, `needs a value: ${flag} ${setting.placeholder ?? 'VALUE'}`);
    flags.set(setting.flag, value);
  }
  return flags;
}

/** The word after a flag, unless that is a flag itself: a value that looks so is written behind an equals sign. */
function takeValue(words: string[]): string | undefined {
  return words[0]?.startsWith('--') === true ? undefined : words.shift();
}

function findSetting(
  settings: ReadonlyMap<string, Setting<unknown>>,
  flag: string,
): { readonly setting: Setting<unknown>; readonly isNegated: boolean } {
  const negated = settings.get(/^--no-(.+)$/.exec(flag)?.[1] ?? '');
  if (negated?.isSwitch === true) return { setting: negated, isNegated: true };
  const setting = flag.startsWith('--') ? settings.get(flag.slice(2)) : findShort(settings, flag);
  if (setting === undefined)
    throw new ConfigInvalid(flag, `unknown flag; known are ${[...settings.keys()].map((known) => `--${known}`).join(', ')}`);
  return { setting, isNegated: false };
}

function findShort(settings: ReadonlyMap<string, Setting<unknown>>, flag: string): Setting<unknown> | undefined {
  return [...settings.values()].find(({ short }) => short !== undefined && flag === `-${short}`);
}

function splitOnce(word: string): readonly [string, string?] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word] : [word.slice(0, equals), word.slice(equals + 1)];
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
