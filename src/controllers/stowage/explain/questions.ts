import { isWords } from '#api/explanation.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import { isRecord } from '#kit/json.ts';
import type { Explainable } from './explain.ts';
import type { Waiting } from './waiting-objects.ts';

/** Where a running platform answers questions, below the console: `?kind=…&namespace=…&name=…`. */
export const EXPLAIN_PATH = '/console/api/explain';
/** Where it says what waits: `?namespace=…`, of all without one. */
export const WAITING_PATH = '/console/api/waiting';

/** What questions call the kinds. */
const KINDS: Readonly<Record<Explainable, string>> = {
  claim: 'pvc',
  pod: 'pod',
  volume: 'pv',
  class: 'storageclass',
  node: 'node',
  namespace: 'namespace',
};

/** What kinds can be asked about. */
export const QUESTION_KINDS: readonly string[] = Object.values(KINDS);

/** An object that is asked about. */
export interface Question {
  readonly kind: Explainable;
  readonly key: ObjectKey;
}

/** The question as a path. */
export function questionPath({ kind, key }: Question): string {
  return `${EXPLAIN_PATH}?${new URLSearchParams({ kind: KINDS[kind], ...key }).toString()}`;
}

/** The question that a path is; undefined where it names no object. */
export function parseQuestion(query: URLSearchParams): Question | undefined {
  const key: ObjectKey = { namespace: query.get('namespace') ?? '', name: query.get('name') ?? '' };
  const kind = EXPLAINABLE.find((each) => KINDS[each] === query.get('kind'));
  const isPlaced = key.namespace !== '' || (kind !== 'claim' && kind !== 'pod');
  return kind === undefined || !isPlaced || key.name === '' ? undefined : { kind, key };
}

const EXPLAINABLE: readonly Explainable[] = ['claim', 'pod', 'volume', 'class', 'node', 'namespace'];

/** True for what a platform answers to the question what waits. */
export function isWaiting(value: unknown): value is Waiting {
  return isRecord(value) && typeof value['unlooked'] === 'number' && isListOf(value['groups'], isGroup);
}

function isGroup(value: unknown): boolean {
  if (!isRecord(value) || typeof value['state'] !== 'string' || !isWords(value['cause'])) return false;
  return isListOf(value['objects'], (name) => typeof name === 'string') && isListOf(value['remedies'], isWords);
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}
