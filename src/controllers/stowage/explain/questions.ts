import { isWords } from '#api/explanation.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import { isRecord } from '#kit/json.ts';
import type { ExplainedKind, KindExplainer } from './explained-kind.ts';
import type { Waiting } from './waiting-objects.ts';

/** Where a running platform answers questions, below the console: `?kind=…&namespace=…&name=…`. */
export const EXPLAIN_PATH = '/console/api/explain';
/** Where it says what waits: `?namespace=…`, of all without one. */
export const WAITING_PATH = '/console/api/waiting';

/** An object that is asked about. */
export interface Question {
  readonly kind: ExplainedKind;
  readonly key: ObjectKey;
}

/** What questions call a kind. */
export function askedName({ type, asked = type }: ExplainedKind): string {
  return asked;
}

/** The question as a path. */
export function questionPath({ kind, key }: Question): string {
  return `${EXPLAIN_PATH}?${new URLSearchParams({ kind: askedName(kind), ...key }).toString()}`;
}

/** The question, about one of `kinds`, that a path is; undefined where it names no object. */
export async function parseQuestion(
  query: URLSearchParams,
  kinds: readonly ExplainedKind[],
): Promise<{ readonly explainer: KindExplainer; readonly key: ObjectKey } | undefined> {
  const key: ObjectKey = { namespace: query.get('namespace') ?? '', name: query.get('name') ?? '' };
  const explainer = await kinds.find((kind) => askedName(kind) === query.get('kind'))?.load();
  if (explainer === undefined || key.name === '') return undefined;
  return explainer.resource.isNamespaced && key.namespace === '' ? undefined : { explainer, key };
}

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
