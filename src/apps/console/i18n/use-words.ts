import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { type Words, type WordsLanguage, wordsText } from '#api/explanation.ts';

/** The present language, of those in which words are said. */
export function useWordsLanguage(): WordsLanguage {
  const { i18n } = useTranslation();
  return i18n.language.startsWith('zh') ? 'zh' : 'en';
}

/** Says words in the present language. */
export function useWords(): (words: Words) => string {
  const language = useWordsLanguage();
  return useCallback((words: Words) => wordsText(words, language), [language]);
}
