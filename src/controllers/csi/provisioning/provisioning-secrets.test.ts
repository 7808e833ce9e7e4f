import { afterEach, expect, it } from 'vitest';
import { persistentVolumeClaims, secrets, volumeAttributesClasses } from '#api/resources.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { startStorageBench, type StorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'local.stowage.dev';
const USES = ['provisioner', 'controller-publish', 'node-stage', 'node-publish', 'controller-expand', 'node-expand', 'controller-modify'];
let bench: StorageBench;

afterEach(async () => bench.close());

it('VOL-4: each secret that a class names reaches its call, with the templates filled in', async () => {
  const driver = new FakeDriver({ capabilities: ['EXPAND_VOLUME', 'MODIFY_VOLUME'] });
  const seen: Record<string, unknown> = {};
  driver.beforeCreate = async (request) => void (seen['create'] = request.secrets);
  driver.beforeExpand = async (request) => void (seen['expand'] = request.secrets);
  driver.beforeModify = async (request) => void (seen['modify'] = request.secrets);
  bench = await startStorageBench({ drivers: { [DRIVER]: driver } });
  for (const use of USES) {
    const data = { use: Buffer.from(use).toString('base64') };
    await bench.client.create(secrets, { metadata: { name: `data-${use}`, namespace: 'default' }, data });
  }
  const parameters = Object.fromEntries(
    USES.flatMap((use) => [
      [`csi.storage.k8s.io/${use}-secret-name`, `\${pvc.name}-${use}`],
      [`csi.storage.k8s.io/${use}-secret-namespace`, '${pvc.namespace}'],
    ]),
  );
  await bench.createClass(
    aClass({ parameters: { ...parameters, 'csi.storage.k8s.io/fstype': 'xfs' }, rest: { allowVolumeExpansion: true } }),
  );
  await bench.client.create(volumeAttributesClasses, { metadata: { name: 'gold' }, driverName: DRIVER, parameters: { iops: '1' } });
  await bench.createClaim(aClaim({ storageClassName: 'fast', size: '1Gi' }));
  await bench.idle();
  const claim = await bench.claim();
  const volume = await bench.volume(claim?.spec.volumeName ?? '');
  const ref = (use: string): object => ({ name: `data-${use}`, namespace: 'default' });
  expect(volume?.spec.csi).toMatchObject({
    fsType: 'xfs',
    controllerPublishSecretRef: ref('controller-publish'),
    nodeStageSecretRef: ref('node-stage'),
    nodePublishSecretRef: ref('node-publish'),
    controllerExpandSecretRef: ref('controller-expand'),
    nodeExpandSecretRef: ref('node-expand'),
  });
  expect(volume?.metadata.annotations).toMatchObject({
    'volume.kubernetes.io/provisioner-deletion-secret-name': 'data-provisioner',
    'volume.kubernetes.io/provisioner-deletion-secret-namespace': 'default',
    'volume.kubernetes.io/controller-modify-secret-name': 'data-controller-modify',
    'volume.kubernetes.io/controller-modify-secret-namespace': 'default',
  });
  const body = { spec: { volumeAttributesClassName: 'gold', resources: { requests: { storage: '2Gi' } } } };
  await bench.client.patch(persistentVolumeClaims, { key: { namespace: 'default', name: 'data' }, patch: { type: 'merge', body } });
  await bench.idle();
  expect(seen).toEqual({ create: { use: 'provisioner' }, expand: { use: 'controller-expand' }, modify: { use: 'controller-modify' } });
  expect([...driver.volumes.values()][0]?.request.parameters).toEqual({});
});
