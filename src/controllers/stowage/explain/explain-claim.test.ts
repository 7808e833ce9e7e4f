import { describe, expect, it } from 'vitest';
import { type Explanation, tell, words } from '#api/explanation.ts';
import { trusted } from '#kit/json.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { aStoredNode } from '#testing/builders/node.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import {
  clusterOf,
  type Listed,
  csiNodeOf as csiNode,
  quotaOf as quota,
  textOfExplanation as textOf,
  waitingClaim as claim,
  warningAbout as warning,
} from '#testing/builders/explained-cluster.ts';
import { explainClaim } from './explain-claim.ts';

const KEY = { namespace: 'default', name: 'data' };
const DRIVER = 'disk.example';

describe('explainClaim', () => {
  it.each<{ name: string; cluster: Listed; state: Explanation['state']; says: readonly RegExp[] }>([
    {
      name: 'VOL-19: a volume that its driver calls lost and torn',
      cluster: {
        claims: [
          trusted({
            ...claim({ volumeName: 'pv-1' }),
            status: {
              phase: 'Bound',
              healthStatus: {
                healthConditions: [
                  { status: 'DataLoss', reason: 'Scrub', message: '3 blocks' },
                  { status: 'Degraded', reason: 'Rebuild' },
                ],
                lastTransitionTime: '2026-01-01T00:00:00Z',
              },
            },
          }),
        ],
      },
      state: 'blocked',
      says: [
        /is Bound to volume pv-1, and its driver says that the volume is not well/,
        /health DataLoss +Scrub, since 2026-01-01T00:00:00Z: 3 blocks/,
        /health Degraded +Rebuild/,
        /What helps: data is lost: stop what writes to it/,
        /it still works: mend what the driver says/,
      ],
    },
    { name: 'no such claim', cluster: {}, state: 'blocked', says: [/^persistentvolumeclaim default\/data does not exist/] },
    {
      name: 'no class, no default',
      cluster: { claims: [claim()], classes: [aStoredClass()] },
      state: 'blocked',
      says: [
        /names no class, and no volume fits/,
        /none of the classes is the default \(there are: fast\)/,
        /What helps: .*is-default-class/,
      ],
    },
    {
      name: 'wants none of the classes',
      cluster: { claims: [claim({ storageClassName: '' })], classes: [aStoredClass({ role: 'default' })] },
      state: 'blocked',
      says: [/asks for volumes without a class/],
    },
    {
      name: 'a class that does not exist, and volumes that do not fit',
      cluster: { claims: [claim({ storageClassName: 'none' })], classes: [aStoredClass()], volumes: [aStoredVolume({ size: '1Mi' })] },
      state: 'blocked',
      says: [/storageclass none +does not exist \(there are: fast\)/, /persistentvolume pv-1 +too small/],
    },
    {
      name: 'a driver that runs nowhere',
      cluster: {
        claims: [claim({ storageClassName: 'fast' })],
        classes: [aStoredClass({ provisioner: DRIVER })],
        csiNodes: [csiNode('other')],
      },
      state: 'blocked',
      says: [/driver disk.example +is not there \(there are: other\)/, /What helps: start the driver disk.example/],
    },
    {
      name: 'a class without a provisioner',
      cluster: { claims: [claim({ storageClassName: 'fast' })], classes: [aStoredClass({ provisioner: 'kubernetes.io/no-provisioner' })] },
      state: 'blocked',
      says: [/its class makes no volumes, and none that exists fits/],
    },
    {
      name: 'a volume that is being made',
      cluster: {
        claims: [claim({ storageClassName: 'fast' })],
        classes: [aStoredClass({ provisioner: DRIVER })],
        csiNodes: [csiNode(DRIVER)],
      },
      state: 'busy',
      says: [/driver disk.example is making the volume/],
    },
    {
      name: 'a driver that refuses',
      cluster: {
        claims: [claim({ storageClassName: 'fast' })],
        classes: [aStoredClass({ provisioner: DRIVER })],
        csiNodes: [csiNode(DRIVER)],
        events: [warning('c-1', 'ProvisioningFailed', 'the pool is full')],
      },
      state: 'blocked',
      says: [/could not make the volume/, /event ProvisioningFailed +the pool is full/],
    },
    {
      name: 'a driver without room',
      cluster: {
        claims: [claim({ storageClassName: 'fast', size: '5Gi' })],
        classes: [aStoredClass({ provisioner: DRIVER })],
        csiNodes: [csiNode(DRIVER)],
        capacities: [
          trusted({
            metadata: { name: 'c' },
            storageClassName: 'fast',
            capacity: '1Gi',
            nodeTopology: { matchLabels: { host: 'node-1' } },
          }),
        ],
        events: [warning('c-1', 'ProvisioningFailed', 'not enough space')],
      },
      state: 'blocked',
      says: [/driver disk.example has no room for it/, /capacity of node-1 +has room for 1Gi, the claim asks for 5Gi/],
    },
    {
      name: 'attributes of a class that does not exist',
      cluster: {
        claims: [claim({ storageClassName: 'fast', spec: { volumeAttributesClassName: 'gold' } })],
        classes: [aStoredClass({ provisioner: DRIVER })],
        csiNodes: [csiNode(DRIVER)],
      },
      state: 'blocked',
      says: [/volumeattributesclass gold +does not exist \(there are: none\)/],
    },
    {
      name: 'a class that waits for a pod',
      cluster: { claims: [claim({ storageClassName: 'fast' })], classes: [aStoredClass({ bindingMode: 'WaitForFirstConsumer' })] },
      state: 'blocked',
      says: [/no pod uses it yet/, /What helps: create a pod that uses the claim/],
    },
    {
      name: 'pods that wait for a node',
      cluster: {
        claims: [claim({ storageClassName: 'fast' })],
        classes: [aStoredClass({ bindingMode: 'WaitForFirstConsumer' })],
        pods: [aStoredPod({ claims: ['data'] })],
      },
      state: 'blocked',
      says: [/pod web +waits for a node/, /What helps: stowage explain pod\/web -n default/],
    },
    {
      name: 'a class that waits for a pod, whose driver can’t make the volume on the chosen node',
      cluster: {
        claims: [claim({ storageClassName: 'fast', annotations: { 'volume.kubernetes.io/selected-node': 'node-1' } })],
        classes: [aStoredClass({ provisioner: DRIVER, bindingMode: 'WaitForFirstConsumer' })],
        nodes: [aStoredNode({ name: 'node-1' })],
        csiNodes: [csiNode(DRIVER)],
        pods: [aStoredPod({ claims: ['data'] })],
        events: [warning('c-1', 'ProvisioningFailed', 'the disk is full')],
      },
      state: 'blocked',
      says: [/driver disk.example could not make the volume/, /the disk is full/],
    },
    {
      name: 'a class that waits for a pod, and a pod that names its node itself',
      cluster: {
        claims: [claim({ storageClassName: 'fast' })],
        classes: [aStoredClass({ provisioner: DRIVER, bindingMode: 'WaitForFirstConsumer' })],
        csiNodes: [csiNode(DRIVER)],
        pods: [aStoredPod({ claims: ['data'], nodeName: 'node-1' })],
      },
      state: 'blocked',
      says: [/no pod that uses it goes through the scheduler/, /pod web +names its node itself/, /nodeSelector in place of spec.nodeName/],
    },
    {
      name: 'a node that was chosen for its volume and is gone',
      cluster: {
        claims: [claim({ storageClassName: 'fast', annotations: { 'volume.kubernetes.io/selected-node': 'gone' } })],
        classes: [aStoredClass({ provisioner: DRIVER, bindingMode: 'WaitForFirstConsumer' })],
        csiNodes: [csiNode(DRIVER)],
      },
      state: 'busy',
      says: [/the node that was chosen for it is gone/],
    },
    {
      name: 'a volume that fits, of a class that waits for a pod',
      cluster: {
        claims: [claim({ storageClassName: 'fast' })],
        classes: [aStoredClass({ bindingMode: 'WaitForFirstConsumer' })],
        volumes: [aStoredVolume({ storageClassName: 'fast', status: { phase: 'Available' } })],
      },
      state: 'blocked',
      says: [/no pod uses it yet/],
    },
    {
      name: 'a default class',
      cluster: { claims: [claim()], classes: [aStoredClass({ role: 'default' })] },
      state: 'busy',
      says: [/gets the default one, fast, in a moment/],
    },
    {
      name: 'a named volume that another claim has',
      cluster: {
        claims: [claim({ volumeName: 'pv-1' })],
        volumes: [aStoredVolume({ spec: { claimRef: { namespace: 'default', name: 'other', uid: 'o' } }, status: { phase: 'Bound' } })],
      },
      state: 'blocked',
      says: [/it names volume pv-1, which is another claim's/, /persistentvolume pv-1 +bound to the claim default\/other/],
    },
    {
      name: 'what binding said before the class was there',
      cluster: {
        claims: [claim({ storageClassName: 'fast' })],
        classes: [aStoredClass({ provisioner: DRIVER })],
        csiNodes: [csiNode(DRIVER)],
        events: [{ ...warning('c-1', 'ProvisioningFailed', 'no such class'), source: { component: 'persistentvolume-controller' } }],
      },
      state: 'busy',
      says: [/driver disk.example is making the volume/],
    },
    {
      name: 'a named volume that is missing',
      cluster: { claims: [claim({ volumeName: 'pv-9' })] },
      state: 'blocked',
      says: [/it names volume pv-9/, /persistentvolume pv-9 +does not exist/],
    },
    {
      name: 'a named volume that does not fit',
      cluster: { claims: [claim({ volumeName: 'pv-1' })], volumes: [aStoredVolume({ size: '1Mi', status: { phase: 'Available' } })] },
      state: 'blocked',
      says: [/persistentvolume pv-1 +too small/],
    },
    {
      name: 'a volume that fits',
      cluster: { claims: [claim({ storageClassName: '' })], volumes: [aStoredVolume({ status: { phase: 'Available' } })] },
      state: 'busy',
      says: [/volume pv-1 fits and is about to be bound/],
    },
    {
      name: 'a quota that is used up',
      cluster: {
        claims: [claim({ storageClassName: '' })],
        quotas: [
          quota({
            hard: { 'requests.storage': '1Gi', 'count/persistentvolumeclaims': '1', pods: '1' },
            used: { 'requests.storage': '1Gi', 'count/persistentvolumeclaims': '1', pods: '1' },
          }),
        ],
      },
      state: 'blocked',
      says: [
        /resourcequota q +requests.storage is used up: 1Gi of 1Gi/,
        /resourcequota q +count\/persistentvolumeclaims is used up: 1 of 1/,
      ],
    },
    {
      name: 'bound',
      cluster: { claims: [claim({ volumeName: 'pv-1', status: { phase: 'Bound', capacity: { storage: '10Mi' } } })] },
      state: 'fine',
      says: [/is Bound to volume pv-1 with 10Mi/],
    },
    {
      name: 'growth that fails',
      cluster: {
        claims: [
          claim({
            size: '20Mi',
            volumeName: 'pv-1',
            status: {
              phase: 'Bound',
              capacity: { storage: '10Mi' },
              allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' },
              conditions: [{ type: 'ControllerResizeError', status: 'True', message: 'too large' }],
            },
          }),
        ],
      },
      state: 'blocked',
      says: [/is to grow to 20Mi/, /condition ControllerResizeError +too large/, /What helps: lower spec.resources.requests.storage/],
    },
    {
      name: 'lost',
      cluster: { claims: [claim({ volumeName: 'pv-1', status: { phase: 'Lost' } })] },
      state: 'blocked',
      says: [/is Lost: its volume pv-1 is gone/],
    },
    {
      name: 'a deletion that waits for a pod',
      cluster: {
        claims: [aStoredClaim({ deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['kubernetes.io/pvc-protection'] })],
        pods: [aStoredPod({ claims: ['data'] })],
      },
      state: 'blocked',
      says: [/waits for its pods to end/, /pod web +uses it/, /finalizer +kubernetes.io\/pvc-protection/],
    },
  ])('$name', async ({ cluster, state, says }) => {
    const explanation = explainClaim(KEY, await clusterOf(cluster));
    for (const text of says) expect(textOf(explanation)).toMatch(text);
    expect(explanation.state).toBe(state);
  });

  it('tells of a handful of volumes, those that are nearest first, and counts the rest', async () => {
    const volumes = Array.from({ length: 50 }, (_unused, index) =>
      aStoredVolume({ name: `pv-${index}`, size: '1Mi', status: { phase: 'Available' } }),
    );
    const { findings } = explainClaim(KEY, await clusterOf({ claims: [claim({ storageClassName: '' })], volumes }));
    expect(findings).toHaveLength(21);
    expect(findings.at(-1)?.words).toEqual(words('moreUnfit', { count: '30' }));
  });

  it('counts volumes of others in one line, after what the driver says', async () => {
    const waiting = claim({ storageClassName: '' });
    const others = Array.from({ length: 344 }, (_unused, index) =>
      aStoredVolume({
        name: `pv-${index}`,
        spec: { claimRef: { namespace: 'bulk', name: `c-${index}`, uid: 'u' } },
        status: { phase: 'Bound' },
      }),
    );
    const cluster = await clusterOf({
      claims: [waiting],
      volumes: others,
      events: [warning(waiting.metadata.uid, 'ProvisioningFailed', 'no such parameter')],
    });
    const texts = tell(explainClaim(KEY, cluster), 'en').findings.map(({ text }) => text);
    expect(texts).toEqual(['no such parameter', '344 are bound to other claims']);
  });

  it.each<{ name: string; bindingMode: 'Immediate' | 'WaitForFirstConsumer'; events: Listed['events'] }>([
    { name: 'waits for its first pod', bindingMode: 'WaitForFirstConsumer', events: [] },
    { name: 'was refused by its driver', bindingMode: 'Immediate', events: [warning('c-1', 'ProvisioningFailed', 'no such parameter')] },
  ])('lists no volumes for a claim that $name', async ({ bindingMode, events }) => {
    const cluster = await clusterOf({
      claims: [claim({ storageClassName: 'fast' })],
      classes: [aStoredClass({ name: 'fast', provisioner: DRIVER, bindingMode })],
      csiNodes: [csiNode(DRIVER)],
      volumes: [aStoredVolume({ name: 'free', size: '1Mi', status: { phase: 'Available' } })],
      ...(events === undefined ? {} : { events }),
    });
    const { state, findings } = explainClaim(KEY, cluster);
    expect(state).toBe('blocked');
    expect(findings.filter(({ subject }) => subject.startsWith('persistentvolume'))).toEqual([]);
  });

  it('tells first of a volume that fits, also where it is reserved for the claim', async () => {
    const free = Array.from({ length: 50 }, (_unused, index) =>
      aStoredVolume({ name: `pv-${index}`, size: '1Mi', status: { phase: 'Available' } }),
    );
    const reserved = aStoredVolume({ name: 'reserved', spec: { claimRef: KEY }, status: { phase: 'Available' } });
    const { findings } = explainClaim(KEY, await clusterOf({ claims: [claim({ storageClassName: '' })], volumes: [...free, reserved] }));
    expect(findings.find(({ subject }) => subject.startsWith('persistentvolume'))).toEqual({
      subject: 'persistentvolume reserved',
      words: words('fits'),
    });
  });
});

it.each([
  { status: 'Pending', state: 'blocked', says: [/attributes "gold".*Pending/, /create the VolumeAttributesClass "gold"/] },
  { status: 'InProgress', state: 'busy', says: [/is to have the attributes of VolumeAttributesClass "gold"/] },
  {
    status: 'Infeasible',
    message: 'no MODIFY_VOLUME',
    state: 'blocked',
    says: [/Infeasible: no MODIFY_VOLUME/, /back to what the volume has, to give up/],
  },
])('VOL-4: a change of attributes that is $status', async ({ status, message, state, says }) => {
  const conditions = message === undefined ? [] : [{ type: 'ModifyVolumeError', status: 'True', message }];
  const modifyVolumeStatus = { status, targetVolumeAttributesClassName: 'gold' };
  const bound = { phase: 'Bound', capacity: { storage: '10Mi' }, conditions, modifyVolumeStatus };
  const explanation = explainClaim(KEY, await clusterOf({ claims: [claim({ volumeName: 'pv-1', status: bound })] }));
  expect(explanation.state).toBe(state);
  for (const text of says) expect(textOf(explanation)).toMatch(text);
});
