import { expect, it } from 'vitest';
import { warningHeader } from './messages.ts';

const textsOf = (warnings: readonly string[]): readonly string[] => {
  const { warning = [] } = warningHeader(warnings);
  return Array.isArray(warning) ? warning : [String(warning)];
};
const charsOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + text.length, 0);
const WRAPPED = '299 - ""'.length;

it.each([
  { name: 'none', warnings: [], want: [] },
  { name: 'one', warnings: ['unknown field "a"'], want: ['299 - "unknown field \\"a\\""'] },
  { name: 'what no header can hold', warnings: ['naïve\nname'], want: ['299 - "na?ve?name"'] },
])('API-1: $name', ({ warnings, want }) => {
  expect(textsOf(warnings)).toEqual(want);
});

it.each([
  { name: 'many short ones', warnings: Array.from({ length: 5_000 }, (_, index) => `unknown field "f${index}"`) },
  { name: 'long ones', warnings: Array.from({ length: 9 }, (_, index) => `${index}${'x'.repeat(5_000)}`) },
  { name: 'ones that grow when they are quoted', warnings: Array.from({ length: 9 }, () => '"'.repeat(1_000)) },
  { name: 'ones that fill the space exactly', warnings: Array.from({ length: 9 }, () => 'x'.repeat(1_024 - WRAPPED)) },
])('API-1: $name are told as far as they fit into 4096 characters, in order', ({ warnings }) => {
  const texts = textsOf(warnings);
  expect(charsOf(texts)).toBeLessThanOrEqual(4_096);
  expect(charsOf(texts)).toBeGreaterThan(4_096 - 2_100);
  expect(texts).toEqual(warnings.flatMap((warning) => textsOf([warning])).slice(0, texts.length));
});
