import { describe, expect, it } from 'vitest';
import type { Node, PersistentVolumeSpec, VolumeAttachment } from '#api/generated/kubernetes.ts';
import type { Explanation } from '#api/explanation.ts';
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
import { explainPod } from './explain-pod.ts';

const DRIVER = 'disk.example';

describe('explainPod', () => {
  const allocatable = { cpu: '2', memory: '1Gi', pods: '110' };
  const ready: Partial<Node> = { status: { conditions: [{ type: 'Ready', status: 'True' }], allocatable } };
  const node = { ...aStoredNode({ name: 'node-1' }), ...ready };
  const asking = (requests: Record<string, string>, of: object = {}) =>
    aStoredPod({ uid: 'p-1', container: { resources: { requests } }, ...of });
  const delayed = claim({ storageClassName: 'fast', size: '10Gi' });
  const delaying = aStoredClass({ name: 'fast', provisioner: DRIVER, bindingMode: 'WaitForFirstConsumer' });
  const bound = claim({
    volumeName: 'pv-1',
    accessModes: ['ReadWriteOncePod'],
    status: { phase: 'Bound', capacity: { storage: '10Mi' } },
    annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
  });
  const elsewhere: Partial<PersistentVolumeSpec> = {
    nodeAffinity: { required: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-2'] }] }] } },
  };
  const pod = aStoredPod({ claims: ['data'], uid: 'p-1' });
  const web = { namespace: 'default', name: 'web' };
  const placed = (status: object = {}, claims: readonly string[] = []) =>
    aStoredPod({ uid: 'p-1', nodeName: 'node-1', claims, status: { phase: 'Pending', ...status } });
  const waiting = (reason: string, message: string) => ({
    name: 'main',
    image: '',
    imageID: '',
    ready: false,
    restartCount: 0,
    state: { waiting: { reason, message } },
  });
  const attachable: Listed = {
    nodes: [node],
    claims: [bound],
    volumes: [aStoredVolume({ spec: { csi: { driver: DRIVER, volumeHandle: 'v' } } })],
    csiDrivers: [trusted({ metadata: { name: DRIVER }, spec: { attachRequired: true } })],
  };
  const attachment = (nodeName: string, fault?: string): VolumeAttachment =>
    trusted({
      metadata: { name: `on-${nodeName}` },
      spec: { attacher: DRIVER, nodeName, source: { persistentVolumeName: 'pv-1' } },
      status: { attached: fault === undefined, ...(fault === undefined ? {} : { attachError: { message: fault } }) },
    });
  it.each<{ name: string; cluster: Listed; state: Explanation['state']; says: readonly RegExp[] }>([
    {
      name: 'VOL-19: a pod that runs, with a volume that its driver can not reach',
      cluster: {
        pods: [
          trusted({
            ...aStoredPod({ claims: ['data'], nodeName: 'node-1' }),
            status: {
              phase: 'Running',
              conditions: [{ type: 'Ready', status: 'True' }],
              volumeHealth: [{ name: 'claim-0', healthConditions: [{ status: 'Inaccessible', reason: 'PathLost', message: 'no path' }] }],
            },
          }),
        ],
        nodes: [node],
      },
      state: 'blocked',
      says: [
        /is Running, and a driver says that its volumes are not well/,
        /volume claim-0 Inaccessible +PathLost, since \?: no path/,
        /make the storage reachable again/,
      ],
    },
    {
      name: 'a claim that is missing',
      cluster: { pods: [pod], nodes: [node] },
      state: 'blocked',
      says: [/persistentvolumeclaim "data" not found/, /claim data +persistentvolumeclaim default\/data does not exist/],
    },
    {
      name: 'a claim that waits, with its own reasons',
      cluster: { pods: [pod], nodes: [node], claims: [claim({ storageClassName: 'none' })] },
      state: 'blocked',
      says: [
        /pod has unbound immediate PersistentVolumeClaims/,
        /storageclass none +does not exist/,
        /What helps: create the storageclass none/,
      ],
    },
    {
      name: 'a volume on another node',
      cluster: { pods: [pod], nodes: [node], claims: [bound], volumes: [aStoredVolume({ spec: elsewhere })] },
      state: 'blocked',
      says: [/no node will do/, /node node-1 +node\(s\) had volume node affinity conflict \(claim data lies on no node that is here\)/],
    },
    {
      name: 'a claim for one pod that another pod has',
      cluster: {
        pods: [pod, aStoredPod({ name: 'first', uid: 'p-2', claims: ['data'], nodeName: 'node-1' })],
        nodes: [node],
        claims: [bound],
        volumes: [aStoredVolume()],
      },
      state: 'blocked',
      says: [/claim data +is ReadWriteOncePod and pod first uses it/],
    },
    {
      name: 'a node that takes it',
      cluster: { pods: [pod], nodes: [node], claims: [bound], volumes: [aStoredVolume()] },
      state: 'busy',
      says: [/about to get a node/, /node node-1 +fits/],
    },
    {
      name: 'a node without room, and how much is lacking',
      cluster: {
        pods: [
          asking({ cpu: '1500m', memory: '1Gi' }),
          asking({ cpu: '1', memory: '256Mi' }, { uid: 'p-2', name: 'other', namespace: 'elsewhere', nodeName: 'node-1' }),
        ],
        nodes: [node],
      },
      state: 'blocked',
      says: [
        /node node-1 +Insufficient cpu, Insufficient memory \(cpu: 1500m asked for, 1 of 2 free; memory: 1Gi asked for, 768Mi of 1Gi free\)/,
      ],
    },
    {
      name: 'a driver without room on the node, of which other claims were promised a part',
      cluster: {
        pods: [pod],
        nodes: [node],
        claims: [
          delayed,
          claim({
            name: 'promised',
            uid: 'c-9',
            storageClassName: 'fast',
            size: '6Gi',
            annotations: { 'volume.kubernetes.io/selected-node': 'node-1' },
          }),
        ],
        classes: [delaying],
        csiNodes: [csiNode(DRIVER)],
        csiDrivers: [trusted({ metadata: { name: DRIVER }, spec: { storageCapacity: true } })],
        capacities: [trusted({ metadata: { name: 'x' }, storageClassName: 'fast', capacity: '15Gi', nodeTopology: {} })],
      },
      state: 'blocked',
      says: [/node node-1 +node\(s\) did not have enough free storage/],
    },
    {
      name: 'a node that has as many volumes as its driver allows',
      cluster: {
        pods: [
          aStoredPod({ uid: 'p-1', claims: ['data'] }),
          aStoredPod({ name: 'other', uid: 'p-2', claims: ['more'], nodeName: 'node-1' }),
        ],
        nodes: [node],
        claims: [
          claim({ volumeName: 'pv-1', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } }),
          claim({ name: 'more', uid: 'c-2', volumeName: 'pv-2' }),
        ],
        volumes: ['pv-1', 'pv-2'].map((name) => aStoredVolume({ name, spec: { csi: { driver: DRIVER, volumeHandle: name } } })),
        csiNodes: [
          trusted({ metadata: { name: 'node-1' }, spec: { drivers: [{ name: DRIVER, nodeID: 'n', allocatable: { count: 1 } }] } }),
        ],
      },
      state: 'blocked',
      says: [/node node-1 +node\(s\) exceed max volume count/],
    },
    {
      name: 'a node that has another pod which wants to be apart',
      cluster: {
        namespaces: [trusted({ metadata: { name: 'default' } })],
        nodes: [node],
        pods: [
          aStoredPod({ uid: 'p-1' }),
          trusted({
            metadata: { name: 'shy', namespace: 'default', uid: 'p-2' },
            spec: {
              nodeName: 'node-1',
              containers: [],
              affinity: {
                podAntiAffinity: {
                  requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: {} }],
                },
              },
            },
          }),
        ],
      },
      state: 'blocked',
      says: [/node node-1 +node\(s\) didn't satisfy existing pods anti-affinity rules/],
    },
    {
      name: 'pods that the user may not see, and what the scheduler said',
      cluster: {
        unseen: new Set(['pods']),
        pods: [aStoredPod({ uid: 'p-1' })],
        nodes: [node],
        events: [warning('p-1', 'FailedScheduling', '0/1 nodes are available: 1 Insufficient cpu.')],
      },
      state: 'blocked',
      says: [/no node will do/, /pods of other namespaces +you may not see them/, /event FailedScheduling +.*Insufficient cpu/],
    },
    {
      name: 'nodes and classes that the user may not see',
      cluster: {
        unseen: new Set(['nodes', 'storageclasses', 'pods']),
        pods: [pod],
        claims: [claim({ storageClassName: 'fast' })],
        events: [warning('c-1', 'ProvisioningFailed', 'no room')],
      },
      state: 'blocked',
      says: [
        /^pod default\/web is Pending, and you may not see all that decides over it/,
        /claim data +persistentvolumeclaim default\/data is Pending, and you may not see all/,
        /event ProvisioningFailed +no room/,
        /not visible to you +nodes, pods, storageclasses/,
        /What helps: ask an administrator/,
      ],
    },
    {
      name: 'a pod that runs on a node that the user may not see',
      cluster: {
        unseen: new Set(['nodes']),
        pods: [aStoredPod({ nodeName: 'node-1', status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } })],
      },
      state: 'fine',
      says: [/^pod default\/web is Running$/],
    },
    {
      name: 'no such pod, and a quota that leaves no room for one',
      cluster: { quotas: [quota({ hard: { pods: '2' }, used: { pods: '2' } })] },
      state: 'blocked',
      says: [/pod default\/web does not exist/, /resourcequota q +pods is used up: 2 of 2/],
    },
    { name: 'no node at all', cluster: { pods: [aStoredPod()] }, state: 'blocked', says: [/there is no node/] },
    {
      name: 'a mount that fails on its node',
      cluster: {
        pods: [aStoredPod({ uid: 'p-1', nodeName: 'node-1', status: { phase: 'Pending' } })],
        events: [warning('p-1', 'FailedMount', 'no such device')],
      },
      state: 'blocked',
      says: [/is Pending on node node-1/, /event FailedMount +no such device/],
    },
    {
      name: 'a container that crashes',
      cluster: {
        nodes: [node],
        pods: [
          aStoredPod({
            nodeName: 'node-1',
            status: {
              phase: 'Running',
              conditions: [{ type: 'Ready', status: 'False', message: 'containers with unready status: [main]' }],
              containerStatuses: [
                {
                  name: 'main',
                  image: '',
                  imageID: '',
                  ready: false,
                  restartCount: 1,
                  state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
                },
              ],
            },
          }),
        ],
      },
      state: 'blocked',
      says: [/is Running: containers with unready status/, /container main +waits: CrashLoopBackOff: back-off/],
    },
    {
      name: 'an image that is missing',
      cluster: {
        nodes: [node],
        pods: [placed({ containerStatuses: [waiting('ErrImagePull', 'none/such: not found')] })],
        events: [warning('p-1', 'Failed', 'Failed to pull image')],
      },
      state: 'blocked',
      says: [/container main +waits: ErrImagePull: none\/such: not found/, /event Failed +Failed to pull image/],
    },
    {
      name: 'a probe that fails',
      cluster: {
        nodes: [node],
        pods: [
          placed({ phase: 'Running', conditions: [{ type: 'Ready', status: 'False', message: 'containers with unready status: [main]' }] }),
        ],
        events: [warning('p-1', 'Unhealthy', 'Readiness probe failed: exit code 1')],
      },
      state: 'blocked',
      says: [/containers with unready status: \[main\]/, /event Unhealthy +Readiness probe failed/],
    },
    {
      name: 'a node that is not ready',
      cluster: {
        nodes: [
          { ...node, status: { conditions: [{ type: 'Ready', status: 'Unknown', message: 'Kubelet stopped posting node status.' }] } },
        ],
        pods: [placed({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] })],
      },
      state: 'blocked',
      says: [/its node is not ready, or gone/, /node node-1 +is not ready: Kubelet stopped/, /What helps: .*out-of-service/],
    },
    {
      name: 'taints',
      cluster: { pods: [aStoredPod()], nodes: [{ ...node, spec: { taints: [{ key: 'gpu', value: 'only', effect: 'NoSchedule' }] } }] },
      state: 'blocked',
      says: [/node node-1 +node\(s\) had untolerated taint \{gpu: only\}/],
    },
    {
      name: 'a volume that is attached to another node',
      cluster: { ...attachable, pods: [placed({}, ['data'])], attachments: [attachment('node-2')] },
      state: 'blocked',
      says: [/attachment of pv-1 +is for one node at a time, and node node-2 has it/, /What helps: delete the pods on node node-2/],
    },
    {
      name: 'a volume that is not attached yet',
      cluster: { ...attachable, pods: [placed({}, ['data'])] },
      state: 'busy',
      says: [/attachment of pv-1 +is about to be asked for/],
    },
    {
      name: 'a driver that does not attach',
      cluster: { ...attachable, pods: [placed({}, ['data'])], attachments: [attachment('node-1', 'no such disk')] },
      state: 'blocked',
      says: [/attachment of pv-1 +no such disk/, /What helps: mend what the driver says/],
    },
    {
      name: 'a claim that is on its way out',
      cluster: {
        pods: [pod],
        nodes: [node],
        claims: [aStoredClaim({ deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['kubernetes.io/pvc-protection'] })],
      },
      state: 'blocked',
      says: [/persistentvolumeclaim "data" is being deleted/],
    },
    {
      name: 'a claim that is Lost',
      cluster: { pods: [pod], nodes: [node], claims: [claim({ volumeName: 'pv-1', status: { phase: 'Lost' } })] },
      state: 'blocked',
      says: [/persistentvolumeclaim "data" bound to non-existent persistentvolume "pv-1"/, /is Lost/],
    },
    {
      name: 'a driver that does not let go',
      cluster: {
        nodes: [node],
        pods: [{ ...placed(), metadata: { ...placed().metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }],
        events: [warning('p-1', 'FailedKillPod', 'error killing pod: busy')],
      },
      state: 'blocked',
      says: [/what it used is not let go/, /event FailedKillPod +error killing pod: busy/],
    },
    {
      name: 'a pod that runs',
      cluster: {
        nodes: [node],
        pods: [aStoredPod({ nodeName: 'node-1', status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } })],
      },
      state: 'fine',
      says: [/^pod default\/web is Running$/],
    },
  ])('$name', async ({ cluster, state, says }) => {
    const explanation = explainPod(web, await clusterOf(cluster));
    for (const words of says) expect(textOf(explanation)).toMatch(words);
    expect(explanation.state).toBe(state);
  });
});
