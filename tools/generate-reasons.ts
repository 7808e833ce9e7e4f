// Writes docs/errors.md and docs/zh/errors.md from the reasons of the platform and its modules.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadModules } from '#apps/server/modules/manifest.ts';
import { MODULES } from '#apps/server/modules/modules.ts';
import { reasonSections } from '#apps/server/reason-sections.ts';
import { reasonsPage } from '#testing/reasons-page.ts';

const sections = reasonSections(await loadModules(MODULES));
const DOCS = path.join(import.meta.dirname, '..', 'docs');

for (const [file, language] of [
  [path.join(DOCS, 'errors.md'), 'en'],
  [path.join(DOCS, 'zh', 'errors.md'), 'zh'],
] as const)
  writeFileSync(file, reasonsPage(readFileSync(file, 'utf8'), sections, language));
