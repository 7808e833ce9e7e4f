import { describe, expect, it } from 'vitest';
import { closest } from './closest.ts';
import { readCommandLine } from './command-line.ts';

const SPECS = [
  { flag: 'namespace', short: 'n', placeholder: 'NS' },
  { flag: 'output', short: 'o' },
  { flag: 'demo', isSwitch: true },
];

describe('readCommandLine', () => {
  it.each([
    { name: 'flags behind words', argv: ['pvc/x', '-n', 'shop'], flags: { namespace: 'shop' }, words: ['pvc/x'] },
    { name: 'flags in front of words', argv: ['-n', 'shop', 'pvc/x'], flags: { namespace: 'shop' }, words: ['pvc/x'] },
    { name: 'flags between words', argv: ['pvc', '--namespace=shop', 'x'], flags: { namespace: 'shop' }, words: ['pvc', 'x'] },
    { name: 'a letter with its value', argv: ['-nshop', 'x'], flags: { namespace: 'shop' }, words: ['x'] },
    { name: 'a letter with an equals sign', argv: ['-n=shop'], flags: { namespace: 'shop' }, words: [] },
    { name: 'a value with an equals sign', argv: ['--namespace=a=b'], flags: { namespace: 'a=b' }, words: [] },
    { name: 'an empty value', argv: ['--namespace='], flags: { namespace: '' }, words: [] },
    { name: 'a value with one dash', argv: ['--namespace', '-1'], flags: { namespace: '-1' }, words: [] },
    { name: 'the last of several', argv: ['-na', '--namespace', 'b'], flags: { namespace: 'b' }, words: [] },
    { name: 'a switch', argv: ['--demo', 'x'], flags: { demo: 'true' }, words: ['x'] },
    { name: 'a switch that is off', argv: ['--no-demo'], flags: { demo: 'false' }, words: [] },
    { name: 'a switch with a value', argv: ['--demo=false'], flags: { demo: 'false' }, words: [] },
    { name: 'words behind two dashes', argv: ['--', '--demo', '-n'], flags: {}, words: ['--demo', '-n'] },
  ])('takes $name', ({ argv, flags, words }) => {
    const line = readCommandLine(SPECS, argv);
    expect(Object.fromEntries(line.flags)).toEqual(flags);
    expect(line.words).toEqual(words);
  });

  it.each([
    { name: 'a misspelt flag', argv: ['--namespce', 'x'], says: '--namespce: unknown flag; did you mean --namespace?' },
    { name: 'a misspelt switch', argv: ['--no-dem'], says: '--no-dem: unknown flag; did you mean --no-demo?' },
    { name: 'a flag like no other', argv: ['--xyzzy'], says: '--xyzzy: unknown flag; --help shows those that there are' },
    { name: 'the negation of what is no switch', argv: ['--no-output'], says: '--no-output: unknown flag' },
    { name: 'a flag without its value', argv: ['x', '--output'], says: '--output: needs a value: --output VALUE' },
    { name: 'a flag in place of a value', argv: ['-n', '--demo'], says: '-n: needs a value: -n NS' },
    { name: 'a name of every object', argv: ['--constructor=1'], says: '--constructor: unknown flag' },
  ])('refuses $name', ({ argv, says }) => {
    expect(() => readCommandLine(SPECS, argv)).toThrow(says);
  });
});

describe('closest', () => {
  it.each([
    { word: 'explian', candidates: ['up', 'explain', 'down'], found: 'explain' },
    { word: 'exp', candidates: ['up', 'explain'], found: 'explain' },
    { word: 'dwon', candidates: ['up', 'down'], found: 'down' },
    { word: 'ups', candidates: ['up', 'down'], found: 'up' },
    { word: 'frobnicate', candidates: ['up', 'down'], found: undefined },
    { word: '', candidates: [], found: undefined },
  ])('$word means $found', ({ word, candidates, found }) => {
    expect(closest(word, candidates)).toBe(found);
  });
});
