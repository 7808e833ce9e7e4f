import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';
import type { BundleFile } from './collect-objects.ts';

/** Of each log its newest part. */
const MAX_LOG_BYTES = 16 * 1024 * 1024;
/** Of the logs that were put aside the newest. */
const MAX_ASIDE = 3;

/** What the name of a log gets when it is put aside: `-2026-01-01T00-00-00.000`. */
const TIME = /-\d{4}-\d{2}-\d{2}T[\d.-]+(?=\.log$)/;
const AUDIT_LOG = 'audit.log';

/** The logs of the platform and of its further nodes; the audit log stays where it is, because policies may put bodies of requests into it. */
export function* logFiles(directory: string): Generator<BundleFile> {
  const names = readdirSync(directory).filter((name) => name.endsWith('.log'));
  const logs = Map.groupBy(names, (name) => name.replace(TIME, ''));
  for (const [log, all] of logs) {
    if (log === AUDIT_LOG) continue;
    const aside = all.filter((name) => name !== log).toSorted();
    for (const name of [...aside.slice(-MAX_ASIDE), ...all.filter((known) => known === log)])
      yield { name: `logs/${name}`, content: readEnd(path.join(directory, name)) };
  }
}

function readEnd(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(size, MAX_LOG_BYTES));
    const read = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    const text = bytes.toString('utf8', 0, read);
    // why: half a line is not JSON
    return size > bytes.length ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    closeSync(descriptor);
  }
}
