import { expect, it } from 'vitest';
import { type LogFields, type Logger, silentLogger } from '#kit/log.ts';
import { type AuditRecord, jsonLineAudit } from './audit.ts';

const RECORD: AuditRecord = {
  time: '2026-01-01T00:00:00Z',
  user: 'vera',
  groups: [],
  verb: 'create',
  resource: 'secrets',
  namespace: 'default',
  name: 'a',
  isDryRun: false,
  code: 201,
};

it('jsonLineAudit: lines that the disk does not take are counted and told once, and never fail the write', () => {
  const lines: string[] = [];
  const said: [string, LogFields | undefined][] = [];
  const log: Logger = {
    ...silentLogger,
    error: (...args) => void said.push([args[0], args[1]]),
    warn: (...args) => void said.push([args[0], args[1]]),
  };
  let isFull = false;
  const audit = jsonLineAudit((line) => {
    if (isFull) throw new Error('ENOSPC');
    lines.push(line);
  }, log);
  for (const [count, full] of [
    [1, false],
    [3, true],
    [2, false],
  ] as const) {
    isFull = full;
    for (let at = 0; at < count; at += 1) audit.record(RECORD);
  }
  expect(lines.map((line) => JSON.parse(line))).toEqual([RECORD, RECORD, RECORD]);
  expect(said.map(([message]) => message)).toEqual([
    'the audit log can not be written, lines are lost',
    'the audit log is written again after lines were lost',
  ]);
  expect(said[1]?.[1]).toEqual({ count: 3 });
});
