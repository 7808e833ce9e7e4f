import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  csiNodes,
  events,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  storageClasses,
  volumeAttributesClasses,
} from '#api/resources.ts';
import { formatKey } from '#api/meta/object.ts';
import { trusted } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { aStoredNode } from '#testing/builders/node.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { FakeClock, settle } from '#testing/fake-clock.ts';
import { ScriptedClient } from '#testing/fakes/scripted-client.ts';
import { ClaimStatuses } from './claim-statuses.ts';
import { viewCluster } from './cluster.ts';
import { gatherClusterParts } from './cluster-parts.ts';
import { driversConnected } from './drivers.ts';
import { WHOLE } from './sight.ts';

const DRIVER = 'disk.example';
const asked = { 'volume.kubernetes.io/storage-provisioner': DRIVER };

let api: ScriptedClient;
let clock: FakeClock;
let informers: InformerFactory;
let statuses: ClaimStatuses;
let connected: Set<string>;
let told: string[];
let tellBack: (driver: string) => void;
/** Claims that were looked at. */
let looks: () => readonly string[];

beforeEach(async () => {
  [api, clock, told, connected] = [new ScriptedClient(), new FakeClock(), [], new Set()];
  informers = new InformerFactory({ client: api.client, clock, log: silentLogger });
  const drivers = {
    find: (name: string) => (connected.has(name) ? trusted<never>({}) : undefined),
    names: () => [...connected],
    onBack: (listener: (driver: string) => void) => {
      tellBack = listener;
      return () => {};
    },
  };
  const parts = informers.shared(gatherClusterParts);
  await informers.start();
  statuses = new ClaimStatuses({ parts, cluster: viewCluster(parts, WHOLE, () => driversConnected(drivers)), drivers, clock });
  const get = vi.spyOn(parts.claims, 'get');
  looks = () => get.mock.calls.map(([key]) => formatKey(key));
});
afterEach(() => informers.stop());

const listener = {
  onUpsert: ({
    claim,
    status,
  }: {
    readonly claim: { readonly metadata: { readonly name: string } };
    readonly status: { readonly code: string };
  }) => void told.push(`${claim.metadata.name}: ${status.code}`),
  onDelete: (uid: string) => void told.push(`${uid} is over`),
};

function put(name: string, of: Parameters<typeof aStoredClaim>[0] = {}): void {
  api.put(persistentVolumeClaims, aStoredClaim({ name, uid: name, storageClassName: 'fast', status: { phase: 'Pending' }, ...of }));
}

/** Lets what was put arrive and be looked at; answers what was told since. */
async function news(): Promise<readonly string[]> {
  await settle();
  await clock.step(200);
  return told.splice(0);
}

async function follow(...claims: readonly string[]): Promise<() => void> {
  for (const name of claims) put(name);
  await settle();
  const stop = statuses.subscribe(listener);
  await news();
  return stop;
}

describe('ClaimStatuses', () => {
  it('knows of the claims that wait when somebody listens, and only then', async () => {
    put('a');
    put('bound', { volumeName: 'v', status: { phase: 'Bound', capacity: { storage: '10Mi' } } });
    expect(await news()).toEqual([]);
    const stop = statuses.subscribe(listener);
    expect(await news()).toEqual(['a: classMissing']);
    expect([...statuses.all()].map(({ claim }) => claim.metadata.name)).toEqual(['a']);
    stop();
    put('late');
    expect(await news()).toEqual([]);
    expect([...statuses.all()]).toEqual([]);
  });

  it.each<{ name: string; before?: () => void; change: () => void; says: readonly string[] }>([
    {
      name: 'its class comes',
      change: () => api.put(storageClasses, aStoredClass({ name: 'fast', uid: 'k', provisioner: 'x/none' })),
      says: ['a: driverMissing'],
    },
    { name: 'it is bound', change: () => put('a', { status: { phase: 'Bound' } }), says: ['a is over'] },
    {
      name: 'it is being deleted',
      change: () => put('a', { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['f'] }),
      says: ['a is over'],
    },
    { name: 'it is gone', change: () => api.remove(persistentVolumeClaims, 'a'), says: ['a is over'] },
    { name: 'nothing changes for it', change: () => put('a', { labels: { a: 'b' } }), says: [] },
    {
      name: 'a pod comes to use it',
      before: () =>
        api.put(storageClasses, aStoredClass({ name: 'fast', uid: 'k', provisioner: DRIVER, bindingMode: 'WaitForFirstConsumer' })),
      change: () => api.put(pods, aStoredPod({ uid: 'p', claims: ['a'] })),
      says: ['a: waitsForScheduling'],
    },
    {
      name: 'its driver connects',
      before: () => {
        api.put(storageClasses, aStoredClass({ name: 'fast', uid: 'k', provisioner: DRIVER }));
        put('a', { annotations: asked });
      },
      change: () => {
        connected.add(DRIVER);
        tellBack(DRIVER);
      },
      says: ['a: provisioning'],
    },
    {
      name: 'its driver registers with a node',
      before: () => {
        api.put(storageClasses, aStoredClass({ name: 'fast', uid: 'k', provisioner: DRIVER }));
        put('a', { annotations: asked });
      },
      change: () => {
        connected.add(DRIVER);
        api.put(csiNodes, trusted({ metadata: { name: 'n', uid: 'n' }, spec: { drivers: [{ name: DRIVER, nodeID: 'n' }] } }));
      },
      says: ['a: provisioning'],
    },
    {
      name: 'its driver fails',
      before: () => {
        connected.add(DRIVER);
        api.put(storageClasses, aStoredClass({ name: 'fast', uid: 'k', provisioner: DRIVER }));
        put('a', { annotations: asked });
      },
      change: () => {
        const involvedObject = { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'a', uid: 'a' };
        const metadata = { name: 'e', namespace: 'default', uid: 'e' };
        api.put(events, trusted({ metadata, involvedObject, type: 'Warning', reason: 'ProvisioningFailed', message: 'full' }));
      },
      says: ['a: provisioningFailed'],
    },
    {
      name: 'the volume that it names comes',
      before: () => put('a', { volumeName: 'pv-1' }),
      change: () => api.put(persistentVolumes, aStoredVolume({ name: 'pv-1', uid: 'v', size: '1Mi', status: { phase: 'Available' } })),
      says: ['a: namedVolumeUnfit'],
    },
    {
      name: 'its VolumeAttributesClass comes',
      before: () => {
        connected.add(DRIVER);
        api.put(storageClasses, aStoredClass({ name: 'fast', uid: 'k', provisioner: DRIVER }));
        put('a', { annotations: asked, spec: { volumeAttributesClassName: 'gold' } });
      },
      change: () => api.put(volumeAttributesClasses, trusted({ metadata: { name: 'gold', uid: 'g' }, driverName: DRIVER, parameters: {} })),
      says: ['a: provisioning'],
    },
    {
      name: 'the node that was chosen for it goes',
      before: () => {
        connected.add(DRIVER);
        api.put(nodes, aStoredNode({ name: 'node-1', uid: 'n' }));
        api.put(storageClasses, aStoredClass({ name: 'fast', uid: 'k', provisioner: DRIVER, bindingMode: 'WaitForFirstConsumer' }));
        put('a', { annotations: { ...asked, 'volume.kubernetes.io/selected-node': 'node-1' } });
      },
      change: () => api.remove(nodes, 'n'),
      says: ['a: pending'],
    },
  ])('tells when $name', async ({ before, change, says }) => {
    await follow('a');
    before?.();
    await news();
    change();
    expect(await news()).toEqual(says);
  });

  it('looks, after a change, at the claims that it may matter to and at no others', async () => {
    await follow('a', ...Array.from({ length: 300 }, (_, index) => `other-${index}`));
    const before = looks().length;
    put('a', { storageClassName: '' });
    expect(await news()).toEqual(['a: waitsForVolume']);
    expect(new Set(looks().slice(before))).toEqual(new Set(['default/a']));
  });

  it('looks at many in slices, each in a turn of its own', async () => {
    for (let index = 0; index < 450; index += 1) put(`c-${index}`);
    await settle();
    statuses.subscribe(listener);
    await clock.step(100);
    expect(told.length).toBeGreaterThanOrEqual(200);
    await clock.step(10);
    expect(told).toHaveLength(450);
  });

  it('tells of a new claim of the same name as of another', async () => {
    await follow('a');
    api.remove(persistentVolumeClaims, 'a');
    api.put(persistentVolumeClaims, aStoredClaim({ name: 'a', uid: 'a-2', storageClassName: 'fast', status: { phase: 'Pending' } }));
    expect(await news()).toEqual(['a is over', 'a: classMissing']);
  });
});
