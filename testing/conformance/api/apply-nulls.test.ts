import { afterEach, beforeEach, expect, it } from 'vitest';
import { isRecord } from '#kit/json.ts';
import { type Answered, type SignedInApi, startSignedInApi } from './signed-in-api.ts';

/** What upstream's own field manager (apimachinery `managedfieldstest`, with the types of client-go) does with the same applications. */

let api: SignedInApi;
beforeEach(async () => {
  api = await startSignedInApi();
});
afterEach(() => api.close());

const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/d';
const CONFIG_MAP = '/api/v1/namespaces/default/configmaps/c';
const TEMPLATE = {
  metadata: { labels: { x: 'q' } },
  spec: { containers: [{ name: 'c', image: 'i' }], nodeSelector: { a: 'b' } },
};

/** `query`: the manager, and whether by force. */
function apply(path: string, query: string, body: object): Promise<Answered> {
  return api.ask(`${path}?fieldManager=${query}`, {
    method: 'PATCH',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/apply-patch+yaml' },
  });
}
const deployment = (query: string, spec: object): Promise<Answered> =>
  apply(DEPLOYMENT, query, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec });
const configMap = (query: string, more: object): Promise<Answered> =>
  apply(CONFIG_MAP, query, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, ...more });

const whole = (more: object = {}): object => ({ selector: { matchLabels: { x: 'q' } }, template: TEMPLATE, ...more });

function ownedBy({ json }: Answered, manager: string): unknown {
  const { metadata } = json;
  const fields = isRecord(metadata) ? metadata['managedFields'] : undefined;
  const entry: unknown = Array.isArray(fields) ? fields.find((each) => isRecord(each) && each['manager'] === manager) : undefined;
  return isRecord(entry) ? entry['fieldsV1'] : undefined;
}
const conflictsOf = ({ json: { details } }: Answered): unknown =>
  isRecord(details) && Array.isArray(details['causes'])
    ? details['causes'].map((cause: unknown) => (isRecord(cause) ? cause['field'] : undefined))
    : undefined;

it('API-1: a field that is applied as null is the applier’s, has no value, and is not taken from others without force', async () => {
  expect((await deployment('a', whole({ replicas: 3 }))).status).toBe(201);
  const refused = await deployment('b', { replicas: null });
  expect({ status: refused.status, conflicts: conflictsOf(refused) }).toEqual({ status: 409, conflicts: ['.spec.replicas'] });
  const forced = await deployment('b&force=true', { replicas: null });
  expect(forced.json).toMatchObject({ spec: { replicas: 1 } });
  expect(ownedBy(forced, 'b')).toEqual({ 'f:spec': { 'f:replicas': {} } });
  expect(JSON.stringify(ownedBy(forced, 'a'))).not.toContain('replicas');
  const other = await deployment('c', { replicas: 2 });
  expect({ status: other.status, conflicts: conflictsOf(other) }).toEqual({ status: 409, conflicts: ['.spec.replicas'] });
});

it('API-1: null takes what is owned as a whole, and leaves what is owned in parts', async () => {
  await deployment('a', whole());
  const refused = await deployment('b', { template: { metadata: { labels: null }, spec: { containers: null, nodeSelector: null } } });
  expect({ status: refused.status, conflicts: conflictsOf(refused) }).toEqual({
    status: 409,
    conflicts: ['.spec.template.spec.nodeSelector'],
  });
  const taken = await deployment('b&force=true', { template: null });
  expect(taken.json).toMatchObject({ spec: { template: TEMPLATE } });
  expect(ownedBy(taken, 'b')).toEqual({ 'f:spec': { 'f:template': {} } });
});

it('API-1: null on a field that nobody has makes it the applier’s, and applying it again writes nothing', async () => {
  const made = await configMap('a', { immutable: null, data: { k: 'v' } });
  expect(made.status).toBe(201);
  expect(made.json).not.toHaveProperty('immutable');
  expect(ownedBy(made, 'a')).toEqual({ 'f:immutable': {}, 'f:data': { 'f:k': {} } });
  const again = await configMap('a', { immutable: null, data: { k: 'v' } });
  expect(again.json['metadata']).toEqual(made.json['metadata']);
});

it('API-1: nulls in metadata, as tools leave them, change nothing', async () => {
  const made = await apply(CONFIG_MAP, 'a', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c', creationTimestamp: null, labels: null, annotations: null },
    data: { k: 'v' },
  });
  expect(made.json).toMatchObject({ metadata: { creationTimestamp: expect.stringMatching(/^20/) } });
  expect(ownedBy(made, 'a')).toEqual({ 'f:data': { 'f:k': {} } });
});
