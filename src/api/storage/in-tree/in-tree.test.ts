import { describe, expect, it } from 'vitest';
import type { PersistentVolumeSpec, Volume } from '#api/generated/kubernetes.ts';
import { md5 } from '#kit/md5.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { driverOfProvisioner } from './plugins.ts';
import { translateClass } from './translate-class.ts';
import { isTranslated, translateInlineVolume, translateVolume } from './translate-volume.ts';

const volumeOf = (source: Partial<PersistentVolumeSpec>, meta: object = {}): ReturnType<typeof aStoredVolume> =>
  aStoredVolume({ ...meta, accessModes: ['ReadWriteMany'], spec: { hostPath: undefined, ...source } });

describe('VOL-18: sources that were part of Kubernetes, as their CSI drivers know them', () => {
  it.each([
    {
      name: 'AWS EBS with a zone',
      source: { awsElasticBlockStore: { volumeID: 'aws://us-east-1a/vol-0f', fsType: 'ext4', partition: 1 } },
      csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-0f', fsType: 'ext4', volumeAttributes: { partition: '1' } },
    },
    {
      name: 'AWS EBS bare',
      source: { awsElasticBlockStore: { volumeID: 'vol-0f', readOnly: true } },
      csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-0f', readOnly: true, volumeAttributes: { partition: '0' } },
    },
    {
      name: 'GCE PD of one zone',
      source: { gcePersistentDisk: { pdName: 'disk' } },
      meta: { labels: { 'topology.kubernetes.io/zone': 'us-central1-a' } },
      csi: { volumeHandle: 'projects/UNSPECIFIED/zones/us-central1-a/disks/disk' },
    },
    {
      name: 'GCE PD of a region',
      source: { gcePersistentDisk: { pdName: 'disk' } },
      meta: { labels: { 'failure-domain.beta.kubernetes.io/zone': 'us-central1-a__us-central1-b' } },
      csi: { volumeHandle: 'projects/UNSPECIFIED/regions/us-central1/disks/disk' },
    },
    {
      name: 'Azure Disk',
      source: { azureDisk: { diskName: 'd', diskURI: '/subscriptions/s/d', fsType: 'ext4', cachingMode: 'ReadOnly', kind: 'Managed' } },
      csi: {
        driver: 'disk.csi.azure.com',
        volumeHandle: '/subscriptions/s/d',
        volumeAttributes: { kind: 'Managed', cachingMode: 'ReadOnly', fsType: 'ext4', 'csi-migration': 'true' },
      },
    },
    {
      name: 'Azure File',
      source: { azureFile: { secretName: 'azure-storage-account-acc-secret', shareName: 'share' } },
      csi: {
        driver: 'file.csi.azure.com',
        volumeHandle: '#acc#share#',
        nodeStageSecretRef: { name: 'azure-storage-account-acc-secret', namespace: 'default' },
      },
    },
    { name: 'Cinder', source: { cinder: { volumeID: 'c-1' } }, csi: { driver: 'cinder.csi.openstack.org', volumeHandle: 'c-1' } },
    {
      name: 'vSphere',
      source: { vsphereVolume: { volumePath: '[ds] a/b.vmdk', storagePolicyName: 'gold' } },
      csi: { driver: 'csi.vsphere.vmware.com', volumeHandle: '[ds] a/b.vmdk', volumeAttributes: { storagepolicyname: 'gold' } },
    },
    { name: 'Portworx', source: { portworxVolume: { volumeID: 'p-1' } }, csi: { driver: 'pxd.portworx.com', volumeHandle: 'p-1' } },
    {
      name: 'Ceph RBD that was made for a claim',
      source: { rbd: { monitors: ['1.2.3.4:6789'], image: 'kubernetes-dynamic-pvc-e0b4', pool: 'replicapool' } },
      csi: {
        driver: 'rbd.csi.ceph.com',
        volumeHandle: `mig_mons-${md5('1.2.3.4:6789')}_image-e0b4_7265706c696361706f6f6c`,
        volumeAttributes: { clusterID: md5('1.2.3.4:6789'), imageName: 'kubernetes-dynamic-pvc-e0b4', pool: 'replicapool' },
      },
    },
    {
      name: 'Ceph RBD that a person made',
      source: { rbd: { monitors: ['1.2.3.4:6789'], image: 'foo', secretRef: { name: 's', namespace: 'n' } } },
      csi: {
        volumeHandle: 'foo',
        volumeAttributes: { staticVolume: 'true', pool: 'rbd' },
        nodeStageSecretRef: { name: 's', namespace: 'n' },
      },
    },
  ])('$name', ({ source, meta, csi }) => {
    const volume = volumeOf(source, meta);
    const translated = translateVolume(volume, md5);
    expect(translated.spec.csi).toMatchObject(csi);
    expect([isTranslated(volume), isTranslated(translated)]).toEqual([false, true]);
  });

  it('leaves every other volume as it is', () => {
    const volume = aStoredVolume();
    expect(translateVolume(volume, md5)).toBe(volume);
    expect(isTranslated(volume)).toBe(false);
    expect(isTranslated(volumeOf({ csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1' } }))).toBe(false);
  });

  it.each([
    { name: 'a GCE PD that is only read', volume: { gcePersistentDisk: { pdName: 'd', readOnly: true } }, mode: 'ReadOnlyMany' },
    { name: 'an EBS volume', volume: { awsElasticBlockStore: { volumeID: 'vol-1' } }, mode: 'ReadWriteOnce' },
    { name: 'an Azure share', volume: { azureFile: { secretName: 's', shareName: 'x' } }, mode: 'ReadWriteMany' },
  ])('of a pod: $name is $mode', ({ volume, mode }) => {
    expect(translateInlineVolume({ name: 'v', ...volume }, 'team', md5)?.accessModes).toEqual([mode]);
  });

  it('of a pod: secrets are those of its namespace', () => {
    const volume: Volume = { name: 'v', rbd: { monitors: ['m'], image: 'i', secretRef: { name: 's' } } };
    expect(translateInlineVolume(volume, 'team', md5)?.csi.nodeStageSecretRef).toEqual({ name: 's', namespace: 'team' });
    expect(translateInlineVolume({ name: 'v', emptyDir: {} }, 'team', md5)).toBeUndefined();
  });
});

describe('VOL-18: classes of provisioners that were part of Kubernetes', () => {
  it.each([
    {
      provisioner: 'kubernetes.io/aws-ebs',
      parameters: { type: 'gp2', fsType: 'xfs', zones: 'a, b' },
      becomes: {
        provisioner: 'ebs.csi.aws.com',
        parameters: { type: 'gp2', 'csi.storage.k8s.io/fstype': 'xfs' },
        allowedTopologies: [{ matchLabelExpressions: [{ key: 'topology.ebs.csi.aws.com/zone', values: ['a', 'b'] }] }],
      },
    },
    {
      provisioner: 'kubernetes.io/gce-pd',
      parameters: { type: 'pd-standard', zone: 'us-central1-a' },
      becomes: {
        provisioner: 'pd.csi.storage.gke.io',
        parameters: { type: 'pd-standard' },
        allowedTopologies: [{ matchLabelExpressions: [{ key: 'topology.gke.io/zone', values: ['us-central1-a'] }] }],
      },
    },
    {
      provisioner: 'kubernetes.io/cinder',
      parameters: { type: 'fast', availability: 'nova' },
      becomes: { provisioner: 'cinder.csi.openstack.org', parameters: { type: 'fast', availability: 'nova' } },
    },
    {
      provisioner: 'kubernetes.io/azure-disk',
      parameters: { skuName: 'Premium_LRS' },
      becomes: { provisioner: 'disk.csi.azure.com', parameters: { skuName: 'Premium_LRS', 'csi-migration': 'true' } },
    },
    {
      provisioner: 'kubernetes.io/vsphere-volume',
      parameters: { diskformat: 'thin', unknown: 'x' },
      becomes: { provisioner: 'csi.vsphere.vmware.com', parameters: { 'diskformat-migrationparam': 'thin', csimigration: 'true' } },
    },
    {
      provisioner: 'kubernetes.io/rbd',
      parameters: {
        monitors: '10.16.153.105:6789',
        adminId: 'kube',
        adminSecretName: 'ceph-secret',
        adminSecretNamespace: 'kube-system',
        pool: 'kube',
        userId: 'kube',
        userSecretName: 'ceph-secret-user',
      },
      becomes: {
        provisioner: 'rbd.csi.ceph.com',
        parameters: {
          pool: 'kube',
          monitors: '10.16.153.105:6789',
          adminId: 'kube',
          migration: 'true',
          clusterID: md5('10.16.153.105:6789'),
          'csi.storage.k8s.io/provisioner-secret-name': 'ceph-secret',
          'csi.storage.k8s.io/provisioner-secret-namespace': 'kube-system',
          'csi.storage.k8s.io/node-stage-secret-name': 'ceph-secret',
          'csi.storage.k8s.io/node-stage-secret-namespace': 'kube-system',
          'csi.storage.k8s.io/controller-expand-secret-name': 'ceph-secret',
          'csi.storage.k8s.io/controller-expand-secret-namespace': 'kube-system',
        },
      },
    },
  ])('$provisioner', ({ provisioner, parameters, becomes }) => {
    const translated = translateClass(aStoredClass({ provisioner, parameters }), md5);
    expect(translated).toMatchObject({ ok: true, value: becomes });
    expect(translated.ok ? translated.value.parameters : {}).toEqual(becomes.parameters);
  });

  it('translates the zones of allowedTopologies, and refuses them beside zone parameters', () => {
    const allowedTopologies = [{ matchLabelExpressions: [{ key: 'topology.kubernetes.io/zone', values: ['a'] }] }];
    const of = (parameters: Record<string, string>): ReturnType<typeof translateClass> =>
      translateClass(aStoredClass({ provisioner: 'kubernetes.io/gce-pd', parameters, rest: { allowedTopologies } }), md5);
    expect(of({})).toMatchObject({ value: { allowedTopologies: [{ matchLabelExpressions: [{ key: 'topology.gke.io/zone' }] }] } });
    expect(of({ zone: 'a' })).toMatchObject({ ok: false, error: expect.stringContaining('cannot simultaneously set') });
    expect(translateClass(aStoredClass({ provisioner: 'kubernetes.io/rbd' }), md5)).toMatchObject({
      ok: false,
      error: expect.stringContaining('monitors'),
    });
  });

  it.each([
    { provisioner: 'kubernetes.io/aws-ebs', driver: 'ebs.csi.aws.com' },
    { provisioner: 'kubernetes.io/no-provisioner', driver: undefined },
    { provisioner: 'kubernetes.io/glusterfs', driver: undefined },
    { provisioner: 'nfs.csi.k8s.io', driver: 'nfs.csi.k8s.io' },
    { provisioner: '', driver: undefined },
  ])('$provisioner is asked of $driver', ({ provisioner, driver }) => {
    expect(driverOfProvisioner(provisioner)).toBe(driver);
  });
});
