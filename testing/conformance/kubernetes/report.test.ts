import { describe, expect, it } from 'vitest';
import { judge, readReport, tableOf } from './report.ts';

const spec = (text: string, state: string, more: Readonly<Record<string, unknown>> = {}): unknown => ({
  LeafNodeType: 'It',
  ContainerHierarchyTexts: ['[sig-storage] Volumes'],
  LeafNodeText: text,
  State: state,
  ...more,
});

describe("the suite's report", () => {
  it('is read as the tests that ran, with their sig and the words of a failure', () => {
    const report = [
      {
        SpecReports: [
          spec('mounts', 'passed'),
          spec('grows', 'failed', { Failure: { Message: 'too small' } }),
          spec('is not looked at', 'skipped'),
          spec('waits', 'pending'),
          spec('hangs', 'timedout', { ContainerHierarchyTexts: ['nobody'] }),
          { LeafNodeType: 'SynchronizedBeforeSuite', State: 'passed' },
        ],
      },
    ];
    expect(readReport(report)).toEqual([
      { name: '[sig-storage] Volumes mounts', sig: 'storage', state: 'passed', why: '' },
      { name: '[sig-storage] Volumes grows', sig: 'storage', state: 'failed', why: 'too small' },
      { name: 'nobody hangs', sig: 'other', state: 'failed', why: '' },
    ]);
  });

  it('is nothing where no run left one', () => {
    expect(readReport({})).toEqual([]);
  });
});

describe('a judgement', () => {
  const outcome = (name: string, sig: string, state: 'passed' | 'failed') => ({ name, sig, state, why: '' });
  const list = [
    { test: 'speaks to the world', reason: 'There is no network.' },
    { test: 'flies', reason: 'There are no wings.' },
  ];
  const judgement = judge(
    [
      outcome('mounts', 'storage', 'passed'),
      outcome('grows', 'storage', 'failed'),
      outcome('speaks to the world', 'node', 'failed'),
      outcome('flies far', 'node', 'passed'),
    ],
    list,
  );

  it('tells what failed without being listed, and what passed though listed', () => {
    expect(judgement.failed.map(({ name }) => name)).toEqual(['grows']);
    expect(judgement.surprises.map(({ name }) => name)).toEqual(['flies far']);
  });

  it('is shown as a table with a line for each sig and one for all', () => {
    expect(tableOf(judgement)).toEqual([
      'sig      ran  passed  listed  failed',
      'node       2       1       1       0',
      'storage    2       1       0       1',
      'all        4       2       1       1',
    ]);
  });
});
