import { badRequest } from '../contract/status-error.ts';

/** Reads a client's resourceVersion; undefined where none was given. @throws ApiError `InvalidArgument` */
export function parseResourceVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const revision = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(revision))
    throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(text.slice(0, 64))}: must be a version that this server gave out`);
  return revision;
}
