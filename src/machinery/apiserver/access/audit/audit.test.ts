import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pods, roles, secrets } from '#api/resources.ts';
import { isRecord } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import { startTestApi } from '#testing/api.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { type AuditRecord, newNotes } from '../../contract/audit.ts';
import { formatAuditEvent } from './audit-event.ts';
import { AuditFile } from './audit-file.ts';
import { DEFAULT_AUDIT_POLICY, parseAuditPolicy } from './audit-policy.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const record = (rest: Partial<AuditRecord> = {}): AuditRecord => ({
  id: 'id',
  receivedMs: NOW,
  endedMs: NOW + 2,
  user: { name: 'ann', groups: ['devs'] },
  verb: 'update',
  resource: pods,
  subresource: '',
  namespace: 'ns',
  name: 'p',
  code: 200,
  notes: newNotes(),
  ...rest,
});

describe('API-3: an event of the audit log', () => {
  it('has the form of audit.k8s.io/v1', () => {
    const notes = { annotations: new Map([['k', 'v']]), requestObject: { a: 1 } };
    const origin = { uri: '/api/v1/namespaces/ns/pods/p?x=y', userAgent: 'kubectl/1', address: '10.0.0.1' };
    const line = formatAuditEvent(record({ notes, origin, responseObject: { b: 2 } }), 'RequestResponse');
    expect(line.endsWith('\n')).toBe(true);
    expect(JSON.parse(line)).toEqual({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'RequestResponse',
      auditID: 'id',
      stage: 'ResponseComplete',
      requestURI: '/api/v1/namespaces/ns/pods/p?x=y',
      verb: 'update',
      user: { username: 'ann', groups: ['devs'] },
      sourceIPs: ['10.0.0.1'],
      userAgent: 'kubectl/1',
      objectRef: { resource: 'pods', namespace: 'ns', name: 'p', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 200 },
      requestObject: { a: 1 },
      responseObject: { b: 2 },
      requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
      stageTimestamp: '2026-01-01T00:00:00.002000Z',
      annotations: { k: 'v' },
    });
  });

  const eventOf = (rest: Partial<AuditRecord>, level: 'Metadata' | 'Request' = 'Metadata'): Record<string, unknown> => {
    const event: unknown = JSON.parse(formatAuditEvent(record(rest), level));
    return isRecord(event) ? event : {};
  };

  it('leaves bodies to the levels that want them', () => {
    const bodies = { notes: { ...newNotes(), requestObject: 1 }, responseObject: 2 };
    expect(Object.keys(eventOf(bodies))).not.toContain('requestObject');
    const event = eventOf(bodies, 'Request');
    expect([event['requestObject'], event['responseObject']]).toEqual([1, undefined]);
  });

  it.each([
    { name: 'a write of this process', rest: {}, uri: '/api/v1/namespaces/ns/pods/p' },
    { name: 'a creation', rest: { verb: 'create' }, uri: '/api/v1/namespaces/ns/pods' },
    {
      name: 'a subresource of a group',
      rest: { resource: roles, subresource: 'status' },
      uri: '/apis/rbac.authorization.k8s.io/v1/namespaces/ns/roles/p/status',
    },
  ])('names the path of $name', ({ rest, uri }) => {
    expect(eventOf(rest)['requestURI']).toBe(uri);
  });

  it('says who acted as whom, and why something was refused', () => {
    const event = eventOf({ user: { name: 'bob', groups: [], impersonator: 'ann' }, code: 403, reason: 'Forbidden', message: 'no' });
    expect(event).toMatchObject({
      user: { username: 'ann' },
      impersonatedUser: { username: 'bob' },
      responseStatus: { status: 'Failure', reason: 'Forbidden', message: 'no', code: 403 },
    });
  });
});

describe('API-3: the policy of the audit log', () => {
  const policy = parseAuditPolicy(`apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- {level: None, users: [system:stowage]}
- {level: Metadata, resources: [{group: "", resources: [secrets, configmaps]}]}
- {level: Request, verbs: [create, update], namespaces: [ns], resources: [{group: "", resources: [pods]}]}
- {level: None, nonResourceURLs: ["/healthz*"]}
- {level: RequestResponse, userGroups: [devs], resources: [{group: rbac.authorization.k8s.io}]}
- {level: Metadata, resources: [{group: "", resources: ["pods/*"], resourceNames: [p]}]}
`);
  it.each<{ name: string; rest: Partial<AuditRecord>; level: string }>([
    { name: 'a user', rest: { user: { name: 'system:stowage', groups: [] } }, level: 'None' },
    { name: 'secrets', rest: { resource: secrets }, level: 'Metadata' },
    { name: 'a read of secrets', rest: { resource: secrets, verb: 'get' }, level: 'Metadata' },
    { name: 'a verb', rest: {}, level: 'Request' },
    { name: 'another verb', rest: { verb: 'delete' }, level: 'None' },
    { name: 'another namespace', rest: { namespace: 'other' }, level: 'None' },
    { name: 'a group of resources', rest: { resource: roles }, level: 'RequestResponse' },
    { name: 'another group of users', rest: { resource: roles, user: { name: 'bob', groups: [] } }, level: 'None' },
    { name: 'subresources', rest: { subresource: 'status' }, level: 'Metadata' },
    { name: 'subresources of another', rest: { subresource: 'status', name: 'q' }, level: 'None' },
  ])('by $name: $level', ({ rest, level }) => {
    expect(policy.levelOf(record(rest))).toBe(level);
  });

  it('keeps what any rule wants', () => {
    expect([policy.recordsReads, policy.keepsBodies]).toEqual([true, true]);
    expect([DEFAULT_AUDIT_POLICY.recordsReads, DEFAULT_AUDIT_POLICY.keepsBodies]).toEqual([false, false]);
    expect(['get', 'create', 'delete'].map((verb) => DEFAULT_AUDIT_POLICY.levelOf(record({ verb })))).toEqual([
      'None',
      'Metadata',
      'Metadata',
    ]);
  });

  it.each(['exec', 'attach', 'portforward'])('keeps %s by itself, though it is a GET over WebSocket', (subresource) => {
    expect(DEFAULT_AUDIT_POLICY.levelOf(record({ verb: 'get', subresource }))).toBe('Metadata');
  });

  it.each([
    { text: '{', says: 'is no YAML' },
    { text: 'kind: Policy', says: 'is no Policy of audit.k8s.io/v1' },
    { text: 'apiVersion: audit.k8s.io/v1\nkind: Policy', says: 'has no rules' },
    { text: 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: All}]', says: 'has no level in rule 0' },
    {
      text: 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, users: [1]}]',
      says: 'has users of rule 0 that are no list of texts',
    },
  ])('is refused: $says', ({ text, says }) => {
    expect(() => parseAuditPolicy(text)).toThrow(says);
  });
});

describe('API-3: the file of the audit log', () => {
  let dir: string;
  let file: string;
  let clock: FakeClock;
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'audit-'));
    file = path.join(dir, 'audit.log');
    clock = new FakeClock(NOW);
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const openLog = (rest: { maxSizeBytes?: number; maxBackups?: number; log?: typeof silentLogger } = {}): AuditFile =>
    new AuditFile({ file, maxSizeBytes: 1e6, maxBackups: 2, policy: DEFAULT_AUDIT_POLICY, clock, log: silentLogger, ...rest });
  const linesOf = (name: string): string[] => readFileSync(path.join(dir, name), 'utf8').trim().split('\n');

  it('has every line in order, is for nobody else to read, and is gone on with', async () => {
    const first = openLog();
    for (let count = 0; count < 500; count += 1) first.record(record({ id: String(count) }));
    first.record(record({ verb: 'get' }));
    await first.close();
    const second = openLog();
    second.record(record({ id: '500' }));
    await second.close();
    expect(linesOf('audit.log').map((line) => /"auditID":"(\d+)"/.exec(line)?.[1])).toEqual(
      Array.from({ length: 501 }, (_, index) => String(index)),
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is put aside when it is full, and the oldest go', async () => {
    const log = openLog({ maxSizeBytes: 1_000 });
    for (let count = 0; count < 5; count += 1) {
      log.record(record({ id: `round-${count}`, name: 'x'.repeat(800) }));
      await log.close();
      await clock.step(1_000);
    }
    expect(readdirSync(dir).toSorted()).toEqual(['audit-2026-01-01T00-00-03.000.log', 'audit-2026-01-01T00-00-04.000.log', 'audit.log']);
    expect(linesOf('audit.log').join('')).toContain('round-4');
  });

  it('counts what it must drop, and holds nobody up', async () => {
    const warnings: unknown[] = [];
    const log = openLog({ log: { ...silentLogger, warn: (_message, fields) => void warnings.push(fields?.count) } });
    for (let count = 0; count < 20_005; count += 1) log.record(record());
    await log.close();
    expect(linesOf('audit.log')).toHaveLength(20_000);
    expect(warnings).toEqual([5]);
  });

  it('counts lines that the disk does not take and tells of them once, and never fails the write', async () => {
    const said: unknown[] = [];
    const note = (message: string, fields?: { readonly count?: number }): void => void said.push([message, fields?.count]);
    const log = openLog({ log: { ...silentLogger, error: note, warn: note } });
    mkdirSync(file);
    for (let count = 0; count < 3; count += 1) {
      log.record(record());
      await log.close();
    }
    rmSync(file, { recursive: true });
    log.record(record());
    await log.close();
    expect(linesOf('audit.log')).toHaveLength(1);
    expect(said).toEqual([
      ['the audit log can not be written, lines are lost', undefined],
      ['the audit log is written again after lines were lost', 3],
    ]);
  });
});

describe('API-3: what goes into the audit log', () => {
  it('reads and bodies only where they are wanted, with the decision', async () => {
    const kept: AuditRecord[] = [];
    const api = await startTestApi({ audit: { recordsReads: true, record: (each) => void kept.push(each) } });
    kept.length = 0;
    await api.client.list(pods, { namespace: 'default' });
    await expect(api.client.get(pods, { namespace: 'default', name: 'none' })).rejects.toThrow('not found');
    expect(kept.map(({ verb, code, name, notes }) => [verb, code, name, notes.annotations.get('authorization.k8s.io/decision')])).toEqual([
      ['list', 200, '', 'allow'],
      ['get', 404, 'none', 'allow'],
    ]);
    await api.close();
  });
});
