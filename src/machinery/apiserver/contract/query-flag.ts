import { badRequest } from './status-error.ts';

/** A flag of the query as Go reads booleans; undefined where it is not there. @throws ApiError 400 */
export function isSet(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (['', '1', 't', 'true', 'T', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'false', 'F', 'FALSE', 'False'].includes(text)) return false;
  throw badRequest(`${name}: Invalid value: ${JSON.stringify(text)}: write true or false`);
}
