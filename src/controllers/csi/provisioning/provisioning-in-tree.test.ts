import { afterEach, describe, expect, it } from 'vitest';
import { persistentVolumeClaims } from '#api/resources.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { Metrics } from '#kit/metrics.ts';
import { aVolume } from '#testing/builders/volume.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';

const EBS = 'ebs.csi.aws.com';
const KEY = { namespace: 'default', name: 'data' };
let bench: StorageBench;

afterEach(async () => bench.close());

const metrics = new Metrics();

async function claimOfClass(provisioner: string, parameters: Readonly<Record<string, string>> = {}, driver?: FakeDriver): Promise<void> {
  bench = await startStorageBench({ metrics, drivers: driver === undefined ? {} : { [EBS]: driver } });
  await bench.createClass(aClass({ provisioner, parameters }));
  await bench.createClaim(aClaim({ storageClassName: 'fast' }));
  await bench.idle();
}

describe('VOL-18: a claim of a class whose provisioner was part of Kubernetes', () => {
  it('is served by the CSI driver that took over, with its parameters translated', async () => {
    const driver = new FakeDriver();
    await claimOfClass('kubernetes.io/aws-ebs', { type: 'gp2', fsType: 'xfs' }, driver);
    const claim = await bench.claim();
    expect(claim?.status?.phase).toBe('Bound');
    expect(claim?.metadata.annotations).toMatchObject({
      'volume.kubernetes.io/storage-provisioner': EBS,
      'volume.beta.kubernetes.io/storage-provisioner': EBS,
      'pv.kubernetes.io/migrated-to': EBS,
    });
    expect([...driver.volumes.values()][0]?.request).toMatchObject({
      parameters: { type: 'gp2' },
      volumeCapabilities: [{ mount: { fsType: 'xfs' } }],
    });
    expect((await bench.volume(claim?.spec.volumeName ?? ''))?.spec.csi).toMatchObject({ driver: EBS, fsType: 'xfs' });
    await bench.client.delete(persistentVolumeClaims, KEY);
    await bench.step(60_000);
    expect([...driver.volumes]).toEqual([]);
    expect(metrics.render()).toMatch(
      /^storage_operation_duration_seconds_count\{.*operation_name="volume_provision",status="success",migrated="true"\} 1$/m,
    );
  });

  it('a volume of its source is deleted by that driver, and counted as migrated', async () => {
    const driver = new FakeDriver();
    await claimOfClass('kubernetes.io/aws-ebs', {}, driver);
    const claimRef = { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'gone', uid: 'u-1' };
    const spec = { hostPath: undefined, awsElasticBlockStore: { volumeID: 'vol-1' }, claimRef };
    const annotations = { 'pv.kubernetes.io/provisioned-by': 'kubernetes.io/aws-ebs' };
    await bench.createVolume(aVolume({ name: 'old', annotations, reclaimPolicy: 'Delete', spec }));
    await bench.step(60_000);
    expect(await bench.volume('old')).toBeUndefined();
    expect(metrics.render()).toMatch(/operation_name="volume_delete",status="success",migrated="true"\} 1$/m);
  });

  it('says what can’t be translated, and asks for no volume', async () => {
    const driver = new FakeDriver();
    bench = await startStorageBench({ drivers: { [EBS]: driver } });
    const allowedTopologies = [{ matchLabelExpressions: [{ key: 'topology.kubernetes.io/zone', values: ['b'] }] }];
    await bench.createClass(aClass({ provisioner: 'kubernetes.io/aws-ebs', parameters: { zone: 'a' }, rest: { allowedTopologies } }));
    await bench.createClaim(aClaim({ storageClassName: 'fast' }));
    await bench.idle();
    expect(bench.toldAbout('data').join('\n')).toMatch(/ProvisioningFailed: .*zone/);
    expect(driver.calls).toEqual([]);
    await bench.client.delete(persistentVolumeClaims, KEY);
    await bench.idle();
    expect(await bench.claim()).toBeUndefined();
  });

  it('says which driver is missing and how to add it, and is served once that comes', async () => {
    await claimOfClass('kubernetes.io/aws-ebs');
    expect(bench.toldAbout('data').join('\n')).toContain(
      'ProvisioningFailed: the CSI driver "ebs.csi.aws.com" that serves kubernetes.io/aws-ebs is not connected: start it and add its socket (stowage driver add --socket PATH)',
    );
    expect((await bench.claim())?.status?.phase).toBe('Pending');
    bench.drivers.set(EBS, new FakeDriver());
    await bench.step(61_000);
    expect((await bench.claim())?.status?.phase).toBe('Bound');
  });

  it.each([
    {
      provisioner: 'kubernetes.io/glusterfs',
      says: 'GlusterFS has no CSI driver that takes over: move the data, and create a class of a driver that there is',
    },
    { provisioner: 'kubernetes.io/cephfs', says: 'the CSI driver of CephFS is cephfs.csi.ceph.com, which reads other parameters' },
    {
      provisioner: 'ceph.com/cephfs',
      says: 'the provisioner "ceph.com/cephfs" is no CSI driver, and not running: the CSI driver of CephFS is cephfs.csi.ceph.com',
    },
    { provisioner: 'kubernetes.io/no-provisioner', says: 'create a PersistentVolume for the claim' },
  ])('says what to do where nobody took over: $provisioner', async ({ provisioner, says }) => {
    await claimOfClass(provisioner);
    expect(bench.toldAbout('data').join('\n')).toContain(says);
    await bench.client.delete(persistentVolumeClaims, KEY);
    await bench.idle();
    expect(await bench.claim()).toBeUndefined();
  });
});

it('VOL-18: a volume whose source was part of Kubernetes is deleted by the driver that took over', async () => {
  const driver = new FakeDriver();
  bench = await startStorageBench({ drivers: { [EBS]: driver } });
  await bench.createVolume(
    aVolume({ reclaimPolicy: 'Delete', spec: { hostPath: undefined, awsElasticBlockStore: { volumeID: 'aws:///vol-1' } } }),
  );
  await bench.createClaim(aClaim({ storageClassName: '' }));
  await bench.idle();
  expect((await bench.claim())?.status?.phase).toBe('Bound');
  await bench.client.delete(persistentVolumeClaims, KEY);
  await bench.step(60_000);
  expect(driver.calls).toEqual(['delete vol-1']);
  expect(await bench.volume('pv-1')).toBeUndefined();
});
