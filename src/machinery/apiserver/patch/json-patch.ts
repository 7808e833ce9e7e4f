import { isDeeperThan, MAX_DEPTH } from '#api/schema/excess.ts';
import { deepEqual, isRecord } from '#kit/json.ts';
import { requireBoundedDepth } from './depth.ts';
import { PatchMalformed, PatchRejected, PatchTestFailed } from './errors.ts';
import { indexOf, pointerTokens, setMember, valueBehind } from './json-pointer.ts';

/** Most operations of one patch (apiserver `maxJSONPatchOperations`). */
const MAX_OPERATIONS = 10_000;
/** Most characters that all `copy` operations together may add, so that doubling can't fill the memory (apiserver: the body limit, 3 MiB). */
const MAX_COPIED_CHARS = 3 * 1024 * 1024;
/** Most list items that the operations together may move: a patch of 10,000 insertions into a list of 2,000 items stays below. */
const MAX_MOVED_ITEMS = 20_000_000;

type OperationName = 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
const OPERATIONS: ReadonlySet<unknown> = new Set<OperationName>(['add', 'remove', 'replace', 'move', 'copy', 'test']);

interface Operation {
  readonly op: OperationName;
  readonly path: string;
  /** `''` where the operation has none. */
  readonly from: string;
  readonly value: unknown;
}

/**
 * RFC 6902, all or nothing, with the liberties of the library that kube-apiserver uses (evanphx/json-patch v4): `replace` sets a key that is not there,
 * `copy` and `test` find null there, an index may count from the end. The document stays as it is.
 * @throws PatchMalformed where the operations are not well formed, or cost too much
 * @throws PatchRejected where a path is not there, PatchTestFailed where a `test` fails
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
  const patched = new PatchedDocument(document);
  for (const [index, entry] of operations.entries()) patched.apply(readOperation(entry, index), index);
  requireBoundedDepth(patched.document);
  return patched.document;
}

function readOperation(entry: unknown, index: number): Operation {
  const op = isRecord(entry) ? entry['op'] : undefined;
  if (!isRecord(entry) || !isOperationName(op)) {
    throw new PatchMalformed(`operation ${index} of the JSON patch needs "op" to be one of add, remove, replace, move, copy, test`);
  }
  const path = readPointer(entry['path'], `operation ${index}: path`);
  const from = op === 'move' || op === 'copy' ? readPointer(entry['from'], `operation ${index}: from`) : '';
  const needsValue = op === 'add' || op === 'replace' || op === 'test';
  if (needsValue && !Object.hasOwn(entry, 'value')) throw new PatchMalformed(`operation ${index} of the JSON patch (${op}) needs "value"`);
  return { op, path, from, value: entry['value'] };
}

function isOperationName(value: unknown): value is OperationName {
  return OPERATIONS.has(value);
}

function readPointer(pointer: unknown, what: string): string {
  if (typeof pointer === 'string' && (pointer === '' || pointer.startsWith('/'))) return pointer;
  throw new PatchMalformed(`${what} must be a JSON pointer that starts with "/", got ${JSON.stringify(pointer)}`);
}

/** A document while operations change it. */
class PatchedDocument {
  document: unknown;
  #copiedChars = 0;
  #movedItems = 0;

  constructor(document: unknown) {
    this.document = structuredClone(document);
  }

  apply(operation: Operation, index: number): void {
    if (operation.op === 'test') {
      if (this.#holds(operation)) return;
      throw new PatchTestFailed(
        `${REJECTED}: operation ${index} (test ${operation.path}) of the JSON patch failed: testing value ${operation.path} failed`,
      );
    }
    if (this.#change(operation)) return;
    const where = `operation ${index} (${operation.op} ${operation.path})`;
    throw new PatchRejected(`${REJECTED}: ${where} of the JSON patch failed: the path does not exist in the object`);
  }

  #holds({ path, value }: Operation): boolean {
    // why no bound: a test that fails ends the patch, and one that holds looks at no more than its value
    const found = this.#found(path);
    return found !== undefined && deepEqual(found, value);
  }

  /** False where the path does not exist. */
  #change({ op, path, from, value }: Operation): boolean {
    switch (op) {
      case 'add':
        return this.#add(path, structuredClone(value));
      case 'replace':
        return this.#replace(path, structuredClone(value));
      case 'remove':
        return this.#remove(path);
      case 'copy':
        return this.#copy(from, path);
      case 'move': {
        const moved = valueBehind(this.document, pointerTokens(from));
        return moved !== undefined && this.#remove(from) && this.#add(path, moved);
      }
      default:
        return false;
    }
  }

  /** A key that an object does not have is null, as for the library that kube-apiserver uses; undefined where nothing could have it. */
  #found(path: string): unknown {
    const tokens = pointerTokens(path);
    const found = valueBehind(this.document, tokens);
    return found === undefined && isRecord(valueBehind(this.document, tokens.slice(0, -1))) ? null : found;
  }

  #copy(from: string, path: string): boolean {
    const found = this.#found(from);
    if (found === undefined) return false;
    if (isDeeperThan(found, MAX_DEPTH)) throw new PatchMalformed(`the patch makes the object nest deeper than ${MAX_DEPTH} levels`);
    this.#copiedChars += JSON.stringify(found).length;
    if (this.#copiedChars > MAX_COPIED_CHARS)
      throw new PatchMalformed(`the copy operations of the JSON patch add more than ${MAX_COPIED_CHARS} characters`);
    return this.#add(path, structuredClone(found));
  }

  #add(path: string, value: unknown): boolean {
    const tokens = pointerTokens(path);
    const key = tokens.at(-1);
    if (key === undefined) return this.#become(value);
    const parent = valueBehind(this.document, tokens.slice(0, -1));
    if (Array.isArray(parent)) return this.#insert(parent, key, value);
    if (!isRecord(parent)) return false;
    setMember(parent, key, value);
    return true;
  }

  #insert(list: unknown[], key: string, value: unknown): boolean {
    const place = key === '-' ? list.length : indexOf(key, list.length + 1);
    if (place === undefined) return false;
    this.#countMoved(list.length - place);
    list.splice(place, 0, value);
    return true;
  }

  #replace(path: string, value: unknown): boolean {
    const tokens = pointerTokens(path);
    const key = tokens.at(-1);
    if (key === undefined) return this.#become(value);
    const parent = valueBehind(this.document, tokens.slice(0, -1));
    if (isRecord(parent)) {
      setMember(parent, key, value);
      return true;
    }
    const place = Array.isArray(parent) ? indexOf(key, parent.length) : undefined;
    if (!Array.isArray(parent) || place === undefined) return false;
    parent[place] = value;
    return true;
  }

  #remove(path: string): boolean {
    const tokens = pointerTokens(path);
    const key = tokens.at(-1);
    if (key === undefined) return false;
    const parent = valueBehind(this.document, tokens.slice(0, -1));
    if (isRecord(parent)) return Object.hasOwn(parent, key) && Reflect.deleteProperty(parent, key);
    const place = Array.isArray(parent) ? indexOf(key, parent.length) : undefined;
    if (!Array.isArray(parent) || place === undefined) return false;
    this.#countMoved(parent.length - place);
    parent.splice(place, 1);
    return true;
  }

  #become(value: unknown): true {
    this.document = value;
    return true;
  }

  #countMoved(count: number): void {
    this.#movedItems += count;
    if (this.#movedItems > MAX_MOVED_ITEMS)
      throw new PatchMalformed(`the operations of the JSON patch move more than ${MAX_MOVED_ITEMS} list items: send several patches`);
  }
}

const REJECTED = 'the server rejected our request due to an error in our request';
