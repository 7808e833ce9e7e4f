import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';
import type { BundleFile } from './collect-objects.ts';

/** Of each log its newest part. */
const MAX_LOG_BYTES = 16 * 1024 * 1024;
/** Of the logs that were put aside the newest. */
const MAX_ASIDE = 3;

/** The platform's own logs; the audit log stays where it is, because policies may put bodies of requests into it. */
export function* logFiles(directory: string): Generator<BundleFile> {
  const names = readdirSync(directory).filter((name) => /^stowage.*\.log$/.test(name));
  const aside = names.filter((name) => name !== 'stowage.log').toSorted();
  for (const name of [...aside.slice(-MAX_ASIDE), ...names.filter((known) => known === 'stowage.log')])
    yield { name: `logs/${name}`, content: readEnd(path.join(directory, name)) };
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
