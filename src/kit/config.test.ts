import { describe, expect, it } from 'vitest';
import { type ConfigSchema, formatConfig, formatFlags, mergeSchemas, parseConfig, parsers, settingsOf } from './config.ts';
import { Secret } from './secret.ts';

const schema = {
  port: { flag: 'port', env: 'X_PORT', default: 7443, placeholder: 'N', doc: 'port', parse: parsers.integer(0, 65_535) },
  demo: { flag: 'demo', env: 'X_DEMO', default: true, doc: 'sample', parse: parsers.boolean, isSwitch: true },
  level: {
    flag: 'log-level',
    short: 'l',
    env: 'X_LEVEL',
    default: 'info',
    placeholder: 'LEVEL',
    doc: 'level',
    parse: parsers.oneOf('info', 'debug'),
  },
  token: {
    flag: 'token',
    env: 'X_TOKEN',
    default: undefined,
    placeholder: 'TEXT',
    doc: 'token',
    parse: (text: string) => new Secret(text),
  },
} as const satisfies ConfigSchema;

describe('configuration', () => {
  it.each([
    { name: 'default', argv: [], env: {}, file: {}, port: 7443 },
    { name: 'file over default', argv: [], env: {}, file: { port: 1 }, port: 1 },
    { name: 'environment over file', argv: [], env: { X_PORT: '2' }, file: { port: 1 }, port: 2 },
    { name: 'flag over environment', argv: ['--port', '3'], env: { X_PORT: '2' }, file: { port: 1 }, port: 3 },
    { name: 'flag with =', argv: ['--port=4'], env: {}, file: {}, port: 4 },
  ])('takes the $name', ({ argv, env, file, port }) => {
    expect(parseConfig(schema, { argv, env, file }).port).toBe(port);
  });

  it.each([['-l', 'debug'], ['-l=debug'], ['-ldebug']])('takes a flag by its letter: %s', (...argv) => {
    expect(parseConfig(schema, { argv, env: {} }).level).toBe('debug');
  });

  it('turns a switch off and on', () => {
    expect(parseConfig(schema, { argv: ['--no-demo'], env: {} }).demo).toBe(false);
    expect(parseConfig(schema, { argv: ['--demo'], env: { X_DEMO: 'false' } }).demo).toBe(true);
  });

  it.each([
    { name: 'an unknown flag', argv: ['--prot', '1'], says: /--prot: unknown flag; did you mean --port\?/ },
    { name: 'a word that is no flag', argv: ['x'], says: /"x": is no flag/ },
    { name: 'an unknown letter', argv: ['-x', '1'], says: /-x: unknown flag; --help shows/ },
    { name: 'a letter with two dashes', argv: ['--l', 'debug'], says: /--l: unknown flag/ },
    { name: 'a missing value', argv: ['--port'], says: /--port: needs a value: --port N/ },
    { name: 'a value that is missing before the next flag', argv: ['--port', '--demo'], says: /--port: needs a value: --port N/ },
    { name: 'a wrong number', argv: ['--port', '99999'], says: /--port: "99999": must be a whole number from 0 to 65535/ },
    { name: 'a wrong choice', argv: ['--log-level', 'loud'], says: /must be one of info, debug/ },
  ])('refuses $name with flag, value and remedy', ({ argv, says }) => {
    expect(() => parseConfig(schema, { argv, env: {} })).toThrow(says);
  });

  it('prints itself without secrets, and help with defaults', () => {
    const config = parseConfig(schema, { argv: ['--token', 'hidden'], env: {} });
    expect(formatConfig(schema, config)).toContain('token = [redacted]');
    expect(formatConfig(schema, config)).not.toContain('hidden');
    expect(formatFlags(schema)).toContain('--port N');
    expect(formatFlags(schema)).toContain('  -l, --log-level LEVEL');
    expect(formatFlags(schema)).toContain('--no-demo');
    expect(formatFlags(schema)).toContain('(default: 7443)');
  });
});

describe('settings of several parts', () => {
  const port = { port: schema.port };
  const demo = { demo: schema.demo };

  it('are read together, and each part reads its own', () => {
    const config = parseConfig(mergeSchemas(port, demo), { argv: ['--port', '3'], env: { X_DEMO: 'false' } });
    expect(settingsOf(port, config)).toEqual({ port: 3 });
    expect(settingsOf(demo, config)).toEqual({ demo: false });
    expect(() => settingsOf(schema, config)).toThrow('without the setting level');
  });

  it.each([
    { name: 'setting', other: { port: schema.demo }, says: 'the setting port is there twice' },
    { name: 'flag', other: { gate: { ...schema.demo, flag: 'port' } }, says: 'the flag --port is there twice' },
    { name: 'variable', other: { gate: { ...schema.demo, env: 'X_PORT' } }, says: 'the variable X_PORT is there twice' },
  ])('do not share a $name', ({ other, says }) => {
    expect(() => mergeSchemas(port, other)).toThrow(says);
  });
});
