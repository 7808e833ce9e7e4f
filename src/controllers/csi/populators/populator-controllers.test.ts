import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { archives, claimDirectories, referenceGrants, volumePopulators } from '#api/generated/definitions.ts';
import type { CustomResourceDefinition, PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { hasFinalizer } from '#api/meta/finalizers.ts';
import { type Draft, type KubeObject, keyOf } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { FILL_REFUSED_EXIT_CODE, type FillProgress } from '#api/populators/fill-order.ts';
import { events, namespaces, persistentVolumeClaims, persistentVolumes, pods } from '#api/resources.ts';
import { SELECTED_NODE } from '#api/storage/names.ts';
import { POPULATE_FINALIZER, POPULATOR_NAMESPACE } from '#api/storage/populator.ts';
import { hasCode } from '#kit/errors.ts';
import { Metrics } from '#kit/metrics.ts';
import { aClaim, type ClaimOverrides } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { establish } from '#testing/builders/definition.ts';
import { aGrant } from '#testing/builders/reference-grant.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { seededRoll, Weather } from '#testing/fakes/weather.ts';
import { type StorageBench, type StorageBenchOptions, startStorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'local.stowage.dev';
const ARCHIVE = { apiGroup: 'populators.stowage.dev', kind: 'Archive', name: 'site' };
const DIRECTORY = { apiGroup: 'populators.stowage.dev', kind: 'ClaimDirectory', name: 'part' };
/** The kind of the documents' example. */
interface Provider extends KubeObject {
  readonly spec: { readonly sourceURL: string; readonly extractPath: string };
}
const NAMES = { kind: 'Provider', listKind: 'ProviderList', plural: 'providers', singular: 'provider' } as const;
const PROVIDERS: Draft<CustomResourceDefinition> = {
  metadata: { name: 'providers.provider.example.com' },
  spec: {
    group: 'provider.example.com',
    scope: 'Namespaced',
    names: NAMES,
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};
const providers: Resource<Provider> = {
  group: 'provider.example.com',
  version: 'v1',
  ...NAMES,
  shortNames: [],
  categories: [],
  isNamespaced: true,
};

const PLACE = { image: 'stowage.dev/populator', usesHostNetwork: false };

let bench: StorageBench;
let driver: FakeDriver;
let progress: FillProgress | undefined;
afterEach(() => bench.close());

async function start(more: Pick<StorageBenchOptions, 'wrapClient' | 'metrics'> = {}): Promise<void> {
  driver = new FakeDriver({ capabilities: ['CLONE_VOLUME'] });
  progress = undefined;
  const ask = async (): Promise<FillProgress | undefined> => progress;
  bench = await startStorageBench({ drivers: { [DRIVER]: driver }, grants: true, populators: { place: PLACE, ask }, ...more });
  await bench.createClass(aClass());
  await bench.client.create(archives, {
    metadata: { name: 'site', namespace: 'default' },
    spec: { sourceURL: 'https://example.com/a.tar' },
  });
}

async function ask(over: ClaimOverrides = {}): Promise<void> {
  await bench.createClaim(aClaim({ storageClassName: 'fast', spec: { dataSourceRef: ARCHIVE }, ...over }));
  await bench.idle();
}

async function podOf(claim: PersistentVolumeClaim | undefined): Promise<Pod | undefined> {
  const all = (await bench.client.list(pods)).items;
  return all.find(({ metadata }) => metadata.name === `populate-${claim?.metadata.uid}`);
}

/** As the node leaves the pod of the claim `data`. */
async function end(
  phase: 'Running' | 'Succeeded' | 'Failed',
  terminated?: { readonly exitCode: number; readonly message: string },
): Promise<void> {
  const pod = await podOf(await bench.claim());
  const state =
    terminated === undefined
      ? {}
      : { terminated: { ...terminated, finishedAt: new Date(bench.api.clock.nowMs()).toISOString().replace('.000', '') } };
  const containerStatuses = [{ name: 'populate', image: '', imageID: '', ready: false, restartCount: 0, state }];
  const status = { phase, ...(terminated === undefined ? {} : { containerStatuses }) };
  await bench.client.patch(
    pods,
    { key: { namespace: POPULATOR_NAMESPACE, name: pod?.metadata.name ?? '' }, patch: { type: 'merge', body: { status } } },
    { subresource: 'status' },
  );
  await bench.idle();
}

/** The node has ended the pods that are to go. */
async function endOnNode(): Promise<void> {
  for (const { metadata } of (await bench.client.list(pods)).items) {
    const key = { namespace: POPULATOR_NAMESPACE, name: metadata.name };
    if (metadata.deletionTimestamp !== undefined) await bench.client.delete(pods, key, { gracePeriodSec: 0 });
  }
  await bench.step(60_000);
}

async function leftovers(): Promise<readonly string[]> {
  const lists = await Promise.all([bench.client.list(persistentVolumeClaims), bench.client.list(pods), bench.client.list(referenceGrants)]);
  return lists
    .flatMap(({ items }) => items.map(({ metadata }) => metadata))
    .flatMap(({ namespace, name }) => (namespace === POPULATOR_NAMESPACE || name.startsWith('populate-') ? [name] : []));
}

const reasons = (name = 'data'): readonly string[] => bench.toldAbout(name).map((text) => text.split(':', 1).join());

describe('VOL-15: a claim that is filled', () => {
  it('is Bound when the pod has succeeded, and not before; then nothing is left of it', async () => {
    await start();
    await ask({ labels: { app: 'web' } });
    const claim = await bench.claim();
    const prime = await bench.client.get(persistentVolumeClaims, { namespace: POPULATOR_NAMESPACE, name: `prime-${claim?.metadata.uid}` });
    expect(prime.metadata.labels).toEqual({ app: 'web' });
    expect([claim?.status?.phase, prime.status?.phase]).toEqual(['Pending', 'Bound']);
    const pod = await podOf(claim);
    expect(pod?.spec.containers[0]).toMatchObject({
      image: PLACE.image,
      args: [expect.stringContaining('"url":"https://example.com/a.tar"')],
    });
    await end('Succeeded');
    const volumeName = `pvc-${prime.metadata.uid}`;
    expect(await bench.claim()).toMatchObject({
      metadata: { finalizers: ['kubernetes.io/pvc-protection'] },
      spec: { volumeName },
      status: { phase: 'Bound' },
    });
    expect((await bench.volume(volumeName))?.metadata.annotations).toMatchObject({
      'populators.stowage.dev/populated-from': 'default/site',
    });
    expect(await leftovers()).toEqual([]);
    expect(reasons().filter((reason) => reason.startsWith('Populator'))).toEqual(['PopulatorCreated', 'PopulatorFinished']);
    expect(driver.volumes.size).toBe(1);
  });

  it('says how far it is, in percent and at each quarter once', async () => {
    await start();
    await ask();
    await end('Running');
    for (const doneBytes of [0, 10, 26, 30, 55, 80, 99]) {
      progress = { doneBytes: doneBytes * 1_024, totalBytes: 100 * 1_024 };
      await bench.step(2_000);
    }
    expect((await bench.claim())?.status?.conditions).toMatchObject([{ type: 'Populating', status: 'True', message: '99 % of 100.0Ki' }]);
    expect(reasons().filter((reason) => reason === 'PopulatorProgress')).toHaveLength(3);
    await end('Succeeded');
    expect((await bench.claim())?.status?.conditions ?? []).toEqual([]);
  });

  it('waits for the node of its first pod, and is filled there', async () => {
    await start();
    await bench.createClass(aClass({ name: 'later', bindingMode: 'WaitForFirstConsumer' }));
    await bench.createNode({ metadata: { name: 'node-7' }, spec: {} });
    await ask({ storageClassName: 'later' });
    expect(await leftovers()).toEqual([]);
    const choose = async (name: string | null): Promise<void> => {
      const body = { metadata: { annotations: { [SELECTED_NODE]: name } } };
      await bench.client.patch(persistentVolumeClaims, { key: { namespace: 'default', name: 'data' }, patch: { type: 'merge', body } });
      await bench.idle();
    };
    await choose('node-7');
    expect((await podOf(await bench.claim()))?.spec.nodeName).toBe('node-7');
    await choose(null);
    await endOnNode();
    expect([await leftovers(), driver.volumes.size]).toEqual([[], 0]);
    await choose('node-7');
    await end('Succeeded');
    expect((await bench.claim())?.status?.phase).toBe('Bound');
  });

  it('gives the choice of a node back where the driver has no room there', async () => {
    await start();
    await bench.createClass(aClass({ name: 'later', bindingMode: 'WaitForFirstConsumer' }));
    await bench.createNode({ metadata: { name: 'node-7' }, spec: {} });
    driver.beforeCreate = async () => Promise.reject(driverError('ResourceExhausted', 'full'));
    await ask({ storageClassName: 'later', annotations: { [SELECTED_NODE]: 'node-7' } });
    await bench.step(60_000);
    await endOnNode();
    const { annotations } = (await bench.claim())?.metadata ?? {};
    expect([annotations?.[SELECTED_NODE], annotations?.['volumes.stowage.dev/refused-nodes']]).toEqual([undefined, 'node-7']);
    expect(await leftovers()).toEqual([]);
  });

  it.each([
    { name: 'may pass', exitCode: 1, againMs: 1_000 },
    { name: 'will never work', exitCode: FILL_REFUSED_EXIT_CODE, againMs: 300_000 },
  ])('tells why a filling failed, and tries again what $name', async ({ exitCode, againMs }) => {
    await start();
    await ask();
    const first = await podOf(await bench.claim());
    await end('Failed', { exitCode, message: 'the server answers 503' });
    expect(bench.toldAbout('data')).toContain('PopulatorFailed: Populator failed: the server answers 503');
    await bench.step(againMs - 1_000);
    if (againMs > 1_000) expect((await podOf(await bench.claim()))?.metadata.uid).toBe(first?.metadata.uid);
    await bench.step(2_000);
    const second = await podOf(await bench.claim());
    expect(second).toBeDefined();
    expect(second?.metadata.uid).not.toBe(first?.metadata.uid);
    await end('Succeeded');
    expect((await bench.claim())?.status?.phase).toBe('Bound');
  });

  it('says on the claim why its volume is not made, and why its pod does not start', async () => {
    await start();
    driver.beforeCreate = async () => Promise.reject(driverError('Internal', 'the pool is full'));
    await ask();
    const prime = { namespace: POPULATOR_NAMESPACE, name: `prime-${(await bench.claim())?.metadata.uid}` };
    const involvedObject = { kind: 'PersistentVolumeClaim', ...prime };
    const event = { involvedObject, type: 'Warning', reason: 'ProvisioningFailed', message: 'the pool is full', source: {} };
    await bench.client.create(events, { metadata: { namespace: POPULATOR_NAMESPACE, name: 'one' }, ...event });
    await bench.step(10_000);
    expect(bench.toldAbout('data')).toContain('PopulatorWaiting: Populator waits: the pool is full');
    driver.beforeCreate = async () => {};
    await bench.step(60_000);
    await bench.step(20_000);
    expect(bench.toldAbout('data').at(-1)).toContain('PopulatorWaiting: Populator waits: its pod has no node (no nodes available');
  });

  it('tries at once what was changed', async () => {
    await start();
    await ask();
    await end('Failed', { exitCode: FILL_REFUSED_EXIT_CODE, message: 'the server answers 404' });
    const patch = { type: 'merge', body: { spec: { sourceURL: 'https://example.com/b.tar' } } } as const;
    await bench.client.patch(archives, { key: { namespace: 'default', name: 'site' }, patch });
    await bench.idle();
    expect((await podOf(await bench.claim()))?.spec.containers[0]?.args?.[0]).toContain('b.tar');
  });

  it('waits for what it names, and says so; a block device is refused', async () => {
    await start();
    await ask({ spec: { dataSourceRef: { ...ARCHIVE, name: 'other' } } });
    expect(bench.toldAbout('data').join()).toContain('PopulatorDataSourceNotFound: spec.dataSource Archive "other" does not exist');
    await bench.client.create(archives, {
      metadata: { name: 'other', namespace: 'default' },
      spec: { sourceURL: 'https://example.com/o.tar' },
    });
    await bench.idle();
    expect(await podOf(await bench.claim())).toBeDefined();
    await ask({ name: 'raw', spec: { dataSourceRef: ARCHIVE, volumeMode: 'Block' } });
    expect(bench.toldAbout('raw').join()).toContain('PopulateOperationStartError');
  });

  it.each(['Delete', 'Retain'] as const)('leaves nothing where it is deleted midway, also of a class with %s', async (reclaimPolicy) => {
    await start();
    await bench.createClass(aClass({ name: 'kept', reclaimPolicy }));
    await ask({ storageClassName: 'kept' });
    expect(driver.volumes.size).toBe(1);
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await bench.step(60_000);
    expect([await bench.claim(), await leftovers(), driver.volumes.size]).toEqual([undefined, [], 0]);
  });

  it('is counted in the metrics of upstream: each filling with its seconds, and those under way', async () => {
    const metrics = new Metrics();
    const told = (): readonly string[] =>
      metrics
        .render()
        .split('\n')
        .filter((line) => /^volume_populator_operations_in_flight|^volume_populator_operation_seconds_(sum|count)/.test(line));
    await start({ metrics });
    await ask();
    expect(told()).toEqual(['volume_populator_operations_in_flight 1']);
    await bench.step(7_000);
    await end('Failed', { exitCode: 1, message: 'gone' });
    await bench.step(2_000);
    await endOnNode();
    await end('Succeeded');
    await endOnNode();
    expect((await bench.claim())?.status?.phase).toBe('Bound');
    expect(told().filter((line) => line.includes('count') || line.includes('flight'))).toEqual([
      'volume_populator_operation_seconds_count{result="error"} 1',
      'volume_populator_operation_seconds_count{result="success"} 1',
      'volume_populator_operations_in_flight 0',
    ]);
    await ask({ name: 'more' });
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'more' });
    await bench.step(60_000);
    await endOnNode();
    expect(told()).toContain('volume_populator_operations_in_flight 0');
  });

  it('leaves nothing where somebody let the claim go by force', async () => {
    await start();
    await ask();
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await bench.halt();
    const claim = await bench.claim();
    if (claim !== undefined) {
      const body = { metadata: { resourceVersion: claim.metadata.resourceVersion, finalizers: [] } };
      await bench.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } });
    }
    await bench.restart();
    await bench.step(60_000);
    expect([await leftovers(), driver.volumes.size]).toEqual([[], 0]);
  });

  it('of an object of another namespace takes a grant; one that goes takes back what was begun', async () => {
    await start();
    for (const name of ['team-a', 'team-b']) await bench.client.create(namespaces, { metadata: { name }, spec: {} });
    await bench.client.create(archives, {
      metadata: { name: 'site', namespace: 'team-a' },
      spec: { sourceURL: 'https://example.com/secret.tar' },
    });
    await bench.createClaim(
      aClaim({ namespace: 'team-b', storageClassName: 'fast', spec: { dataSourceRef: { ...ARCHIVE, namespace: 'team-a' } } }),
    );
    await bench.idle();
    expect(bench.toldAbout('data').join()).toContain('no ReferenceGrant of the namespace team-a lets claims of team-b use it');
    expect(await leftovers()).toEqual([]);
    const to = [{ group: ARCHIVE.apiGroup, kind: 'Archive' }];
    await bench.client.create(referenceGrants, aGrant({ to }));
    await bench.idle();
    expect(await leftovers()).toHaveLength(2);
    await bench.client.delete(referenceGrants, { namespace: 'team-a', name: 'given' });
    await bench.step(60_000);
    expect([await leftovers(), driver.volumes.size]).toEqual([[], 0]);
  });

  it('of a directory reads a copy of its claim, which goes with the filling', async () => {
    await start();
    await bench.createClaim(aClaim({ name: 'source', storageClassName: 'fast' }));
    await bench.client.create(claimDirectories, {
      metadata: { name: 'part', namespace: 'default' },
      spec: { claimName: 'source', path: '/a' },
    });
    await bench.idle();
    await ask({ spec: { dataSourceRef: DIRECTORY } });
    const claim = await bench.claim();
    const copy = await bench.client.get(persistentVolumeClaims, { namespace: POPULATOR_NAMESPACE, name: `source-${claim?.metadata.uid}` });
    expect(copy.status?.phase).toBe('Bound');
    expect(driver.volumes.get(`vol-pvc-${copy.metadata.uid}`)?.request.volumeContentSource).toHaveProperty('volume');
    expect((await podOf(claim))?.spec.containers[0]?.volumeMounts).toContainEqual({ name: 'source', mountPath: '/source', readOnly: true });
    await end('Succeeded');
    await bench.step(60_000);
    expect((await bench.claim())?.status?.phase).toBe('Bound');
    expect([await leftovers(), driver.volumes.size]).toEqual([[], 2]);
  });

  it('of a kind of others that is filled in as ours, such as the documents\u2019 Provider', async () => {
    await start();
    await bench.client.create(volumePopulators, {
      metadata: { name: 'providers', annotations: { 'populators.stowage.dev/filled-as': 'Archive' } },
      sourceKind: { group: 'provider.example.com', kind: 'Provider' },
    });
    await ask({ spec: { dataSourceRef: { apiGroup: 'provider.example.com', kind: 'Provider', name: 'provider1' } } });
    expect(bench.toldAbout('data').join()).toContain('PopulatorDataSourceNotFound: spec.dataSource Provider "provider1" does not exist');
    await establish(bench.client, PROVIDERS);
    await bench.step(5_000);
    const spec = { sourceURL: 'https://example.com/data.tar.gz', extractPath: '/data' };
    await bench.client.create(providers, { metadata: { name: 'provider1', namespace: 'default' }, spec });
    await bench.step(5_000);
    const [order = ''] = (await podOf(await bench.claim()))?.spec.containers[0]?.args ?? [];
    expect(JSON.parse(order)).toMatchObject({ url: spec.sourceURL, into: '/data' });
    await end('Succeeded');
    expect((await bench.claim())?.status?.phase).toBe('Bound');
    expect(reasons()).not.toContain('UnrecognizedDataSourceKind');
  });

  it('of a kind that nobody has registered is told so', async () => {
    await start();
    const dataSourceRef = { apiGroup: 'provider.example.com', kind: 'Provider', name: 'provider1' };
    await ask({ name: 'unknown', spec: { dataSourceRef } });
    expect(reasons('unknown')).toContain('UnrecognizedDataSourceKind');
    await bench.client.create(volumePopulators, {
      metadata: { name: 'p' },
      sourceKind: { group: 'provider.example.com', kind: 'Provider' },
    });
    await bench.idle();
    await ask({ name: 'known', spec: { dataSourceRef } });
    expect(reasons('known')).not.toContain('UnrecognizedDataSourceKind');
  });
});

/** The pod ends somehow, or the process dies, or time goes on. */
async function live(weather: Weather, roll: (bound: number) => number): Promise<void> {
  const pod = await podOf(await bench.claim());
  const isRunning = pod !== undefined && pod.status?.phase !== 'Succeeded';
  const fate = roll(6);
  if (isRunning && fate < 3) await end('Failed', { exitCode: 1, message: 'x' });
  if (isRunning && fate === 3) await end('Succeeded');
  if (roll(2) === 0) {
    weather.untilCrash = 1 + roll(12);
    weather.isDead = false;
    await bench.restart();
  }
  await bench.step(roll(2) * 60_000);
}

/** The claim is there and Bound, or it is not; its one volume as well, and nothing else. */
async function expectAllTidy(count: 0 | 1): Promise<void> {
  const claim = await bench.claim();
  expect([claim?.status?.phase, await leftovers()]).toEqual([count === 0 ? undefined : 'Bound', []]);
  expect(claim !== undefined && hasFinalizer(claim, POPULATE_FINALIZER)).toBe(false);
  expect([(await bench.client.list(persistentVolumes)).items.length, driver.volumes.size]).toEqual([count, count]);
}

it('VOL-15: nothing half filled is ever Bound and nothing is left, wherever the process dies', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const roll = seededRoll(seed);
      const weather = new Weather(roll);
      await start({ wrapClient: (client) => weather.wrap(client) });
      try {
        weather.untilCrash = 1 + roll(30);
        await ask({ storageClassName: 'fast' });
        for (let turn = roll(6); turn >= 0 && (await bench.claim())?.status?.phase !== 'Bound'; turn -= 1) await live(weather, roll);
        const isDeleted = roll(3) === 0;
        if (isDeleted) await removeClaim();
        weather.untilCrash = Number.POSITIVE_INFINITY;
        weather.isDead = false;
        await bench.restart();
        await bench.step(700_000);
        if (!isDeleted && (await bench.claim())?.status?.phase !== 'Bound') await end('Succeeded');
        await bench.step(700_000);
        await expectAllTidy(isDeleted ? 0 : 1);
      } finally {
        await bench.close();
      }
    }),
    { numRuns: 30 },
  );
}, 60_000);

function removeClaim(): Promise<unknown> {
  return bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' }).catch(ignoreMissing);
}

function ignoreMissing(thrown: unknown): void {
  if (!hasCode(thrown, 'NotFound')) throw thrown;
}
