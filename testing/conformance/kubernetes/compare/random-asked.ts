import { isRecord } from '#kit/json.ts';
import { pick, type Roll, spoil } from '../../../fuzz/random-json.ts';
import { asNew, type ObjectDocument, type Place, placeOf } from './documents.ts';
import type { Asked } from './servers.ts';

/** Requests about one object, each as both servers get it; the first makes it. */
export interface AskedSeries {
  readonly kind: string;
  readonly asked: readonly Asked[];
}

/** Values of the right type that one wrong field may get, beside what a spoilt document has. */
const VALUES: readonly unknown[] = [
  null,
  '',
  'a',
  'A_B',
  'x'.repeat(64),
  'x'.repeat(254),
  '10Gi',
  '1n',
  '-1',
  '0.5',
  '1e3',
  '2024-02-30T00:00:00Z',
  0,
  1,
  -1,
  1.5,
  70_000,
  2 ** 31,
  2 ** 53,
  true,
  [],
  {},
  ['a', 'a'],
  [{ name: 'a' }, { name: 'a' }],
  { a: 'b' },
  { matchLabels: { app: 'a' } },
];
const LABELS = ['app=a', 'app in (a,b)', '!app', 'app notin (a)', 'a=b,c', 'app>1', 'a==b', '(', 'x/y/z=1', 'app in ()', ''];
const FIELDS = ['metadata.name=a', 'metadata.namespace!=default', 'spec.nodeName=', 'status.phase=Running', 'x=y', 'metadata.name', ''];
const PATCHES = {
  'application/merge-patch+json': mergePatch,
  'application/strategic-merge-patch+json': mergePatch,
  'application/json-patch+json': jsonPatch,
  'application/apply-patch+yaml': applyPatch,
} as const;

/** Requests about an object that is like `document`, with something wrong or not; undefined for a kind that is not built in. */
export function randomSeries(roll: Roll, { object }: ObjectDocument, name: string): AskedSeries | undefined {
  const place = placeOf(object);
  if (place === undefined || place.collection.endsWith('/customresourcedefinitions')) return undefined;
  const kind = String(object['kind']);
  const base = named(asNew(object, place), name);
  const path = `${place.collection}/${name}`;
  const isSpoilt = roll(3) > 0;
  const tried = isSpoilt ? spoiltCopy(roll, base) : base;
  const make: Asked = { method: 'POST', path: `${place.collection}?${options(roll)}`, body: JSON.stringify(tried) };
  if (roll(2) === 0) return { kind, asked: [{ ...make, path: `${place.collection}?dryRun=All&${options(roll)}` }] };
  const made: Asked = { method: 'POST', path: place.collection, body: JSON.stringify(base) };
  const changes = Array.from({ length: 1 + roll(4) }, () => change(roll, { base, path, place }));
  return { kind, asked: [made, ...changes, query(roll, place), { method: 'DELETE', path: `${path}?gracePeriodSeconds=0` }] };
}

interface Target {
  readonly base: Record<string, unknown>;
  readonly path: string;
  readonly place: Place;
}

function change(roll: Roll, { base, path }: Target): Asked {
  if (roll(5) === 0) return { method: 'PUT', path: `${path}?dryRun=All&${options(roll)}`, body: JSON.stringify(replacement(roll, base)) };
  const type = pick(roll, [
    'application/merge-patch+json',
    'application/strategic-merge-patch+json',
    'application/json-patch+json',
    'application/apply-patch+yaml',
  ] as const);
  const manager = type === 'application/apply-patch+yaml' ? `&fieldManager=judge${roll(2) === 0 ? '&force=true' : ''}` : '';
  const body = JSON.stringify(PATCHES[type](roll, base));
  return { method: 'PATCH', path: `${path}?dryRun=All&${options(roll)}${manager}`, contentType: type, body };
}

/** The whole object with something changed, or what says which it is. */
function replacement(roll: Roll, base: Record<string, unknown>): unknown {
  if (roll(6) > 0) return spoiltCopy(roll, base);
  const metadata = isRecord(base['metadata']) ? base['metadata'] : {};
  const key = pick(roll, ['name', 'namespace', 'uid', 'resourceVersion'] as const);
  if (roll(2) === 0) return { ...base, [pick(roll, ['apiVersion', 'kind', 'metadata'] as const)]: pick(roll, VALUES) };
  return { ...base, metadata: { ...metadata, [key]: pick(roll, VALUES) } };
}

function query(roll: Roll, { collection }: Place): Asked {
  const parameters = new URLSearchParams();
  if (roll(2) === 0) parameters.set('labelSelector', pick(roll, LABELS));
  if (roll(3) === 0) parameters.set('fieldSelector', pick(roll, FIELDS));
  if (roll(3) === 0) parameters.set('limit', pick(roll, ['1', '0', '-1', 'x', '500']));
  if (roll(4) === 0) parameters.set('resourceVersion', pick(roll, ['0', '1', 'x', '99999999']));
  if (roll(5) === 0) parameters.set('resourceVersionMatch', pick(roll, ['Exact', 'NotOlderThan', 'x']));
  // why the status alone is compared: what else is there is not the same
  return { method: 'GET', path: `${collection}?${parameters.toString()}` };
}

function options(roll: Roll): string {
  return `fieldValidation=${pick(roll, ['Strict', 'Warn', 'Ignore'])}`;
}

function named(object: Record<string, unknown>, name: string): Record<string, unknown> {
  const metadata = isRecord(object['metadata']) ? object['metadata'] : {};
  return { ...object, metadata: { ...metadata, name } };
}

/** As it was, with something wrong below metadata or another field; its kind and name stay. */
function spoiltCopy(roll: Roll, base: Record<string, unknown>): Record<string, unknown> {
  const { apiVersion, kind, metadata, ...rest } = base;
  const spoilt = roll(2) === 0 ? spoil(roll, rest) : withOneValue(roll, rest);
  const wrong = isRecord(spoilt) ? spoilt : rest;
  const labels = roll(6) === 0 && isRecord(metadata) ? { ...metadata, labels: pick(roll, VALUES) } : metadata;
  return { apiVersion, kind, metadata: labels, ...wrong };
}

/** One field, any depth, gets another value, goes, or comes. */
function withOneValue(roll: Roll, value: unknown): unknown {
  if (Array.isArray(value)) {
    const at = roll(value.length + 1);
    if (at === value.length) return roll(2) === 0 ? [...value, ...value.slice(-1)] : pick(roll, VALUES);
    return value.map((item: unknown, index) => (index === at ? withOneValue(roll, item) : item));
  }
  if (!isRecord(value) || Object.keys(value).length === 0 || roll(8) === 0) return pick(roll, VALUES);
  const key = pick(roll, Object.keys(value));
  const { [key]: inner, ...others } = value;
  if (roll(6) === 0) return others;
  return roll(10) === 0 ? { ...value, unknownField: pick(roll, VALUES) } : { ...others, [key]: withOneValue(roll, inner) };
}

/** Some of the object's own fields, changed. */
function mergePatch(roll: Roll, base: Record<string, unknown>): unknown {
  const { apiVersion: _v, kind: _k, metadata: _m, ...rest } = base;
  const labels = roll(3) === 0 ? { metadata: { labels: { judge: pick(roll, ['a', null, '']) } } } : {};
  const changed = withOneValue(roll, rest);
  return { ...labels, ...(isRecord(changed) ? changed : {}) };
}

function jsonPatch(roll: Roll, base: Record<string, unknown>): unknown {
  const pointers = pointersOf(base).filter((pointer) => !pointer.startsWith('/metadata/n'));
  return Array.from({ length: 1 + roll(2) }, () => {
    const path = roll(5) === 0 ? `${pick(roll, pointers)}/new` : pick(roll, pointers);
    const op = pick(roll, ['add', 'remove', 'replace', 'test', 'move', 'copy']);
    return { op, path, ...(op === 'move' || op === 'copy' ? { from: pick(roll, pointers) } : { value: pick(roll, VALUES) }) };
  });
}

function applyPatch(roll: Roll, base: Record<string, unknown>): unknown {
  return roll(3) === 0 ? base : spoiltCopy(roll, base);
}

function pointersOf(value: unknown, path = ''): readonly string[] {
  const inner = Array.isArray(value)
    ? value.map((item, index) => [String(index), item] as const)
    : isRecord(value)
      ? Object.entries(value)
      : [];
  return [
    ...(path === '' ? [] : [path]),
    ...inner.flatMap(([key, item]) => pointersOf(item, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)),
  ];
}
