import { pick, randomJson, type Roll, spoil } from './random-json.ts';

/** What is asked beside objects: parts of objects, questions about access, documents, and connections that are to become something else. */
export interface SpecialRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const ITEM = '/api/v1/namespaces/default';
const ATTRIBUTES = { namespace: 'default', verb: 'get', group: '', version: '*', resource: 'pods', subresource: 'log', name: 'a' };
const scaleOf = (name: string): object => ({
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata: { name, namespace: 'default' },
  spec: { replicas: 3 },
});
const tokenRequest = {
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenRequest',
  spec: { audiences: ['x'], expirationSeconds: 600, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'u' } },
};
const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'a' }, target: { kind: 'Node', name: 'a' } };
const eviction = {
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { name: 'a', namespace: 'default' },
  deleteOptions: { gracePeriodSeconds: 1 },
};
const access = (kind: string, spec: object): object => ({ apiVersion: 'authorization.k8s.io/v1', kind, metadata: {}, spec });
const REVIEWED = { user: 'vera', groups: ['viewers'], extra: { a: ['b'] }, resourceAttributes: ATTRIBUTES };

/** Writes to parts of objects, and reviews: their path and a well-formed body. */
const WRITES: readonly (readonly [path: string, body: unknown])[] = [
  ['/apis/apps/v1/namespaces/default/deployments/a/scale', scaleOf('a')],
  ['/apis/apps/v1/namespaces/default/statefulsets/a/scale', scaleOf('a')],
  ['/apis/shop.example.com/v1/namespaces/default/racks/a/scale', scaleOf('a')],
  [`${ITEM}/serviceaccounts/a/token`, tokenRequest],
  [`${ITEM}/serviceaccounts/default/token`, tokenRequest],
  [`${ITEM}/pods/a/binding`, binding],
  [`${ITEM}/bindings`, binding],
  [`${ITEM}/pods/a/eviction`, eviction],
  [`${ITEM}/pods/a/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: 'x', image: 'y' }] } }],
  [`${ITEM}/pods/a/resize`, { spec: { containers: [] } }],
  ['/api/v1/namespaces/a/finalize', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' }, spec: { finalizers: [] } }],
  ['/apis/shop.example.com/v1/namespaces/default/disks/a/status', { status: { x: 2 } }],
  ['/apis/shop.example.com/v1alpha1/namespaces/default/racks/a', { spec: { size: 2 } }],
  ['/apis/authorization.k8s.io/v1/subjectaccessreviews', access('SubjectAccessReview', REVIEWED)],
  [
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    access('SelfSubjectAccessReview', { nonResourceAttributes: { path: '/x', verb: 'get' } }),
  ],
  ['/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews', access('LocalSubjectAccessReview', REVIEWED)],
  ['/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', access('SelfSubjectRulesReview', { namespace: 'default' })],
  [
    '/apis/authentication.k8s.io/v1/tokenreviews',
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 'admin', audiences: ['x'] } },
  ],
  ['/apis/authentication.k8s.io/v1/selfsubjectreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }],
];

const DOCUMENTS = [
  '/api',
  '/api/v1',
  '/apis',
  '/apis/apps',
  '/apis/apps/v1',
  '/apis/shop.example.com',
  '/apis/shop.example.com/v1',
  '/apis/nope.example.com/v1',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/api/v1',
  '/openapi/v3/apis/apps/v1',
  '/openapi/v3/apis/shop.example.com/v1',
  '/openapi/v3/apis/__proto__/constructor',
  '/openapi/v3/../../x',
  '/version',
  '/healthz/ping',
  '/livez?verbose',
  '/readyz?exclude=%00',
  '/metrics',
  '/.well-known/openid-configuration',
  '/openid/v1/jwks',
];

const STREAMS = [
  'exec?command=ls&stdin=true&tty=maybe',
  'attach',
  'portforward?ports=x&ports=99999999',
  'log?follow=true',
  'proxy/x/y',
  'exec',
];

/** One of them, mostly with something wrong. */
export function specialRequest(roll: Roll): SpecialRequest {
  switch (roll(4)) {
    case 0:
      return document(roll);
    case 1:
      return upgrade(roll);
    default:
      return write(roll);
  }
}

function write(roll: Roll): SpecialRequest {
  const [path, body] = pick(roll, WRITES);
  const method = pick(roll, ['POST', 'POST', 'PUT', 'PATCH', 'PATCH', 'GET', 'DELETE']);
  const patchType = pick(roll, ['merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml']);
  const query = pick(roll, ['', '', '?dryRun=All', '?fieldManager=x&force=true', '?fieldValidation=Strict', '?watch=true']);
  return {
    method,
    path: `${path}${query}`,
    headers: { 'content-type': method === 'PATCH' ? `application/${patchType}` : 'application/json' },
    body: method === 'GET' ? undefined : roll(10) === 0 ? randomJson(roll) : spoil(roll, body),
  };
}

function document(roll: Roll): SpecialRequest {
  const path = pick(roll, DOCUMENTS);
  const tail = pick(roll, ['', '', '', '/', '//', '?hash=x', '?timeout=32s', '/%2e%2e/x', `/${'x'.repeat(500)}`]);
  return {
    method: pick(roll, ['GET', 'GET', 'GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE']),
    path: `${path}${tail}`,
    headers: {},
    body: undefined,
  };
}

function upgrade(roll: Roll): SpecialRequest {
  const [to, more] = pick<readonly [string, Readonly<Record<string, string>>]>(roll, [
    [
      'websocket',
      { 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-protocol': 'v5.channel.k8s.io' },
    ],
    ['websocket', { 'sec-websocket-version': '99', 'sec-websocket-key': 'x', 'sec-websocket-protocol': ',,;' }],
    ['websocket', {}],
    ['SPDY/3.1', { 'x-stream-protocol-version': 'v4.channel.k8s.io' }],
    ['h2c', { 'http2-settings': 'AAAA' }],
    ['', {}],
  ]);
  const path =
    roll(4) === 0
      ? pick(roll, ['/api/v1/pods?watch=true', '/console/ws', '/', '/%'])
      : `${ITEM}/pods/${pick(roll, ['a', 'nope'])}/${pick(roll, STREAMS)}`;
  return { method: pick(roll, ['GET', 'GET', 'POST']), path, headers: { connection: 'Upgrade', upgrade: to, ...more }, body: undefined };
}

/** Who asks: mostly the administrator, sometimes somebody with few rights, somebody unknown, or one who poses as another. */
export function randomIdentity(roll: Roll): Readonly<Record<string, string>> {
  switch (roll(16)) {
    case 0:
      return {};
    case 1:
    case 2:
      return { authorization: 'Bearer vera' };
    case 3:
      return {
        authorization: pick(roll, [
          'Bearer ',
          'Bearer x.y.z',
          'Basic YTpi',
          'Bearer eyJhbGciOiJub25lIn0.e30.',
          'bearer admin',
          `Bearer ${'x'.repeat(8_000)}`,
        ]),
      };
    case 4:
      return {
        authorization: 'Bearer admin',
        'impersonate-user': pick(roll, ['vera', 'system:serviceaccount:default:a', 'system:anonymous', '', '__proto__']),
        ...(roll(2) === 0 ? { 'impersonate-group': pick(roll, ['viewers', 'system:masters', '']) } : {}),
        ...(roll(3) === 0
          ? { [pick(roll, ['impersonate-extra-a', 'impersonate-extra-%zz', 'impersonate-uid', 'impersonate-extra-'])]: 'x' }
          : {}),
      };
    default:
      return { authorization: 'Bearer admin' };
  }
}
