import { parseArgs } from 'node:util';
import { didYouMean } from './closest.ts';
import { ConfigInvalid } from './config-invalid.ts';

/** What of a flag its reading needs. */
export interface FlagSpec {
  /** Without dashes, kebab-case. */
  readonly flag: string;
  /** One letter that may stand for the flag. */
  readonly short?: string;
  /** Placeholder of the value in the help; absent for switches. */
  readonly placeholder?: string;
  /** Takes no value; `--no-FLAG` turns it off. */
  readonly isSwitch?: boolean;
  /** May be given several times: its texts come as lines. Else the last one wins. */
  readonly isRepeatable?: boolean;
}

/** A command line taken apart. */
export interface CommandLine {
  /** The text of each flag that was given, by name. */
  readonly flags: ReadonlyMap<string, string>;
  /** What is no flag, in order. */
  readonly words: readonly string[];
}

/** Reads flags anywhere among the words, as getopt_long(3) does: `--flag value`, `--flag=value`, `-f value`, `-fvalue`, `--no-switch`, `--`. @throws ConfigInvalid */
export function readCommandLine(specs: readonly FlagSpec[], argv: readonly string[]): CommandLine {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(specs.map(optionOf)),
    strict: false,
    allowPositionals: true,
    allowNegative: true,
    tokens: true,
  });
  const flags = new Map<string, string>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind === 'option') readFlag(specs, token, flags);
  }
  return { flags, words };
}

interface FlagToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function optionOf({ flag, short, isSwitch }: FlagSpec): [string, { type: 'string' | 'boolean'; short?: string }] {
  return [flag, { type: isSwitch === true ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) }];
}

function readFlag(specs: readonly FlagSpec[], token: FlagToken, flags: Map<string, string>): void {
  const { rawName } = token;
  const negated = specs.find(({ flag, isSwitch }) => isSwitch === true && rawName === `--no-${flag}`);
  const spec = negated ?? specs.find(({ flag, short }) => rawName === `--${flag}` || (short !== undefined && rawName === `-${short}`));
  if (spec === undefined) throw new ConfigInvalid(rawName, `unknown flag${hintFor(specs, rawName)}`);
  if (spec.isSwitch === true) flags.set(spec.flag, token.value ?? String(negated === undefined));
  else {
    const before = spec.isRepeatable === true ? flags.get(spec.flag) : undefined;
    const value = valueOf(spec, token);
    flags.set(spec.flag, before === undefined ? value : `${before}\n${value}`);
  }
}

function valueOf({ placeholder = 'VALUE' }: FlagSpec, { rawName, value, inlineValue }: FlagToken): string {
  // why: a value that looks like a flag is written behind an equals sign
  const isTaken = value !== undefined && (inlineValue === true || !value.startsWith('--'));
  if (!isTaken) throw new ConfigInvalid(rawName, `needs a value: ${rawName} ${placeholder}`);
  // why: `-n=NS` is common though getopt takes the sign for a part of the value
  return !rawName.startsWith('--') && inlineValue === true && value.startsWith('=') ? value.slice(1) : value;
}

function hintFor(specs: readonly FlagSpec[], rawName: string): string {
  const known = specs.flatMap((spec) => [`--${spec.flag}`, ...(spec.isSwitch === true ? [`--no-${spec.flag}`] : [])]);
  const meant = rawName.startsWith('--') ? didYouMean(rawName, known) : '';
  return meant === '' ? '; --help shows those that there are' : meant;
}
