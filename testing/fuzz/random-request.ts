import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import type { Resource } from '#api/meta/resource.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { MessageTypes } from '#machinery/apiserver/protobuf/message-types.ts';
import { randomJson, type Roll, pick, spoil } from './random-json.ts';
import { randomIdentity, specialRequest } from './special-request.ts';

/** A request as a hostile client may send it. */
export interface RandomRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const METHODS = ['GET', 'GET', 'POST', 'POST', 'PUT', 'PUT', 'PATCH', 'PATCH', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'];
const TYPES = [
  'application/json',
  'application/json',
  'application/json; charset=utf-8',
  'application/yaml',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
  'multipart/form-data; boundary=x',
  ';;;',
];
const ACCEPTS = [
  'application/json',
  '*/*',
  'application/yaml',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v1beta1;g=meta.k8s.io;q=0.1,application/json',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/vnd.kubernetes.protobuf',
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  ',,;=;q=x',
];
const NAMES = [
  'a',
  'b',
  'c',
  'default',
  'nope',
  '__proto__',
  'constructor',
  'toString',
  '..',
  '.',
  'A',
  'x'.repeat(300),
  '%2e%2e',
  'ü',
  '*',
];
const RAW_PARTS = ['%', '%zz', '%00', '%2F', '%ff%fe', '', '%F0%9F%98%80', '~', '@', '%7B%7D'];
const ROOTS = ['api', 'apis', 'openapi', 'version', 'healthz', 'livez', 'readyz', 'metrics', 'console', '__proto__', 'hasOwnProperty'];
const SUBRESOURCES = ['status', 'finalize', 'log', 'binding', 'scale', 'exec', 'eviction', 'token', '__proto__', 'x'];
const KEYS = [
  'labelSelector',
  'fieldSelector',
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'watch',
  'sendInitialEvents',
  'allowWatchBookmarks',
  'timeoutSeconds',
  'dryRun',
  'fieldValidation',
  'fieldManager',
  'force',
  'propagationPolicy',
  'orphanDependents',
  'gracePeriodSeconds',
  'includeObject',
  'tailLines',
  'follow',
  'sinceSeconds',
  'container',
  'hash',
  'pretty',
  '__proto__',
];
const VALUES = [
  '',
  '0',
  '1',
  '-1',
  '2',
  '1e9',
  '99999999999999999999',
  'true',
  'false',
  'maybe',
  'All',
  'Strict',
  'Ignore',
  'Warn',
  'Exact',
  'NotOlderThan',
  'Foreground',
  'Orphan',
  'a=b',
  'a!=b,!c',
  'a in (b,c),d notin (e)',
  'a in ((((',
  'a,,b',
  '!!',
  '=',
  'metadata.name=a',
  'metadata.name=a,metadata.namespace!=b',
  'metadata.name=a\\,b\\\\',
  'status.phase=Pending',
  '__proto__=x',
  'constructor=y',
  'eyJ2IjoxLCJydiI6MSwibnMiOiIiLCJuYW1lIjoiIn0',
  'eyJ2IjoxLCJydiI6LTEsIm5zIjoiIiwibmFtZSI6MX0',
  'None',
  'Object',
  'ü',
  '\u0000',
  '('.repeat(2_000),
  'a,'.repeat(2_000),
];

/** What requests are made up from. */
export interface Material {
  /** Well-formed objects by plural, to be spoilt. */
  readonly seeds: Readonly<Record<string, unknown>>;
  /** Kinds that are served beside the built-in ones. */
  readonly own: readonly Resource[];
}

/** The next request of the sequence that `roll` stands for. */
export function randomRequest(roll: Roll, material: Material): RandomRequest {
  const target = pick<Resource>(roll, [...BUILT_IN_RESOURCES, ...material.own, ...material.own]);
  switch (roll(8)) {
    case 0:
      return special(roll);
    case 1:
    case 2:
      return wildRequest(roll, target, material.seeds);
    default:
      return almostRightRequest(roll, target, material.seeds);
  }
}

function special(roll: Roll): RandomRequest {
  const { body, headers, ...rest } = specialRequest(roll);
  return {
    ...rest,
    headers: { accept: pick(roll, ACCEPTS), ...randomIdentity(roll), ...headers },
    body: body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body)),
  };
}

function wildRequest(roll: Roll, resource: Resource, seeds: Material['seeds']): RandomRequest {
  const method = pick(roll, METHODS);
  const { path, plural } = randomPath(roll, resource);
  const type = pick(roll, TYPES);
  const hasBody = ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method) && roll(10) > 0;
  return {
    method,
    path: `${path}${randomQuery(roll)}`,
    headers: {
      accept: pick(roll, ACCEPTS),
      ...(roll(12) === 0 ? {} : { 'content-type': type }),
      ...randomIdentity(roll),
      ...(roll(20) === 0 ? { 'accept-encoding': pick(roll, ['gzip', 'br', 'gzip;q=0', '*']) } : {}),
    },
    body: hasBody ? randomBody(roll, type, seeds[plural]) : Buffer.alloc(0),
  };
}

/** Verb, path, type and accepted answer fit each other; what is wrong is in the body or the query. */
function almostRightRequest(roll: Roll, resource: Resource, seeds: Material['seeds']): RandomRequest {
  const collection = collectionPath(resource, 'default');
  const name = pick(roll, ['a', 'a', 'a', 'b']);
  const method = pick(roll, ['POST', 'POST', 'PUT', 'PUT', 'PATCH', 'PATCH', 'PATCH', 'GET', 'DELETE']);
  const isWhole = method === 'POST' || (method === 'GET' && roll(2) === 0);
  const types =
    method === 'PATCH' ? PATCH_TYPES : ['application/json', 'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
  const type = pick(roll, types);
  const subresource = !isWhole && method !== 'DELETE' && roll(4) === 0 ? '/status' : '';
  const seed = method === 'DELETE' ? DELETE_OPTIONS : seeds[resource.plural];
  return {
    method,
    path: `${isWhole ? collection : `${collection}/${name}${subresource}`}${roll(3) === 0 ? randomQuery(roll) : ''}`,
    headers: { accept: pick(roll, ACCEPTS.slice(0, 6)), 'content-type': type, authorization: 'Bearer admin' },
    body: method === 'GET' ? Buffer.alloc(0) : randomBody(roll, type, seed),
  };
}

const PATCH_TYPES = [
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

const DELETE_OPTIONS = { propagationPolicy: 'Foreground', gracePeriodSeconds: 1, preconditions: { uid: 'x' }, dryRun: ['All'] };

function collectionPath(resource: Resource, namespace: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  return `${root}${resource.isNamespaced ? `/namespaces/${namespace}` : ''}/${resource.plural}`;
}

function randomPath(roll: Roll, resource: Resource): { readonly path: string; readonly plural: string } {
  if (roll(8) === 0)
    return { path: `/${pick(roll, ROOTS)}/${roll(2) === 0 ? '' : `${escapePart(pick(roll, NAMES.concat(RAW_PARTS)))}/`}`, plural: '' };
  const parts = resource.group === '' ? ['api', resource.version] : ['apis', resource.group, resource.version];
  if (resource.isNamespaced ? roll(8) > 0 : roll(8) === 0) parts.push('namespaces', roll(4) === 0 ? pick(roll, NAMES) : 'default');
  parts.push(resource.plural);
  if (roll(3) > 0) parts.push(roll(3) > 0 ? pick(roll, ['a', 'b', 'c']) : pick(roll, NAMES));
  if (roll(5) === 0) parts.push(pick(roll, SUBRESOURCES));
  if (roll(15) === 0) parts.splice(roll(parts.length + 1), roll(2), pick(roll, RAW_PARTS.concat(NAMES)));
  return { path: `/${parts.map(escapePart).join('/')}`, plural: resource.plural };
}

/** Leaves broken escapes as they are: they are what is tried. */
function escapePart(part: string): string {
  return part.includes('%') ? part : encodeURIComponent(part);
}

function randomQuery(roll: Roll): string {
  if (roll(2) === 0) return '';
  const terms = Array.from({ length: 1 + roll(4) }, () => `${pick(roll, KEYS)}=${encodeURIComponent(pick(roll, VALUES))}`);
  return `?${terms.join(roll(20) === 0 ? '&&' : '&')}${roll(30) === 0 ? '&%zz=%' : ''}`;
}

function randomBody(roll: Roll, type: string, seed: unknown): Buffer {
  switch (roll(30)) {
    case 0:
      return Buffer.from(Array.from({ length: roll(200) }, () => roll(256)));
    case 1:
      return Buffer.from(`${'{"a":'.repeat(roll(5_000))}1`);
    case 2:
      return Buffer.from(`{"metadata":{"name":"a","name":"b","__proto__":{"polluted":true},"labels":{"__proto__":"x","constructor":"y"}}}`);
    case 3:
      return Buffer.from(`{"metadata":{"name":"a","annotations":{"big":"${'x'.repeat(roll(400_000))}"}}}`);
    case 4:
      return Buffer.from(JSON.stringify(randomJson(roll)));
    default:
      break;
  }
  if (type.endsWith('yaml') && roll(5) === 0) return Buffer.from(pick(roll, YAMLS));
  if (type === 'application/vnd.kubernetes.protobuf') return randomProtobuf(roll, seed);
  if (type === 'application/json-patch+json') return Buffer.from(JSON.stringify(randomJsonPatch(roll)));
  return spoiltBody(roll, type, seed ?? { metadata: { name: 'a' } });
}

function spoiltBody(roll: Roll, type: string, seed: unknown): Buffer {
  const spoilt = spoil(roll, seed);
  const text = Buffer.from(JSON.stringify(isRecord(spoilt) ? withDirectives(roll, type, spoilt) : spoilt));
  if (roll(10) === 0 && text.length > 0) text[roll(text.length)] = roll(256);
  return text;
}

/** What YAML can say and JSON can't. */
const YAMLS = [
  'metadata: &m {name: a, labels: {x: *m}}',
  'metadata: {name: a, labels: {x: .inf, y: .nan, z: !!binary YQ==}}',
  'metadata:\n  name: a\n  annotations:\n    ? {a: b}\n    : c\n    ? [1]\n    : 2\n',
  'a: &a [x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]',
  '---\nmetadata: {name: a}\n---\nmetadata: {name: b}\n',
  'metadata: {name: a}\n<<: {spec: {}}\n__proto__: {polluted: true}\n',
  'metadata:\n\tname: a',
  '!<tag:x> {metadata: {name: 0o17, labels: {on: yes, 1: 2, null: ~}}}',
  '# nothing',
  '&a *a',
  '2026-01-01',
];

function withDirectives(roll: Roll, type: string, patch: Record<string, unknown>): Record<string, unknown> {
  if (!type.startsWith('application/strategic') || roll(2) === 0) return patch;
  const directive = pick<Record<string, unknown>>(roll, [
    { $patch: pick(roll, ['replace', 'delete', 'merge', 'what', null]) },
    { '$setElementOrder/containers': randomJson(roll) },
    { '$deleteFromPrimitiveList/finalizers': randomJson(roll) },
    { $retainKeys: randomJson(roll) },
    { spec: { containers: [{ $patch: 'delete', name: 'main' }, { $patch: 'replace' }], '$setElementOrder/volumes': [{ name: 'x' }] } },
  ]);
  return { ...patch, ...directive };
}

const POINTERS = [
  '',
  '/',
  '/metadata',
  '/metadata/labels',
  '/metadata/labels/a~1b',
  '/metadata/labels/~2',
  '/spec',
  '/spec/containers/0',
  '/spec/containers/-',
  '/spec/containers/-1',
  '/spec/containers/01',
  '/spec/containers/99999999999',
  '/__proto__/polluted',
  '/constructor/prototype/polluted',
  '/metadata/name',
  '/data/x',
  'metadata',
];

function randomJsonPatch(roll: Roll): unknown {
  return Array.from({ length: roll(6) }, () =>
    spoil(roll, {
      op: pick(roll, ['add', 'remove', 'replace', 'move', 'copy', 'test', 'what']),
      path: pick(roll, POINTERS),
      from: pick(roll, POINTERS),
      value: randomJson(roll),
    }),
  );
}

const MESSAGES = new MessageTypes();

/** The frame of a Kubernetes protobuf body around an object with some wrong bytes, or around bytes that mostly say nothing. */
function randomProtobuf(roll: Roll, seed: unknown): Buffer {
  const { apiVersion, kind } = isRecord(seed) ? seed : { apiVersion: 'v1', kind: 'ConfigMap' };
  const typeMeta = Buffer.concat([field(1, Buffer.from(String(apiVersion))), field(2, Buffer.from(String(kind)))]);
  const raw = roll(3) === 0 ? nonsense(roll) : encoded(seed, String(apiVersion), String(kind));
  for (let wrong = roll(4); wrong > 0 && raw.length > 0; wrong -= 1) raw[roll(raw.length)] = roll(256);
  const cut = roll(6) === 0 ? raw.subarray(0, roll(raw.length + 1)) : raw;
  return Buffer.concat([Buffer.from([0x6b, 0x38, 0x73, roll(10) === 0 ? roll(256) : 0]), field(1, typeMeta), field(2, cut)]);
}

function nonsense(roll: Roll): Buffer {
  return Buffer.from(Array.from({ length: roll(100) }, () => (roll(3) === 0 ? 10 + 8 * roll(4) : roll(256))));
}

/** The object as a typed client sends it, as far as its fields are written the same way; nothing where they are not. */
function encoded(seed: unknown, apiVersion: string, kind: string): Buffer {
  const [version = '', group = 'core'] = apiVersion.split('/').toReversed();
  const type = MESSAGES.find(`k8s.io.api.${group.split('.')[0]}.${version}`, kind);
  if (type === undefined) return Buffer.alloc(0);
  try {
    return Buffer.from(type.encode(type.fromObject(trusted<Record<string, unknown>>(seed))).finish());
  } catch {
    // why: quantities and the like are messages there and texts here
    return Buffer.from(type.encode(type.fromObject({ metadata: { name: 'a', namespace: 'default' } })).finish());
  }
}

/** A field with bytes in it (https://protobuf.dev/programming-guides/encoding). */
function field(number: number, bytes: Buffer): Buffer {
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length, rest]), bytes]);
}
