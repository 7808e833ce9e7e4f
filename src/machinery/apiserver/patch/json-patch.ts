import { applyPatch, type Operation } from 'rfc6902';
import { deepEqual, isRecord, trusted } from '#kit/json.ts';
import { requireBoundedDepth } from './depth.ts';
import { PatchMalformed, PatchRejected } from './errors.ts';

/** Most operations of one patch (apiserver `maxJSONPatchOperations`). */
const MAX_OPERATIONS = 10_000;
/** Most characters that all `copy` operations together may add, so that doubling can't fill the memory (apiserver: the body limit, 3 MiB). */
const MAX_COPIED_CHARS = 3 * 1024 * 1024;

/** RFC 6901, section 4. */
const ARRAY_INDEX = /^(?:0|[1-9]\d*)$/;

const OPERATIONS: ReadonlySet<unknown> = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);
/** Names that a JavaScript object answers to without having them; the library would walk into its own prototype. */
const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * RFC 6902, all or nothing. The document stays as it is.
 * @throws PatchMalformed where the operations are not well formed
 * @throws PatchRejected where a path is not there or a `test` fails
 */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  requireBoundedDepth(operations);
  if (!Array.isArray(operations))
    throw new PatchMalformed('a JSON patch must be a list of operations, for example [{"op":"remove","path":"/metadata/labels/old"}]');
  if (operations.length > MAX_OPERATIONS) {
    throw new PatchMalformed(
      `the JSON patch has ${operations.length} operations; at most ${MAX_OPERATIONS} are allowed: send several patches`,
    );
  }
  // why: one holder, so that an operation on the whole document (path "") has a parent to change
  const holder: { document: unknown } = { document: structuredClone(document) };
  let copiedChars = 0;
  for (const [index, entry] of operations.entries()) {
    const operation = readOperation(entry, index);
    if (operation.op === 'copy') copiedChars += sizeAt(holder.document, operation.from);
    if (copiedChars > MAX_COPIED_CHARS)
      throw new PatchMalformed(`the copy operations of the JSON patch add more than ${MAX_COPIED_CHARS} characters`);
    applyOne(holder, operation, index);
  }
  return holder.document;
}

function readOperation(entry: unknown, index: number): Operation {
  if (!isRecord(entry) || !OPERATIONS.has(entry['op'])) {
    throw new PatchMalformed(`operation ${index} of the JSON patch needs "op" to be one of add, remove, replace, move, copy, test`);
  }
  checkPointer(entry['path'], `operation ${index}: path`);
  if (entry['op'] === 'move' || entry['op'] === 'copy') checkPointer(entry['from'], `operation ${index}: from`);
  const needsValue = entry['op'] === 'add' || entry['op'] === 'replace' || entry['op'] === 'test';
  if (needsValue && !Object.hasOwn(entry, 'value'))
    throw new PatchMalformed(`operation ${index} of the JSON patch (${String(entry['op'])}) needs "value"`);
  // why: op, path, from and value have just been checked
  return trusted<Operation>(entry);
}

function checkPointer(pointer: unknown, what: string): void {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/'))) {
    throw new PatchMalformed(`${what} must be a JSON pointer that starts with "/", got ${JSON.stringify(pointer)}`);
  }
  const reserved = pointer.split('/').find((token) => RESERVED.has(token));
  if (reserved !== undefined)
    throw new PatchMalformed(
      `${what} ${JSON.stringify(pointer)} names ${reserved}, which a JSON patch can't address here: use a merge patch`,
    );
}

function applyOne(holder: { document: unknown }, operation: Operation, index: number): void {
  if (operation.op === 'test') {
    // why not the library's: it puts what differs into a text, and there are values that have none
    if (deepEqual(valueAt(holder.document, operation.path) ?? null, operation.value)) return;
    throw new PatchRejected(
      `the server rejected our request due to an error in our request: operation ${index} (test ${operation.path}) of the JSON patch failed: testing value ${operation.path} failed`,
    );
  }
  const moved = 'from' in operation ? { from: `/document${operation.from}` } : {};
  const [fault] = applyPatch(holder, [trusted<Operation>({ ...operation, ...moved, path: `/document${operation.path}` })]);
  if (fault === null || fault === undefined) return;
  const where = `operation ${index} (${operation.op} ${operation.path})`;
  throw new PatchRejected(
    `the server rejected our request due to an error in our request: ${where} of the JSON patch failed: the path does not exist in the object`,
    fault,
  );
}

function sizeAt(document: unknown, pointer: string): number {
  const value = valueAt(document, pointer);
  return value === undefined ? 0 : JSON.stringify(value).length;
}

function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = ARRAY_INDEX.test(key) ? value[Number(key)] : undefined;
    else value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}
