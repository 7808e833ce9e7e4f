import { isRecord } from '#kit/json.ts';
import { SENTENCES } from './sentences.ts';

/** One of the sentences that are said in every language. */
export type WordsCode = keyof typeof SENTENCES;

/** What stands for a placeholder: text as it is, other words, or a list of them. */
export type WordsValue = string | Words | readonly Words[];

/** A sentence, free of language. */
export interface Words {
  readonly code: WordsCode;
  readonly values: Readonly<Record<string, WordsValue>>;
}

/** Languages in which an explanation can be said. */
export type WordsLanguage = 'en' | 'zh';

/** One thing that was looked at, and what it says. */
export interface Finding {
  /** For example `persistentvolume pv-1`. */
  readonly subject: string;
  readonly words: Words;
}

/** Why an object is in the state that it is in, free of language. */
export interface Explanation {
  /** `fine` needs nothing, `busy` passes by itself, `blocked` needs somebody. */
  readonly state: 'fine' | 'busy' | 'blocked';
  /** The reason, in one sentence. */
  readonly summary: Words;
  /** Every candidate, with the reason against it: what decides first. */
  readonly findings: readonly Finding[];
  /** What helps. */
  readonly remedies: readonly Words[];
}

/** An explanation in one language. */
export interface ToldExplanation {
  readonly state: Explanation['state'];
  readonly code: WordsCode;
  readonly summary: string;
  readonly findings: readonly { readonly subject: string; readonly text: string; readonly code: WordsCode }[];
  readonly remedies: readonly string[];
}

/** The sentence `code` with its values. */
export function words(code: WordsCode, values: Words['values'] = {}): Words {
  return { code, values };
}

/** What somebody else said, in his own words. */
export function said(text: string): Words {
  return words('said', { text });
}

/** The sentence in `language`. Pure. */
export function wordsText({ code, values }: Words, language: WordsLanguage): string {
  const separator = language === 'zh' ? '；' : '; ';
  const textOf = (value: WordsValue | undefined): string => {
    if (value === undefined) return '';
    if (typeof value === 'string') return value;
    return isList(value) ? value.map(textOf).join(separator) : wordsText(value, language);
  };
  return SENTENCES[code][language].replace(/\{(\w+)\}/g, (_, name: string) => textOf(values[name]));
}

function isList(value: Words | readonly Words[]): value is readonly Words[] {
  return Array.isArray(value);
}

/** The explanation in `language`. Pure. */
export function tell({ state, summary, findings, remedies }: Explanation, language: WordsLanguage): ToldExplanation {
  return {
    state,
    code: summary.code,
    summary: wordsText(summary, language),
    findings: findings.map((finding) => ({
      subject: finding.subject,
      text: wordsText(finding.words, language),
      code: finding.words.code,
    })),
    remedies: remedies.map((remedy) => wordsText(remedy, language)),
  };
}

/** True for an explanation as the console's gateway sends it. */
export function isExplanation(value: unknown): value is Explanation {
  if (!isRecord(value) || typeof value['state'] !== 'string' || !isWords(value['summary'])) return false;
  return isListOf(value['findings'], isFinding) && isListOf(value['remedies'], isWords);
}

function isFinding(value: unknown): boolean {
  return isRecord(value) && typeof value['subject'] === 'string' && isWords(value['words']);
}

/** True for words as they are sent. */
export function isWords(value: unknown): value is Words {
  return isRecord(value) && typeof value['code'] === 'string' && Object.hasOwn(SENTENCES, value['code']) && isRecord(value['values']);
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}
