import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '#kit/error-codes.ts';
import { loadModules } from '#apps/server/modules/manifest.ts';
import { MODULES } from '#apps/server/modules/modules.ts';
import { reasonSections } from '#apps/server/reason-sections.ts';
import { reasonsPage } from '#testing/reasons-page.ts';
import { reasonsInCode } from '#testing/reasons-in-code.ts';

const SECTIONS = reasonSections(await loadModules(MODULES));
const ROOT = path.join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

const sources = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file) && !file.includes('generated'))
  .map((file) => path.join('src', file));

describe('docs/errors.md', () => {
  const document = read('docs/errors.md');

  it('has a row for every code, with its forms', () => {
    for (const [code, row] of Object.entries(ERROR_CODES)) {
      expect(document).toContain(`| \`${code}\` | ${row.http} | ${row.kubernetes} | ${row.grpc} | ${row.exit} |`);
    }
  });

  it('has every reason that the code can give, however it is written, and no row for another', () => {
    const byFile = reasonsInCode(new Map(sources.map((file) => [file, read(file)])));
    const inTables = new Set(namesInTables(document).map((name) => name.replaceAll('`', '')));
    const missing = [...byFile].flatMap(([file, reasons]) =>
      [...reasons].filter((reason) => !inTables.has(reason)).map((reason) => `${reason} (${file})`),
    );
    expect(missing, 'reasons without a row').toEqual([]);
    const inCode = new Set([...byFile.values()].flatMap((reasons) => [...reasons]));
    const rows = [...document.matchAll(/^\| `([A-Z][A-Za-z0-9]+)` \| [^|]+\| [^|]+\|$/gm)].map((match) => match[1] ?? '');
    expect(
      rows.filter((reason) => !inCode.has(reason)),
      'rows without a reason in the code',
    ).toEqual([]);
  });

  it.each([
    { name: 'a property', code: "const e = { reason: 'Written' };" },
    { name: 'behind a condition', code: "const e = { reason: isGood ? 'Written' : 'Other' };" },
    { name: 'a default', code: "const e = { reason: given ?? 'Written' };" },
    { name: 'through a variable', code: "const reason = isGood ? 'Written' : 'Other'; const e = { reason };" },
    { name: 'an argument', code: "function say(about: object, reason: string): void {} say({}, 'Written');" },
    { name: 'a constant of another name', code: "const WHY = 'Written' as const; const e = { reason: WHY };" },
  ])('finds a reason that is $name', ({ code }) => {
    expect([...(reasonsInCode(new Map([['a.ts', code]])).get('a.ts') ?? [])]).toContain('Written');
  });
});

/** Each name with which a row of one of the tables of reasons begins, or that stands behind its first cell, in order of the alphabet. */
function namesInTables(document: string): string[] {
  const rows = document.split('\n').filter((line) => line.startsWith('| '));
  const heads = rows.map((row) => row.split(' | ').slice(0, 2)).filter(([, second]) => !/^\d+$/.test(second ?? ''));
  const cells = heads.flat().map((cell) => cell.replace(/^\| /, ''));
  return [...new Set(cells.filter((cell) => /^`[A-Z]\w+`(?:, `[A-Z]\w+`)*$/.test(cell)).flatMap((cell) => cell.split(', ')))].toSorted();
}

describe('docs/zh/errors.md', () => {
  const document = read('docs/zh/errors.md');

  it('has a row for every reason of docs/errors.md, and no other', () => {
    const english = namesInTables(read('docs/errors.md'));
    expect(english).toContain('`CsrfTokenRefused`');
    expect(namesInTables(document)).toEqual(english);
  });

  it('has a row for every code, with its forms', () => {
    for (const [code, row] of Object.entries(ERROR_CODES)) {
      expect(document).toContain(`| \`${code}\` | ${row.http} | ${row.kubernetes} | ${row.grpc} | ${row.exit} |`);
    }
  });
});

describe('pages of errors', () => {
  it.each([
    { file: 'docs/errors.md', language: 'en' },
    { file: 'docs/zh/errors.md', language: 'zh' },
  ] as const)('$file is made of the reasons of the modules (npm run generate)', ({ file, language }) => {
    const page = read(file);
    expect(page).toBe(reasonsPage(page, SECTIONS, language));
  });

  it('have every section of src/api/reasons, and of the folders of systems beside it', () => {
    const api = path.join(ROOT, 'src', 'api');
    const shared = readdirSync(path.join(api, 'reasons')).filter((file) => file !== 'reason-section.ts');
    const own = readdirSync(api).filter((folder) => existsSync(path.join(api, folder, 'reasons.ts')));
    expect(SECTIONS).toHaveLength(shared.length + own.length);
  });

  it('have each reason of a table once', () => {
    const tables = SECTIONS.flatMap(({ title, tables: all }) => all.map((table) => ({ title: title.en, table })));
    for (const { title, table } of tables) {
      const names = table.rows.flatMap((row) => row.names);
      expect([title, ...names]).toEqual([title, ...new Set(names)]);
    }
  });
});

describe('documents', () => {
  it('docs/dependencies.md has a line for every package', () => {
    const manifest: unknown = JSON.parse(read('package.json'));
    const document = read('docs/dependencies.md');
    const names = Object.keys({ ...Object(Object(manifest).dependencies), ...Object(Object(manifest).devDependencies) });
    expect(names.filter((name) => !document.includes(`\`${name}\``) && !name.startsWith('@types/'))).toEqual([]);
  });

  it('ARCHITECTURE.md stays within 150 lines, and a layer’s README within 40', () => {
    expect(read('ARCHITECTURE.md').split('\n').length).toBeLessThanOrEqual(150);
    const readmes = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('README.md'));
    for (const file of readmes) expect(read(path.join('src', file)).split('\n').length, file).toBeLessThanOrEqual(41);
  });

  const pages = readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));

  it.each(['en', 'zh'])('docs/%s has a page wherever the other language has one', (language) => {
    const other = language === 'en' ? 'zh' : 'en';
    const missing = readdirSync(path.join(ROOT, 'docs', other)).filter(
      (file) => !existsSync(path.join(ROOT, 'docs', language, file)) && !pages.includes(file) && file !== 'README.md',
    );
    expect(missing).toEqual([]);
  });

  it.each(['README.md', 'ARCHITECTURE.md', ...pages.map((file) => path.join('docs', file))])('%s links only to what is there', (file) => {
    const links = [...read(file).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map((match) => match[1] ?? '').filter((link) => !/^https?:/.test(link));
    for (const link of links) expect(existsSync(path.join(ROOT, path.dirname(file), link)), link).toBe(true);
  });
});
