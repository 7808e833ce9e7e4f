import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameFault, planScaffold, SCAFFOLDS } from './scaffold.ts';

/** `node tools/new.ts module|controller|driver|page NAME`: writes the folders of a new one, with tests that fail until somebody says what is wanted. */
const [kind = '', name = ''] = process.argv.slice(2);
const scaffold = SCAFFOLDS.find((candidate) => candidate === kind);
if (scaffold === undefined) refuse(`usage: node tools/new.ts ${SCAFFOLDS.join('|')} NAME`);
const fault = nameFault(name);
if (fault !== undefined) refuse(fault);
const { folders, changes = {}, next } = planScaffold(scaffold, name);
const written = Object.entries(folders).flatMap(([folder, files]) =>
  Object.entries(files).map(([file, text]) => ({ path: join(folder, file), text })),
);
const known = written.find(({ path }) => existsSync(path));
if (known !== undefined) refuse(`${known.path} is there already; nothing was written`);
for (const folder of Object.keys(folders)) mkdirSync(folder, { recursive: true });
for (const { path, text } of written) writeFileSync(path, text);
for (const [path, change] of Object.entries(changes)) writeFileSync(path, change(readFileSync(path, 'utf8')));
console.log(
  [
    ...Object.entries(folders).map(([folder, files]) => `wrote ${folder}: ${Object.keys(files).join(', ')}`),
    ...Object.keys(changes).map((path) => `changed ${path}`),
    ...next.map((step) => `next: ${step}`),
  ].join('\n'),
);

function refuse(why: string): never {
  console.error(why);
  process.exit(64);
}
