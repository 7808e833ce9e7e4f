import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameFault, planScaffold, SCAFFOLDS } from './scaffold.ts';

/** `node tools/new.ts controller|driver|page NAME`: writes the folder of a new one, with a test that fails until somebody says what is wanted. */
const [kind = '', name = ''] = process.argv.slice(2);
const scaffold = SCAFFOLDS.find((candidate) => candidate === kind);
if (scaffold === undefined) refuse(`usage: node tools/new.ts ${SCAFFOLDS.join('|')} NAME`);
const fault = nameFault(name);
if (fault !== undefined) refuse(fault);
const { folder, files, next } = planScaffold(scaffold, name);
if (existsSync(folder)) refuse(`${folder} is there already; nothing was written`);
mkdirSync(folder, { recursive: true });
for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
console.log([`wrote ${folder}: ${Object.keys(files).join(', ')}`, ...next.map((step) => `next: ${step}`)].join('\n'));

function refuse(why: string): never {
  console.error(why);
  process.exit(64);
}
