import type { Bilingual, ReasonSection, ReasonTable } from '#api/reasons/reason-section.ts';

/** What follows is made of the sections of the modules; what stands before it is written by hand. */
export const REASONS_MARK = '<!-- npm run generate -->\n';

const HEADS = {
  reason: { en: 'reason', zh: '原因' },
  means: { en: 'what it means', zh: '含义' },
  remedy: { en: 'what to do', zh: '处理方法' },
} as const satisfies Readonly<Record<string, Bilingual>>;

/** The page of errors in one language: `page` up to {@link REASONS_MARK}, then a head and its tables for each section. Pure. */
export function reasonsPage(page: string, sections: readonly ReasonSection[], language: keyof Bilingual): string {
  const [written = ''] = page.split(REASONS_MARK);
  const told = sections.map(({ title, tables, outro }) =>
    [`## ${title[language]}`, ...tables.map((table) => tableOf(table, language)), ...(outro === undefined ? [] : [outro[language]])].join(
      '\n\n',
    ),
  );
  return `${written}${REASONS_MARK}\n${told.join('\n\n')}\n`;
}

function tableOf({ intro, at, rows }: ReasonTable, language: keyof Bilingual): string {
  const heads = [...(at === undefined ? [] : [at]), HEADS.reason, HEADS.means, HEADS.remedy].map((head) => head[language]);
  const cells = rows.map((row) => [
    ...(at === undefined ? [] : [row.at ?? '']),
    row.names.map((name) => `\`${name}\``).join(', '),
    row.means[language],
    row.remedy[language],
  ]);
  const lines = [lineOf(heads), `|${'---|'.repeat(heads.length)}`, ...cells.map(lineOf)];
  return `${intro === undefined ? '' : `${intro[language]}\n\n`}${lines.join('\n')}`;
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
