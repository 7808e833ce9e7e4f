import { useCallback } from 'react';
import { useWords } from '../i18n/use-words.ts';
import { RequestFailed } from './session.ts';

/** Says what went wrong in the present language; what is no failed request, in its own words. */
export function useFailureText(): (error: Error) => string {
  const say = useWords();
  return useCallback((error: Error) => (error instanceof RequestFailed ? say(error.refusal.words) : error.message), [say]);
}
