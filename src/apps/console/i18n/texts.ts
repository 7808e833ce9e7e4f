import type { en } from './en.ts';

type Filled<T> = { readonly [K in keyof T]: T[K] extends string ? string : Filled<T[K]> };

/** What a language must fill: every key of English. */
export type Texts = Filled<typeof en>;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}
