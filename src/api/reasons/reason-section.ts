/** A text in each language of the documents and the console; Markdown's backquotes only. */
export interface Bilingual {
  readonly en: string;
  readonly zh: string;
}

/** Reasons (CamelCase, as events, conditions and errors have them) that mean one thing. */
export interface ReasonRow {
  readonly names: readonly [string, ...string[]];
  /** Where a table tells it: the HTTP status, the kind of object. */
  readonly at?: string;
  readonly means: Bilingual;
  readonly remedy: Bilingual;
}

/** Rows under one head. */
export interface ReasonTable {
  readonly intro?: Bilingual;
  /** The head of the column `at`, in a table that has it. */
  readonly at?: Bilingual;
  readonly rows: readonly ReasonRow[];
}

/** What one part of the platform gives as reasons: docs/errors.md and its Chinese page, and `stowage reason`, are made of these. */
export interface ReasonSection {
  readonly title: Bilingual;
  readonly tables: readonly ReasonTable[];
  readonly outro?: Bilingual;
}
