import { parseExactJson } from '#kit/exact-json.ts';
import { ERROR_CODES, isErrorCode } from '#kit/error-codes.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { ApiError, type StatusBody } from './api-error.ts';
import { ApiUnreachable } from './transport.ts';

/** Characters of an answer that is no Status which its error repeats. */
const SAID_KEPT = 200;

/** The refusal that an answer with an error status means: its Status, or one made from the HTTP status where something between answered. */
export function refusal(httpStatus: number, text: string, server: string): ApiError {
  const body = tryParse(text);
  if (isRecord(body) && body['kind'] === 'Status' && typeof body['message'] === 'string') {
    const code = typeof body['code'] === 'number' ? body['code'] : httpStatus;
    return new ApiError(
      trusted<StatusBody>({ ...body, code, reason: typeof body['reason'] === 'string' ? body['reason'] : reasonOf(code) }),
    );
  }
  const said = text.trim().slice(0, SAID_KEPT);
  const message = `${server} answered with HTTP status ${httpStatus}${said === '' ? '' : `: ${said}`}`;
  return new ApiError({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason: reasonOf(httpStatus), code: httpStatus });
}

/** The JSON of a good answer. @throws ApiUnreachable where it is none: something else than an API server answers there */
export function parseJson(text: string, server: string): unknown {
  const value = tryParse(text);
  if (value === undefined) throw new ApiUnreachable(server, `its answer is no JSON (${text.slice(0, SAID_KEPT)}); is it an API server?`);
  return value;
}

function tryParse(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    // why: whether it is JSON is the question
    return undefined;
  }
}

function reasonOf(httpStatus: number): string {
  const code = Object.keys(ERROR_CODES).find((name) => isErrorCode(name) && ERROR_CODES[name].http === httpStatus);
  return code !== undefined && isErrorCode(code) ? ERROR_CODES[code].kubernetes : 'Unknown';
}
