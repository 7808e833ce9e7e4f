import { didYouMean } from '#kit/closest.ts';
import { PlatformError } from '#kit/errors.ts';
import type { ReasonRow, ReasonSection } from '#api/reasons/reason-section.ts';
import { loadModules } from '../server/modules/manifest.ts';
import { MODULES } from '../server/modules/modules.ts';
import { reasonSections } from '../server/reason-sections.ts';
import { defineCommand } from './define-command.ts';
import { formatJson, outputConfig } from './output-config.ts';
import { CommandRefused } from './run-command.ts';

/** What was found of a reason, and where it belongs. */
interface FoundReason extends Pick<ReasonRow, 'names' | 'at' | 'means' | 'remedy'> {
  readonly section: string;
}

/** `stowage reason`. */
export const reason = defineCommand({
  usage: 'REASON',
  about: 'Says what a reason of an event, a condition or an error means, and what to do. Needs no platform.',
  examples: [
    ['stowage reason FailedAttachVolume', 'what the event FailedAttachVolume of a pod means'],
    ['stowage reason PoolFull -o json', 'the same for programs, in English and Chinese'],
  ],
  flags: outputConfig,
  words: {
    min: 1,
    max: 1,
    takes: 'takes one reason, as kubectl describe shows it',
    findChoices: async () => namesOf(reasonSections(await loadModules(MODULES))),
  },
  run: async ({ print }, { config, words }) => {
    const [asked = ''] = words;
    if (asked === '') throw new CommandRefused('stowage reason takes one reason, as kubectl describe shows it: FailedMount');
    const sections = reasonSections(await loadModules(MODULES));
    const found = findReason(sections, asked);
    if (found.length === 0) throw unknownReason(sections, asked);
    if (config.output === 'json') print(formatJson(found));
    else for (const line of found.flatMap(linesOf)) print(line);
  },
});

function findReason(sections: readonly ReasonSection[], asked: string): readonly FoundReason[] {
  return sections.flatMap(({ title, tables }) =>
    tables.flatMap(({ rows }) => rows.filter(({ names }) => names.includes(asked)).map((row) => ({ section: title.en, ...row }))),
  );
}

function unknownReason(sections: readonly ReasonSection[], asked: string): PlatformError {
  const message = `nothing here gives the reason ${asked}${didYouMean(asked, namesOf(sections))}: docs/errors.md lists all`;
  return new PlatformError({ code: 'NotFound', reason: 'NotFound', message });
}

function namesOf(sections: readonly ReasonSection[]): readonly string[] {
  return [...new Set(sections.flatMap(({ tables }) => tables.flatMap(({ rows }) => rows.flatMap(({ names }) => names))))];
}

function linesOf({ names, at, section, means, remedy }: FoundReason): readonly string[] {
  const place = at === undefined ? section : `${section}, ${at}`;
  return [`${names.join(', ')} (${place})`, `  ${means.en}`, `  What to do: ${remedy.en}`];
}
