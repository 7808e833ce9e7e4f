import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en.ts';
import { zh } from './zh.ts';

/** The languages of the console, by the tag that documents carry. */
export const LANGUAGES = [
  { tag: 'en', name: 'English' },
  { tag: 'zh-CN', name: '中文' },
] as const;

/** One of {@link LANGUAGES}. */
export type Language = (typeof LANGUAGES)[number]['tag'];

const STORED_AS = 'stowage.language';

/** The language chosen before, else the browser's. */
export function initialLanguage(): Language {
  const wanted = localStorage.getItem(STORED_AS) ?? navigator.language;
  return wanted.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}

/** Makes the texts ready; synchronous, because both languages are part of the bundle. */
export function initTexts(language: Language): void {
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    resources: { en: { translation: en }, 'zh-CN': { translation: zh } },
    interpolation: { escapeValue: false }, // React escapes
    initAsync: false,
  });
  document.documentElement.lang = language;
}

/** Switches the language and remembers it. */
export async function changeLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED_AS, language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}
