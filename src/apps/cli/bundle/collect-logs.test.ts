import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { logFiles } from './collect-logs.ts';

it("takes each log with the newest that were put aside, further nodes' too, and no audit log", () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'collect-logs-'));
  const aside = (log: string, day: number): string => `${log}-2026-01-0${day}T00-00-00.000.log`;
  const names = ['stowage.log', 'node-2.log', 'audit.log', aside('audit', 1), aside('node-2', 1), 'settings.txt'];
  for (const name of [...names, ...[1, 2, 3, 4].map((day) => aside('stowage', day))]) writeFileSync(path.join(directory, name), name);
  const files = [...logFiles(directory)];
  rmSync(directory, { recursive: true });
  expect(files.map(({ name }) => name).toSorted()).toEqual(
    [...[2, 3, 4].map((day) => aside('stowage', day)), 'stowage.log', aside('node-2', 1), 'node-2.log']
      .map((name) => `logs/${name}`)
      .toSorted(),
  );
  expect(files.find(({ name }) => name === 'logs/node-2.log')?.content).toBe('node-2.log');
});
