import { newNotes } from '../contract/audit.ts';
import type { ApiRequest, WriteRequest } from '../contract/request.ts';
import { type Exchange, headerOf } from './messages.ts';
import { managerOfUserAgent, writeOptions } from './query.ts';

/** A write as the query and headers of its request ask for it; its warnings go into the answer. @throws ApiError 422 */
export function writeRequest(exchange: Exchange, request: ApiRequest): WriteRequest {
  const { isDryRun, fieldValidation } = writeOptions(exchange.query);
  const warn = (text: string): void => void exchange.warnings.push(text);
  return { ...request, isDryRun, fieldValidation, ownership: { manager: managerOf(exchange) }, warn, notes: newNotes() };
}

/** Who writes: the field manager that the client names, or its program. @throws ApiError 422 */
export function managerOf({ query, request }: Exchange): string {
  const { fieldManager } = writeOptions(query);
  return fieldManager === '' ? managerOfUserAgent(headerOf(request, 'user-agent')) : fieldManager;
}
