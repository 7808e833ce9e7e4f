import { afterEach, describe, expect, it } from 'vitest';
import { claimStatus, type ClaimStatusCode, type StatusTone } from '#api/claim-status.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { type Words, wordsText } from '#api/explanation.ts';
import type { Event } from '#api/generated/kubernetes.ts';
import { type Draft, formatKeyOf } from '#api/meta/object.ts';
import { events, persistentVolumeClaims, persistentVolumes, pods, volumeAttributesClasses } from '#api/resources.ts';
import { formatTime } from '#kit/clock.ts';
import { silentLogger } from '#kit/log.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aNode } from '#testing/builders/node.ts';
import { aPod } from '#testing/builders/pod.ts';
import { aVolume } from '#testing/builders/volume.ts';
import { connected, driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { type StorageBench, startStorageBench } from '#testing/storage-bench.ts';
import { explainerOf } from './explain.ts';
import { claimExplainer } from './explainers.ts';

const DRIVER = 'disk.example';
const KEY = { namespace: 'default', name: 'data' };

let bench: StorageBench;
let stop = (): void => {};
afterEach(async () => {
  stop();
  await bench.close();
});

/** What everybody says of the claim `data`. */
interface Said {
  readonly status: { readonly code: ClaimStatusCode; readonly tone: StatusTone; readonly reason: string };
  readonly explained: { readonly state: string; readonly why: string };
  /** Absent where nothing waits. */
  readonly waiting: { readonly state: string; readonly cause: string } | undefined;
  readonly events: ReadonlySet<string>;
}

/** Lets the controllers do what they can, and asks all who say why. */
async function ask(): Promise<Said> {
  await bench.idle();
  await writeEvents();
  const { api } = bench;
  const informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
  const drivers = connected(bench.drivers);
  const explainer = await explainerOf({ informers, drivers, isOnCluster: false, clock: api.clock });
  const unsubscribe = explainer.statuses.subscribe({ onUpsert: () => {}, onDelete: () => {} });
  stop = () => {
    unsubscribe();
    informers.stop();
  };
  await api.clock.step(1_000);
  const claim = await api.client.get(persistentVolumeClaims, KEY);
  const users = (await api.client.list(pods)).items.filter((pod) => claimKeysOfPod(pod).includes(formatKeyOf(claim)));
  const decided = [...explainer.statuses.all()].find((each) => each.claim.metadata.uid === claim.metadata.uid)?.status;
  const status = claimStatus(claim, { pods: users, events: (await api.client.list(events)).items, decided });
  const { state, summary } = await explainer.explain(api.client, claimExplainer, KEY);
  const { groups } = await explainer.whatWaits(api.client, 'default');
  const group = groups.find(({ objects }) => objects.includes('pvc/data -n default'));
  return {
    status: { code: status.code, tone: status.tone, reason: status.reason === undefined ? '' : wordsText(status.reason, 'en') },
    explained: { state, why: wordsText(whyOf(summary), 'en') },
    waiting: group && { state: group.state, cause: wordsText(group.cause, 'en') },
    events: new Set(
      bench.told
        .filter(({ about }) => about.metadata.name === 'data' && about.kind === 'PersistentVolumeClaim')
        .map(({ reason }) => reason),
    ),
  };
}

function whyOf(summary: Words): Words {
  const { why } = summary.values;
  return typeof why === 'object' && 'code' in why ? why : { ...summary, values: { ...summary.values, object: '…' } };
}

/** Puts what was told into the API, as the recorder does. */
async function writeEvents(): Promise<void> {
  for (const [index, { about, type, reason, message }] of bench.told.entries()) {
    const { name, namespace = 'default', uid } = about.metadata;
    const isOfBinding = message.startsWith('storageclass') || message.startsWith('no volume plugin');
    const event: Draft<Event> = {
      metadata: { name: `e-${index}`, namespace },
      involvedObject: { kind: about.kind, namespace, name, uid },
      type,
      reason,
      message,
      source: { component: isOfBinding ? 'persistentvolume-controller' : 'external-provisioner' },
      lastTimestamp: formatTime(bench.api.clock.nowMs()),
    };
    await bench.client.create(events, event);
  }
}

interface Situation {
  readonly name: string;
  readonly make: () => Promise<unknown>;
  readonly driver?: FakeDriver;
  readonly code: ClaimStatusCode;
  readonly why: RegExp;
  /** What the controllers tell of it. */
  readonly event?: string;
  readonly reason?: RegExp;
}

const fast = (of: Parameters<typeof aClass>[0] = {}) => bench.createClass(aClass({ name: 'fast', provisioner: DRIVER, ...of }));
const data = (of: Parameters<typeof aClaim>[0] = {}) => bench.createClaim(aClaim({ name: 'data', storageClassName: 'fast', ...of }));
const failing = (): FakeDriver => {
  const driver = new FakeDriver();
  driver.beforeCreate = () => Promise.reject(driverError('ResourceExhausted', 'the pool is full'));
  return driver;
};
const refusing = (): FakeDriver => {
  const driver = new FakeDriver({ capabilities: ['EXPAND_VOLUME'] });
  driver.beforeExpand = () => Promise.reject(driverError('OutOfRange', 'too large'));
  return driver;
};
const leavingToNode = (): FakeDriver => new FakeDriver({ capabilities: ['EXPAND_VOLUME'], growth: 'needsNode' });
const grow = async (): Promise<void> => {
  await fast({ rest: { allowVolumeExpansion: true } });
  await data({ size: '1Gi' });
  await bench.idle();
  const patch = { type: 'merge', body: { spec: { resources: { requests: { storage: '2Gi' } } } } } as const;
  await bench.client.patch(persistentVolumeClaims, { key: KEY, patch });
};
const late = { bindingMode: 'WaitForFirstConsumer' } as const;
/** Of a tone what an explanation says. */
const STATES: Readonly<Record<StatusTone, string>> = { good: 'fine', busy: 'busy', waiting: 'blocked', bad: 'blocked' };

describe('CON-2: the console, stowage explain, stowage status and the events say the same of a claim', () => {
  it.each<Situation>([
    {
      name: 'its class does not exist',
      make: () => data(),
      code: 'classMissing',
      why: /its class does not exist/,
      event: 'ProvisioningFailed',
    },
    {
      name: 'it names no class',
      make: () => bench.createClaim(aClaim({ name: 'data' })),
      code: 'waitsForClass',
      why: /names no class/,
      event: 'FailedBinding',
    },
    {
      name: 'it wants none',
      make: () => data({ storageClassName: '' }),
      code: 'waitsForVolume',
      why: /without a class, and none fits/,
      event: 'FailedBinding',
    },
    {
      name: 'it names a volume that is missing',
      make: () => data({ volumeName: 'pv-9' }),
      code: 'namedVolumeMissing',
      why: /pv-9, which does not exist/,
      event: 'FailedBinding',
    },
    {
      name: 'it names a volume that is too small',
      make: async () => [await bench.createVolume(aVolume({ name: 'pv-1', size: '1Mi' })), await data({ volumeName: 'pv-1' })],
      code: 'namedVolumeUnfit',
      why: /pv-1, which will not do/,
      event: 'VolumeMismatch',
    },
    {
      name: 'it names a volume that another has',
      make: async () => {
        await bench.createVolume(aVolume({ name: 'pv-1', spec: { claimRef: { namespace: 'default', name: 'other', uid: 'o' } } }));
        return data({ volumeName: 'pv-1' });
      },
      code: 'namedVolumeTaken',
      why: /pv-1, which is another claim's/,
      event: 'FailedBinding',
    },
    {
      name: 'no pod uses it',
      make: async () => [await fast(late), await data()],
      driver: new FakeDriver(),
      code: 'waitsForFirstPod',
      why: /no pod uses it yet/,
      event: 'WaitForFirstConsumer',
    },
    {
      name: 'its pod has no node',
      make: async () => [await fast(late), await data(), await bench.createPod(aPod({ claims: ['data'] }))],
      driver: new FakeDriver(),
      code: 'waitsForScheduling',
      why: /the pods that use it have no node yet/,
      event: 'WaitForPodScheduled',
    },
    {
      name: 'its pod goes past the scheduler',
      make: async () => {
        await bench.createNode(aNode({ name: 'node-1' }));
        await fast(late);
        return [await data(), await bench.createPod(aPod({ claims: ['data'], nodeName: 'node-1' }))];
      },
      driver: new FakeDriver(),
      code: 'podsBypassScheduler',
      why: /no pod that uses it goes through the scheduler/,
      event: 'WaitForFirstConsumer',
    },
    {
      name: 'its class makes none',
      make: async () => [await fast({ provisioner: 'kubernetes.io/no-provisioner' }), await data()],
      code: 'waitsForVolume',
      why: /its class makes no volumes/,
      event: 'ProvisioningFailed',
    },
    {
      name: 'its driver is away',
      make: async () => [await fast(), await data()],
      code: 'driverMissing',
      why: /the driver of its class is not there/,
      event: 'ProvisioningFailed',
    },
    {
      name: 'its driver is not asked for what it wants',
      make: async () => [await fast(), await data({ spec: { selector: { matchLabels: { a: 'b' } } } })],
      driver: new FakeDriver(),
      code: 'provisioningFailed',
      why: /is not asked for it as it stands/,
      event: 'ProvisioningFailed',
      reason: /claim Selector is not supported/,
    },
    {
      name: 'its VolumeAttributesClass is missing',
      make: async () => [await fast(), await data({ spec: { volumeAttributesClassName: 'gold' } })],
      driver: new FakeDriver(),
      code: 'provisioningFailed',
      why: /its VolumeAttributesClass can not be used/,
      event: 'ProvisioningFailed',
      reason: /VAC "gold" does not exist/,
    },
    {
      name: 'its driver can not make it',
      make: async () => [await fast(), await data()],
      driver: failing(),
      code: 'provisioningFailed',
      why: /could not make the volume/,
      event: 'ProvisioningFailed',
      reason: /the pool is full/,
    },
    {
      name: 'bound',
      make: async () => [await fast(), await data()],
      driver: new FakeDriver(),
      code: 'bound',
      why: /is Bound to volume/,
      event: 'ProvisioningSucceeded',
    },
    { name: 'its growth waits for a pod', make: grow, driver: leavingToNode(), code: 'growsAtNextMount', why: /is to grow to 2Gi/ },
    {
      name: 'its growth goes on',
      make: async () => [await bench.createPod(aPod({ claims: ['data'] })), await grow()],
      driver: leavingToNode(),
      code: 'growing',
      why: /is to grow to 2Gi/,
    },
    { name: 'its growth fails', make: grow, driver: refusing(), code: 'growFailed', why: /is to grow to 2Gi/, event: 'VolumeResizeFailed' },
    {
      name: 'its driver can not change attributes',
      make: async () => {
        await bench.client.create(volumeAttributesClasses, { metadata: { name: 'gold' }, driverName: DRIVER, parameters: { a: 'b' } });
        await fast();
        await data();
        await bench.idle();
        const patch = { type: 'merge', body: { spec: { volumeAttributesClassName: 'gold' } } } as const;
        await bench.client.patch(persistentVolumeClaims, { key: KEY, patch });
      },
      driver: new FakeDriver(),
      code: 'attributesFailed',
      why: /is to have the attributes/,
    },
    {
      name: 'its volume is gone',
      make: async () => {
        await fast();
        await data();
        await bench.idle();
        const [volume] = (await bench.client.list(persistentVolumes)).items;
        const key = { namespace: '', name: volume?.metadata.name ?? '' };
        await bench.client.delete(persistentVolumes, key);
        await bench.client.patch(persistentVolumes, { key, patch: { type: 'merge', body: { metadata: { finalizers: null } } } });
      },
      driver: new FakeDriver(),
      code: 'lost',
      why: /is Lost: its volume/,
      event: 'ClaimLost',
    },
    {
      name: 'on its way out and in use',
      make: async () => {
        await fast();
        await data();
        await bench.createNode(aNode({ name: 'node-1' }));
        await bench.createPod(aPod({ claims: ['data'], nodeName: 'node-1' }));
        await bench.idle();
        await bench.client.delete(persistentVolumeClaims, KEY);
      },
      driver: new FakeDriver(),
      code: 'terminatingInUse',
      why: /waits for its pods to end/,
    },
  ])('$name', async ({ make, driver, code, why, event, reason = /^$/ }) => {
    bench = await startStorageBench({ drivers: driver === undefined ? {} : { [DRIVER]: driver } });
    await make();
    const said = await ask();
    expect(said.status).toMatchObject({ code, reason: expect.stringMatching(reason) });
    expect(said.explained).toEqual({ state: STATES[said.status.tone], why: expect.stringMatching(why) });
    expect(said.waiting).toEqual(said.status.tone === 'good' ? undefined : { state: said.explained.state, cause: said.explained.why });
    if (event !== undefined) expect([...said.events]).toContain(event);
  });
});
