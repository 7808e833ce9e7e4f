import { afterEach, describe, expect, it } from 'vitest';
import { persistentVolumeClaims, persistentVolumes, pods, secrets } from '#api/resources.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aNode } from '#testing/builders/node.ts';
import { aPod } from '#testing/builders/pod.ts';
import { aVolume } from '#testing/builders/volume.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { startStorageBench, type StorageBench, type StorageBenchOptions } from '#testing/storage-bench.ts';

const DRIVER = 'local.stowage.dev';
const open: StorageBench[] = [];

async function start(options: StorageBenchOptions = {}): Promise<StorageBench> {
  const bench = await startStorageBench(options);
  open.push(bench);
  return bench;
}

afterEach(async () => {
  for (const bench of open.splice(0)) await bench.close();
});

describe('dynamic provisioning', () => {
  it('VOL-4: makes a volume, binds it, and tells of each step', async () => {
    const driver = new FakeDriver();
    const bench = await start({ drivers: { [DRIVER]: driver } });
    await bench.createClass(
      aClass({ parameters: { pool: 'ssd', 'csi.storage.k8s.io/fstype': 'xfs' }, rest: { mountOptions: ['noatime'] } }),
    );
    const created = await bench.createClaim(aClaim({ storageClassName: 'fast', size: '4Gi' }));
    await bench.idle();

    const claim = await bench.claim();
    const name = `pvc-${created.metadata.uid}`;
    expect(claim).toMatchObject({
      metadata: {
        annotations: {
          'pv.kubernetes.io/bind-completed': 'yes',
          'pv.kubernetes.io/bound-by-controller': 'yes',
          'volume.kubernetes.io/storage-provisioner': DRIVER,
          'volume.beta.kubernetes.io/storage-provisioner': DRIVER,
        },
        finalizers: ['kubernetes.io/pvc-protection'],
      },
      spec: { volumeName: name },
      status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '4Gi' } },
    });
    const volume = await bench.volume(name);
    expect(volume).toMatchObject({
      metadata: { annotations: { 'pv.kubernetes.io/provisioned-by': DRIVER } },
      spec: {
        capacity: { storage: '4Gi' },
        claimRef: { namespace: 'default', name: 'data', uid: created.metadata.uid },
        storageClassName: 'fast',
        persistentVolumeReclaimPolicy: 'Delete',
        mountOptions: ['noatime'],
        csi: { driver: DRIVER, volumeHandle: `vol-${name}`, fsType: 'xfs', volumeAttributes: { pool: 'a' } },
      },
      status: { phase: 'Bound' },
    });
    expect(volume?.metadata.finalizers?.toSorted()).toEqual([
      'external-provisioner.volume.kubernetes.io/finalizer',
      'kubernetes.io/pv-protection',
    ]);
    expect(driver.calls).toEqual([`create ${name}`]);
    expect([...driver.volumes.values()][0]?.request).toMatchObject({
      parameters: { pool: 'ssd' },
      volumeCapabilities: [{ mount: { fsType: 'xfs', mountFlags: ['noatime'] }, accessMode: { mode: 'SINGLE_NODE_WRITER' } }],
    });
    expect(new Set(bench.told.map(({ reason }) => reason))).toEqual(
      new Set(['ExternalProvisioning', 'Provisioning', 'ProvisioningSucceeded']),
    );
  });

  it('VOL-6, VOL-7: a deleted claim takes its volume with it, the backend included', async () => {
    const driver = new FakeDriver();
    const bench = await start({ drivers: { [DRIVER]: driver } });
    await bench.createClass(aClass());
    const created = await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await bench.idle();
    expect(await bench.claim()).toBeUndefined();
    expect(await bench.volume(`pvc-${created.metadata.uid}`)).toBeUndefined();
    expect(driver.volumes.size).toBe(0);
  });

  it('VOL-6: a PersistentVolume that is deleted first stays until its claim goes, then takes the backend with it', async () => {
    const driver = new FakeDriver();
    const bench = await start({ drivers: { [DRIVER]: driver } });
    await bench.createClass(aClass());
    const created = await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    const key = { namespace: '', name: `pvc-${created.metadata.uid}` };
    await bench.client.delete(persistentVolumes, key);
    await bench.idle();
    expect((await bench.volume(key.name))?.status?.phase).toBe('Bound');
    expect(driver.volumes.size).toBe(1);
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await bench.idle();
    expect(await bench.volume(key.name)).toBeUndefined();
    expect(driver.volumes.size).toBe(0);
  });

  it('keeps the volume where the class says Retain', async () => {
    const driver = new FakeDriver();
    const bench = await start({ drivers: { [DRIVER]: driver } });
    await bench.createClass(aClass({ reclaimPolicy: 'Retain' }));
    const created = await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await bench.idle();
    const name = `pvc-${created.metadata.uid}`;
    expect((await bench.volume(name))?.status?.phase).toBe('Released');
    await bench.client.delete(persistentVolumes, { namespace: '', name });
    await bench.idle();
    expect(await bench.volume(name)).toBeUndefined();
    expect(driver.volumes.size).toBe(1);
  });

  it('says which class is missing and which there are, and goes on when it appears', async () => {
    const bench = await start({ drivers: { [DRIVER]: new FakeDriver() } });
    await bench.createClass(aClass({ name: 'slow' }));
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    expect(bench.toldAbout('data')).toContain(
      'ProvisioningFailed: storageclass.storage.k8s.io "fast" not found: create that class, or create the claim again with one of these: slow',
    );
    await bench.createClass(aClass());
    await bench.idle();
    expect((await bench.claim())?.status?.phase).toBe('Bound');
  });

  it('says which driver is missing and which are connected, and goes on when it connects', async () => {
    const bench = await start({ drivers: { 'other.example': new FakeDriver() } });
    await bench.createClass(aClass());
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    expect(bench.toldAbout('data')).toContain(
      `ProvisioningFailed: the CSI driver "${DRIVER}" is not connected: start it and add its socket (stowage driver add --socket PATH), or use a class of a connected one: other.example`,
    );
    expect((await bench.claim())?.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
    bench.drivers.set(DRIVER, new FakeDriver());
    await bench.step(60_000);
    expect((await bench.claim())?.status?.phase).toBe('Bound');
  });

  it('tells of a full pool, waits longer each time, and can be deleted meanwhile without a trace', async () => {
    const driver = new FakeDriver();
    driver.beforeCreate = () => Promise.reject(driverError('ResourceExhausted', 'the pool has 1Gi left'));
    const bench = await start({ drivers: { [DRIVER]: driver } });
    await bench.createClass(aClass());
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    expect(bench.toldAbout('data')).toContain(
      'ProvisioningFailed: failed to provision volume with StorageClass "fast": rpc error: code = ResourceExhausted desc = the pool has 1Gi left',
    );
    expect(driver.calls.length).toBe(1);
    await bench.step(1_000);
    expect(driver.calls.length).toBe(2);
    await bench.step(1_000);
    expect(driver.calls.length).toBe(2);
    await bench.step(1_000);
    expect(driver.calls.length).toBe(3);
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await bench.idle();
    expect(await bench.claim()).toBeUndefined();
    expect(driver.volumes.size).toBe(0);
  });

  it.each([
    { name: 'a selector', spec: { selector: { matchLabels: { a: 'b' } } }, says: 'claim Selector is not supported' },
    {
      name: 'a data source of populators',
      spec: { dataSourceRef: { apiGroup: 'example.com', kind: 'Provider', name: 'other' } },
      says: 'Provisioning: Assuming an external populator will provision the volume',
    },
    {
      name: 'a snapshot of kinds that are not served',
      spec: { dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'other' } },
      says: 'spec.dataSource VolumeSnapshot "other": it does not exist: create it first',
    },
  ])('leaves $name without asking the driver, and lets the claim go', async ({ spec, says }) => {
    const driver = new FakeDriver();
    const bench = await start({ drivers: { [DRIVER]: driver } });
    await bench.createClass(aClass());
    await bench.createClaim(aClaim({ storageClassName: 'fast', spec }));
    await bench.idle();
    expect(bench.toldAbout('data').join()).toContain(says);
    expect(driver.calls).toEqual([]);
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await bench.idle();
    expect(await bench.claim()).toBeUndefined();
  });

  it('finishes, and then deletes, a volume whose claim is deleted while the driver works', async () => {
    const driver = new FakeDriver();
    const bench = await start({ drivers: { [DRIVER]: driver } });
    driver.afterCreate = () => bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await bench.createClass(aClass());
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    expect(await bench.claim()).toBeUndefined();
    expect(driver.volumes.size).toBe(0);
  });

  it('leaks nothing where a crash comes between CreateVolume and the PersistentVolume, and the claim is deleted meanwhile', async () => {
    const driver = new FakeDriver();
    const bench = await start({ drivers: { [DRIVER]: driver } });
    let crash: Promise<void> | undefined;
    driver.afterCreate = (): Promise<void> => {
      crash ??= bench.halt();
      return Promise.reject(driverError('Unavailable', 'the process died'));
    };
    await bench.createClass(aClass());
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    await crash;
    expect(driver.volumes.size).toBe(1);
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    expect(await bench.claim()).toBeDefined();
    driver.afterCreate = async () => {};
    await bench.restart();
    expect(await bench.claim()).toBeUndefined();
    expect(driver.volumes.size).toBe(0);
    expect((await bench.client.list(persistentVolumes)).items).toEqual([]);
  });

  it('keeps asking after a lost answer, and makes one volume only', async () => {
    const driver = new FakeDriver();
    let losses = 2;
    driver.afterCreate = () => (losses-- > 0 ? Promise.reject(driverError('DeadlineExceeded', 'no answer')) : Promise.resolve());
    const bench = await start({ drivers: { [DRIVER]: driver } });
    await bench.createClass(aClass());
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.step(3_000);
    expect((await bench.claim())?.status?.phase).toBe('Bound');
    expect(driver.volumes.size).toBe(1);
  });

  it('deletes a volume that came out too small, and says so', async () => {
    const driver = new FakeDriver({ answeredBytes: 1n });
    const bench = await start({ drivers: { [DRIVER]: driver } });
    await bench.createClass(aClass());
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    expect(bench.toldAbout('data').join()).toContain('created volume capacity 1 less than requested capacity 10485760');
    expect(driver.volumes.size).toBe(0);
  });
});

describe('default class', () => {
  it('VOL-5: a claim without a class gets the default at once; one with "" never does', async () => {
    const bench = await start({ drivers: { [DRIVER]: new FakeDriver() } });
    await bench.createClass(aClass({ role: 'default' }));
    await bench.createClaim(aClaim());
    await bench.createClaim(aClaim({ name: 'static', storageClassName: '' }));
    await bench.idle();
    expect(await bench.claim()).toMatchObject({ spec: { storageClassName: 'fast' }, status: { phase: 'Bound' } });
    expect(await bench.claim('static')).toMatchObject({ spec: { storageClassName: '' }, status: { phase: 'Pending' } });
  });

  it('VOL-5: a claim that waits without a class gets the default that appears', async () => {
    const bench = await start({ drivers: { [DRIVER]: new FakeDriver() } });
    await bench.createClaim(aClaim());
    await bench.idle();
    expect(bench.toldAbout('data')).toEqual(['FailedBinding: no persistent volumes available for this claim and no storage class is set']);
    await bench.createClass(aClass({ role: 'default' }));
    await bench.idle();
    expect(await bench.claim()).toMatchObject({ spec: { storageClassName: 'fast' }, status: { phase: 'Bound' } });
  });
});

describe('static volumes', () => {
  const manual = { storageClassName: 'manual' };

  it("VOL-3: the documents' HostPath volume binds to a matching claim and to no other", async () => {
    const bench = await start();
    await bench.createVolume(aVolume({ name: 'example-pv', size: '5Gi', ...manual }));
    await bench.createClaim(aClaim({ name: 'too-big', size: '6Gi', ...manual }));
    await bench.createClaim(aClaim({ name: 'other-class', size: '1Gi', storageClassName: 'other' }));
    await bench.createClaim(aClaim({ name: 'other-mode', accessModes: ['ReadWriteMany'], ...manual }));
    await bench.idle();
    expect((await bench.volume('example-pv'))?.status?.phase).toBe('Available');
    await bench.createClaim(aClaim({ name: 'fits', size: '4Gi', ...manual }));
    await bench.createClaim(aClaim({ name: 'late', size: '4Gi', ...manual }));
    await bench.idle();
    expect(await bench.claim('fits')).toMatchObject({
      metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' } },
      spec: { volumeName: 'example-pv' },
      status: { phase: 'Bound', capacity: { storage: '5Gi' } },
    });
    expect((await bench.claim('late'))?.status?.phase).toBe('Pending');
    expect(await bench.volume('example-pv')).toMatchObject({
      metadata: { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' } },
      spec: { claimRef: { name: 'fits' } },
      status: { phase: 'Bound' },
    });
  });

  it('VOL-3: says which volumes come nearest, and what is against each', async () => {
    const bench = await start();
    await bench.createVolume(aVolume({ name: 'small', size: '1Gi', storageClassName: '' }));
    await bench.createVolume(aVolume({ name: 'smaller', size: '1Mi', storageClassName: '' }));
    await bench.createVolume(aVolume({ name: 'shared', size: '9Gi', storageClassName: '', accessModes: ['ReadWriteMany'] }));
    await bench.createClaim(aClaim({ storageClassName: '', size: '2Gi' }));
    await bench.idle();
    expect(bench.toldAbout('data').at(-1)).toBe(
      'FailedBinding: no persistent volumes available for this claim and no storage class is set; ' +
        'volume "shared": it offers ReadWriteMany, the claim asks for ReadWriteOnce; volume "small": too small: it has 1Gi, the claim asks for 2Gi',
    );
  });

  it('VOL-1: Released stays Released, whatever its status is edited to, until claimRef is removed', async () => {
    const bench = await start();
    await bench.createVolume(aVolume(manual));
    await bench.createClaim(aClaim(manual));
    await bench.idle();
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await bench.idle();
    expect((await bench.volume('pv-1'))?.status?.phase).toBe('Released');
    await bench.createClaim(aClaim({ name: 'next', ...manual }));
    const key = { namespace: '', name: 'pv-1' };
    await bench.client.patch(
      persistentVolumes,
      { key, patch: { type: 'merge', body: { status: { phase: 'Available' } } } },
      { subresource: 'status' },
    );
    await bench.idle();
    expect((await bench.volume('pv-1'))?.status?.phase).toBe('Released');
    expect((await bench.claim('next'))?.status?.phase).toBe('Pending');
    await bench.client.patch(persistentVolumes, { key, patch: { type: 'merge', body: { spec: { claimRef: null } } } });
    await bench.idle();
    expect(await bench.claim('next')).toMatchObject({ spec: { volumeName: 'pv-1' }, status: { phase: 'Bound' } });
  });

  it('VOL-1: a Bound volume whose status is edited to Released is not reclaimed', async () => {
    const driver = new FakeDriver();
    const bench = await start({ drivers: { [DRIVER]: driver } });
    await bench.createClass(aClass());
    const created = await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    const key = { namespace: '', name: `pvc-${created.metadata.uid}` };
    await bench.client.patch(
      persistentVolumes,
      { key, patch: { type: 'merge', body: { status: { phase: 'Released' } } } },
      { subresource: 'status' },
    );
    await bench.idle();
    expect((await bench.volume(key.name))?.status?.phase).toBe('Bound');
    expect(driver.volumes.size).toBe(1);
  });

  it.each([
    {
      name: 'a volume reserved for the claim is taken',
      volume: { spec: { claimRef: { namespace: 'default', name: 'data' } } },
      claim: {},
      phase: 'Bound',
    },
    {
      name: 'a volume reserved for another is left alone',
      volume: { spec: { claimRef: { namespace: 'default', name: 'other' } } },
      claim: {},
      phase: 'Pending',
    },
    { name: 'a claim that names its volume gets it', volume: {}, claim: { volumeName: 'pv-1' }, phase: 'Bound' },
    {
      name: 'a claim that names a volume of another waits',
      volume: { spec: { claimRef: { namespace: 'default', name: 'other' } } },
      claim: { volumeName: 'pv-1' },
      phase: 'Pending',
      says: 'FailedBinding: volume "pv-1" already bound to a different claim.',
    },
    {
      name: 'a claim that names too small a volume waits',
      volume: { size: '1Mi' },
      claim: { volumeName: 'pv-1' },
      phase: 'Pending',
      says: 'VolumeMismatch: Cannot bind to requested volume "pv-1": requested PV is too small',
    },
  ])('VOL-3: $name', async ({ volume, claim, phase, says }) => {
    const bench = await start();
    await bench.createVolume(aVolume({ ...manual, ...volume }));
    await bench.createClaim(aClaim({ ...manual, ...claim }));
    await bench.idle();
    expect((await bench.claim())?.status?.phase).toBe(phase);
    if (says !== undefined) expect(bench.toldAbout('data')).toContain(says);
  });

  it('a bound claim whose volume vanished is Lost', async () => {
    const bench = await start();
    await bench.createVolume(aVolume(manual));
    await bench.createClaim(aClaim(manual));
    await bench.idle();
    await bench.halt();
    const key = { namespace: '', name: 'pv-1' };
    await bench.client.patch(persistentVolumes, { key, patch: { type: 'merge', body: { metadata: { finalizers: null } } } });
    await bench.client.delete(persistentVolumes, key);
    await bench.restart();
    expect((await bench.claim())?.status).toEqual({ phase: 'Lost' });
    expect(bench.toldAbout('data')).toContain('ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  });

  it('VOL-6: a HostPath volume of policy Delete becomes Failed and says what to do', async () => {
    const bench = await start();
    await bench.createVolume(aVolume({ ...manual, reclaimPolicy: 'Delete' }));
    await bench.createClaim(aClaim(manual));
    await bench.idle();
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await bench.idle();
    expect((await bench.volume('pv-1'))?.status).toMatchObject({ phase: 'Failed', reason: 'VolumeFailedDelete' });
    expect(bench.toldAbout('pv-1').join()).toContain('by hand');
  });
});

describe('pods', () => {
  it('VOL-7: a claim in use stays Terminating until its pod is gone', async () => {
    const bench = await start({ drivers: { [DRIVER]: new FakeDriver() } });
    await bench.createNode(aNode());
    await bench.createClass(aClass());
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.createPod(aPod({ claims: ['data'] }));
    await bench.idle();
    expect((await bench.pod())?.spec.nodeName).toBe('node-1');
    expect(bench.toldAbout('web')).toContain('Scheduled: Successfully assigned default/web to node-1');
    await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
    await bench.idle();
    expect((await bench.claim())?.metadata.deletionTimestamp).toBeDefined();
    await bench.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSec: 0 });
    await bench.idle();
    expect(await bench.claim()).toBeUndefined();
  });

  it('VOL-4: WaitForFirstConsumer waits for a pod, and provisions where the pod goes', async () => {
    const driver = new FakeDriver();
    const bench = await start({ drivers: { [DRIVER]: driver } });
    await bench.createNode(aNode());
    await bench.createClass(aClass({ bindingMode: 'WaitForFirstConsumer' }));
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    expect(bench.toldAbout('data')).toEqual(['WaitForFirstConsumer: waiting for first consumer to be created before binding']);
    expect(driver.calls).toEqual([]);
    await bench.createPod(aPod({ claims: ['data'] }));
    await bench.idle();
    expect((await bench.claim())?.metadata.annotations?.['volume.kubernetes.io/selected-node']).toBe('node-1');
    expect((await bench.claim())?.status?.phase).toBe('Bound');
    expect((await bench.pod())?.spec.nodeName).toBe('node-1');
  });

  it('binds a local volume of a WaitForFirstConsumer class to the claim of a pod that can run on its node', async () => {
    const bench = await start();
    await bench.createNode(aNode());
    await bench.createNode(aNode({ name: 'node-2' }));
    await bench.createClass(aClass({ name: 'local', provisioner: 'kubernetes.io/no-provisioner', bindingMode: 'WaitForFirstConsumer' }));
    const terms = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-2'] }] }];
    await bench.createVolume(aVolume({ storageClassName: 'local', spec: { nodeAffinity: { required: { nodeSelectorTerms: terms } } } }));
    await bench.createClaim(aClaim({ storageClassName: 'local' }));
    await bench.idle();
    expect((await bench.claim())?.status?.phase).toBe('Pending');
    await bench.createPod(aPod({ claims: ['data'] }));
    await bench.idle();
    expect(await bench.claim()).toMatchObject({ spec: { volumeName: 'pv-1' }, status: { phase: 'Bound' } });
    expect((await bench.pod())?.spec.nodeName).toBe('node-2');
  });

  it.each([
    { name: 'no node at all', nodes: [], pod: {}, says: 'no nodes available to schedule pods' },
    {
      name: 'a node that says what it lacks',
      nodes: [aNode({ state: 'not-ready', message: 'pods need root: start the platform as root.' })],
      pod: {},
      says: '0/1 nodes are available: 1 node(s) were not ready: pods need root: start the platform as root.',
    },
    {
      name: 'a missing claim',
      nodes: [aNode()],
      pod: { claims: ['data'] },
      says: '0/1 nodes are available: persistentvolumeclaim "data" not found.',
    },
    {
      name: 'a selector that no node matches',
      nodes: [aNode(), aNode({ name: 'node-2', spec: { unschedulable: true } })],
      pod: { spec: { nodeSelector: { disk: 'ssd' } } },
      says: "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unschedulable.",
    },
    {
      name: 'a taint',
      nodes: [aNode({ spec: { taints: [{ key: 'gpu', value: 'only', effect: 'NoSchedule' }] } })],
      pod: {},
      says: '0/1 nodes are available: 1 node(s) had untolerated taint {gpu: only}.',
    },
  ])('explains a pod that waits: $name', async ({ nodes, pod, says }) => {
    const bench = await start();
    for (const node of nodes) await bench.createNode(node);
    await bench.createPod(aPod(pod));
    await bench.idle();
    await bench.step(3_000);
    expect(bench.toldAbout('web')).toContain(`FailedScheduling: ${says}`);
    expect((await bench.pod())?.status?.conditions).toMatchObject([
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: says },
    ]);
  });

  it('explains unbound immediate claims, and places the pod once they are bound', async () => {
    const bench = await start();
    await bench.createNode(aNode());
    await bench.createClaim(aClaim({ storageClassName: 'manual' }));
    await bench.createPod(aPod({ claims: ['data'] }));
    await bench.idle();
    // why: a claim is usually bound in a moment, which nobody needs to be told
    await bench.step(2_000);
    expect(bench.toldAbout('web')).toEqual([]);
    await bench.step(1_000);
    expect(bench.toldAbout('web')).toContain(
      'FailedScheduling: 0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.',
    );
    await bench.createVolume(aVolume({ storageClassName: 'manual' }));
    await bench.idle();
    expect((await bench.pod())?.spec.nodeName).toBe('node-1');
  });

  it('VOL-8: ReadWriteOncePod goes to one pod at a time', async () => {
    const bench = await start();
    await bench.createNode(aNode());
    await bench.createVolume(aVolume({ storageClassName: 'manual', accessModes: ['ReadWriteOncePod'] }));
    await bench.createClaim(aClaim({ storageClassName: 'manual', accessModes: ['ReadWriteOncePod'] }));
    await bench.idle();
    await Promise.all([bench.createPod(aPod({ claims: ['data'] })), bench.createPod(aPod({ name: 'web-2', claims: ['data'] }))]);
    await bench.step(2_000);
    const placed = async (): Promise<readonly (string | undefined)[]> => [
      (await bench.pod())?.spec.nodeName,
      (await bench.pod('web-2'))?.spec.nodeName,
    ];
    expect((await placed()).filter((nodeName) => nodeName === 'node-1').length).toBe(1);
    const first = (await bench.pod())?.spec.nodeName === undefined ? 'web-2' : 'web';
    await bench.client.delete(pods, { namespace: 'default', name: first }, { gracePeriodSec: 0 });
    await bench.step(2_000);
    expect((await placed()).filter((nodeName) => nodeName === 'node-1').length).toBe(1);
  });
});

it('VOL-4: hands the secrets that a class names to the driver, for making and for deleting', async () => {
  const driver = new FakeDriver();
  const secretsSeen: unknown[] = [];
  const { deleteVolume } = driver.controller;
  driver.controller.deleteVolume = (request, call) => {
    secretsSeen.push(request.secrets);
    return deleteVolume.call(driver.controller, request, call);
  };
  const bench = await start({ drivers: { [DRIVER]: driver } });
  await bench.client.create(secrets, {
    metadata: { name: 'pool', namespace: 'default' },
    data: { key: Buffer.from('s3cret').toString('base64') },
  });
  const named = {
    'csi.storage.k8s.io/provisioner-secret-name': 'pool',
    'csi.storage.k8s.io/provisioner-secret-namespace': '${pvc.namespace}',
  };
  await bench.createClass(aClass({ parameters: named }));
  await bench.createClaim(aClaim({ storageClassName: 'fast' }));
  await bench.idle();
  expect([...driver.volumes.values()]).toMatchObject([{ request: { secrets: { key: 's3cret' }, parameters: {} } }]);
  await bench.client.delete(persistentVolumeClaims, { namespace: 'default', name: 'data' });
  await bench.idle();
  expect(secretsSeen).toEqual([{ key: 's3cret' }]);
  expect(JSON.stringify(bench.told)).not.toContain('s3cret');
});
