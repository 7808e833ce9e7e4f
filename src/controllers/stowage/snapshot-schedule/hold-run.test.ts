import { afterEach, describe, expect, it } from 'vitest';
import { type SnapshotSchedule, snapshotSchedules, volumeSnapshotClasses, volumeSnapshots } from '#api/generated/definitions.ts';
import type { ExecOptions, RemoteProcess } from '#api/pod-streams.ts';
import { pods } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { PlatformError } from '#kit/errors.ts';
import { Metrics } from '#kit/metrics.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aPod } from '#testing/builders/pod.ts';
import { aSnapshotClass } from '#testing/builders/snapshot.ts';
import { settle } from '#testing/fake-clock.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { type StorageBench, startStorageBench } from '#testing/storage-bench.ts';
import { hookAdmission } from './hook-admission.ts';
import type { Hooks } from './hooks.ts';

const DRIVER = 'local.stowage.dev';
const HOUR_MS = 3_600_000;
const key = { namespace: 'default', name: 'hourly' };
const DEFAULT = { 'snapshot.storage.kubernetes.io/is-default-class': 'true' };
const HOOKS: Hooks = { before: [{ command: ['lock'] }], after: [{ command: ['unlock'] }] };

/** What commands do, by their first word; `hang` = they never end. */
type Answers = Readonly<Record<string, number | 'hang' | Error>>;

let bench: StorageBench;
let driver: FakeDriver;
/** What was run, with the number of snapshots that there were then. */
let ran: string[] = [];
let isDead = false;
let metrics: Metrics;
afterEach(() => bench.close());

function exec(answers: Answers, podName: string, { command, container, signal }: ExecOptions): Promise<RemoteProcess> {
  const [word = ''] = command;
  ran.push(`${word} ${podName}/${container} ${driver.snapshots.size}`);
  const answer = answers[word] ?? 0;
  if (answer instanceof Error) return Promise.reject(answer);
  const exitCode = answer === 'hang' ? untilEnded(signal) : Promise.resolve(answer);
  return Promise.resolve({ stderr: oneLine('no such lock'), resize: () => {}, exitCode });
}

function untilEnded(signal: AbortSignal): Promise<number> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gone'))));
}

async function* oneLine(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${text}\n`);
}

async function start(hooks: Hooks = HOOKS, answers: Answers = {}): Promise<void> {
  ran = [];
  metrics = new Metrics();
  driver = new FakeDriver({ capabilities: ['CREATE_DELETE_SNAPSHOT', 'LIST_SNAPSHOTS'] });
  bench = await startStorageBench({
    drivers: { [DRIVER]: driver },
    snapshots: true,
    metrics,
    wrapClient: (client) =>
      overrideClient(client, { patch: (...args) => (isDead ? Promise.reject(new Error('the process has died')) : client.patch(...args)) }),
    pods: { exec: ({ metadata }, options) => exec(answers, metadata.name, options) },
  });
  await bench.createClass(aClass());
  await bench.client.create(volumeSnapshotClasses, aSnapshotClass({ metadata: { name: 'snaps', annotations: DEFAULT } }));
  for (const name of ['one', 'two']) await bench.createClaim(aClaim({ name, storageClassName: 'fast', labels: { app: 'shop' } }));
  await bench.createClaim(aClaim({ name: 'other', storageClassName: 'fast' }));
  for (const { name, claims, phase } of PODS) {
    await bench.createPod(aPod({ name, claims, labels: { role: name } }));
    const body = { status: { phase } };
    await bench.client.patch(pods, { key: { namespace: 'default', name }, patch: { type: 'merge', body } }, { subresource: 'status' });
  }
  await bench.idle();
  await bench.client.create(snapshotSchedules, {
    metadata: { name: 'hourly', namespace: 'default' },
    spec: { schedule: '@every 1h', selector: { matchLabels: { app: 'shop' } }, hooks },
  });
  await bench.idle();
}

const PODS = [
  { name: 'db-0', claims: ['one', 'two'], phase: 'Running' },
  { name: 'db-1', claims: ['two'], phase: 'Running' },
  { name: 'done', claims: ['one'], phase: 'Succeeded' },
  { name: 'web', claims: ['other'], phase: 'Running' },
];

async function hour(): Promise<void> {
  await bench.step(HOUR_MS);
  await bench.step(1_000);
}

async function schedule(): Promise<SnapshotSchedule> {
  return bench.client.get(snapshotSchedules, key);
}

async function taken(): Promise<number> {
  return (await bench.client.list(volumeSnapshots)).items.length;
}

describe('hooks of a schedule', () => {
  it('SNAP-8: run before the first snapshot is taken, and after the last, in every pod that uses the claims', async () => {
    await start();
    await hour();
    expect(ran).toEqual(['lock db-0/main 0', 'lock db-1/main 0', 'unlock db-0/main 2', 'unlock db-1/main 2']);
    const { metadata, status } = await schedule();
    expect(metadata.finalizers ?? []).toEqual([]);
    expect(status).toMatchObject({ snapshots: 2 });
    expect([status?.hooks, status?.lastHookError]).toEqual([undefined, undefined]);
    await hour();
    expect(await taken()).toBe(4);
  });

  it('SNAP-8: are for the pods and the container that they name, in order', async () => {
    const before: Hooks['before'] = [
      { command: ['first'], container: 'side', podSelector: { matchLabels: { role: 'db-1' } } },
      { command: ['second'] },
    ];
    await start({ before });
    await hour();
    expect(ran).toEqual(['first db-1/side 0', 'second db-0/main 0', 'second db-1/main 0']);
  });

  it.each([
    { what: 'ends with an error', answers: { lock: 3 }, words: 'it ended with 3: no such lock' },
    {
      what: 'can not be begun',
      answers: {
        lock: new PlatformError({ code: 'InvalidArgument', reason: 'ContainerNotRunning', message: 'the container does not run' }),
      },
      words: 'the container does not run',
    },
    { what: 'does not end', answers: { lock: 'hang' as const }, words: 'it took longer than 30 s' },
  ])('SNAP-8: one before that $what lets nothing be taken, and those after run all the same', async ({ answers, words }) => {
    await start(HOOKS, answers);
    await bench.api.clock.step(HOUR_MS);
    await settle();
    await bench.step(30_000);
    expect([await taken(), ran.slice(2)]).toEqual([0, ['unlock db-0/main 0', 'unlock db-1/main 0']]);
    const { status } = await schedule();
    expect(status?.message).toContain(words);
    expect(status?.lastHookError).toMatch(/before: .*nothing was taken at/);
    expect(bench.toldAbout('hourly').join()).toContain('SnapshotHookFailed');
    expect(metrics.render()).toContain('stowage_snapshot_schedule_runs_total{result="refused"} 1');
  });

  it('SNAP-8: one before that need not work is told, and the run goes on', async () => {
    await start({ ...HOOKS, before: [{ command: ['lock'], onError: 'Continue' }] }, { lock: 1 });
    await hour();
    expect(await taken()).toBe(2);
    expect(bench.toldAbout('hourly').join()).toContain('SnapshotHookFailed');
    expect((await schedule()).status?.lastHookError).toBeUndefined();
  });

  it('SNAP-8: all of those after run, also where one fails, and the failure stays until the next run', async () => {
    await start({ after: [{ command: ['unlock'] }, { command: ['resume'] }] }, { unlock: 1 });
    await hour();
    expect(ran.map((line) => line.split(' ')[0])).toEqual(['unlock', 'unlock', 'resume', 'resume']);
    expect((await schedule()).status?.lastHookError).toContain('after: ["unlock"] in pod db-0: it ended with 1');
  });

  it('SNAP-8: pods are let go in time where a snapshot is not cut, and that is told', async () => {
    await start({ ...HOOKS, holdSeconds: 20 });
    driver.beforeSnapshot = () => Promise.reject(new PlatformError({ code: 'Unavailable', reason: 'Away', message: 'away' }));
    await bench.step(HOUR_MS);
    const held = (await schedule()).status?.hooks;
    expect(held?.phase).toBe('Taking');
    await bench.step(21_000);
    expect(ran.filter((line) => line.startsWith('unlock'))).toHaveLength(2);
    expect((await schedule()).status?.lastHookError).toContain('was not cut in time');
  });

  it('SNAP-8: after a stop while they run, those after run, and nothing is taken of that run', async () => {
    await start(HOOKS, { lock: 'hang' });
    await bench.api.clock.step(HOUR_MS);
    await settle();
    expect((await schedule()).status?.hooks?.phase).toBe('Before');
    isDead = true;
    await bench.halt();
    isDead = false;
    await bench.restart();
    expect(ran.slice(2)).toEqual(['unlock db-0/main 0', 'unlock db-1/main 0']);
    expect([await taken(), (await schedule()).status?.hooks]).toEqual([0, undefined]);
  });

  it('SNAP-8: a schedule that is deleted while pods hold still goes when they were let go', async () => {
    await start();
    driver.beforeSnapshot = () => Promise.reject(new PlatformError({ code: 'Unavailable', reason: 'Away', message: 'away' }));
    await bench.step(HOUR_MS);
    await bench.client.delete(snapshotSchedules, key);
    await bench.idle();
    expect(ran.filter((line) => line.startsWith('unlock'))).toHaveLength(2);
    await expect(schedule()).rejects.toThrow('not found');
  });

  it.each([
    [{ before: [{ command: [] }] }, 'spec.hooks.before[0].command'],
    [{ before: [{ command: ['a'], timeoutSeconds: 301 }] }, 'spec.hooks.before[0].timeoutSeconds'],
    [{ after: [{ command: ['a'], onError: trusted<'Fail'>('Ignore') }] }, 'spec.hooks.after[0].onError'],
    [{ holdSeconds: 0 }, 'spec.hooks.holdSeconds'],
  ])('SNAP-8: %j is refused', async (hooks, words) => {
    await expect(start(hooks)).rejects.toThrow(words);
  });
});

describe('who may write hooks', () => {
  const rule = hookAdmission((user: string) => user === 'may');
  const object = (hooks: Hooks | undefined): SnapshotSchedule => ({
    apiVersion: 'volumes.stowage.dev/v1alpha1',
    kind: 'SnapshotSchedule',
    metadata: { name: 'hourly', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { schedule: '@daily', selector: {}, ...(hooks === undefined ? {} : { hooks }) },
  });
  const ask = (user: string, hooks: Hooks | undefined, previous?: Hooks) => (): void =>
    rule.validate({
      user,
      verb: previous === undefined ? 'create' : 'update',
      kind: { resource: snapshotSchedules },
      subresource: '',
      key,
      object: object(hooks),
      ...(previous === undefined ? {} : { previous: object(previous) }),
    });

  it.each([
    { what: 'who may run commands in pods', act: ask('may', HOOKS) },
    { what: 'anybody without hooks', act: ask('not', undefined) },
    { what: 'anybody who leaves them as they are', act: ask('not', HOOKS, HOOKS) },
    { what: 'anybody who takes them away', act: ask('not', undefined, HOOKS) },
  ])('SNAP-8: $what', ({ act }) => {
    expect(act).not.toThrow();
  });

  it.each([
    { what: 'a new schedule', act: ask('not', HOOKS) },
    { what: 'other hooks', act: ask('not', { after: [{ command: ['id'] }] }, HOOKS) },
  ])('SNAP-8: nobody else: $what', ({ act }) => {
    expect(act).toThrow('take the right to create pods/exec there');
  });
});
