import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { missing } from '#testing/requirements.ts';
import { claimManifest } from './manifests.ts';

const reason = missing(['unzip', 'npm']);
const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'busybox' }] } };
const CLAIM = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
const VOLUME = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'v' },
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/mnt/x' } },
};
/** A class whose claims keep the size that they began with. */
const FIXED_CLASS = `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fixed}
provisioner: local.stowage.dev
allowVolumeExpansion: false
`;
const CLASS = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 's' }, provisioner: 'local.stowage.dev' };

describe.skipIf(reason !== undefined)(`bad manifests${reason === undefined ? '' : ` [${reason}]`}`, () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--pool-size', '2Gi'] });
  });
  afterAll(async () => platform.remove());

  it.each([
    {
      name: 'a claim without access modes',
      object: { ...CLAIM, spec: { ...CLAIM.spec, accessModes: [] } },
      says: /spec\.accessModes: Required value: at least 1 access mode is required/,
    },
    {
      name: 'a claim with an unknown access mode',
      object: { ...CLAIM, spec: { ...CLAIM.spec, accessModes: ['ReadWrite'] } },
      says: /spec\.accessModes: Unsupported value: "ReadWrite": supported values: .*"ReadWriteOnce"/,
    },
    {
      name: 'a claim without a size',
      object: { ...CLAIM, spec: { accessModes: ['ReadWriteOnce'], resources: {} } },
      says: /spec\.resources\[storage\]: Required value/,
    },
    {
      name: 'a claim with a wrong quantity',
      object: { ...CLAIM, spec: { ...CLAIM.spec, resources: { requests: { storage: '10GB' } } } },
      says: /quantit.*|10GB/,
    },
    {
      name: 'a claim with a size of nothing',
      object: { ...CLAIM, spec: { ...CLAIM.spec, resources: { requests: { storage: '0' } } } },
      says: /must be greater than zero/,
    },
    {
      name: 'a claim with an unknown field',
      object: { ...CLAIM, spec: { ...CLAIM.spec, size: '1Gi' } },
      says: /unknown field "spec\.size"/,
    },
    {
      name: 'a claim with a field of the wrong type',
      object: { ...CLAIM, spec: { ...CLAIM.spec, accessModes: 'ReadWriteOnce' } },
      says: /accessModes/,
    },
    { name: 'a pod without containers', object: { ...POD, spec: { containers: [] } }, says: /spec\.containers: Required value/ },
    {
      name: 'the documents’ pod with a capital in its name',
      object: { ...POD, metadata: { name: 'emptyDir-path' } },
      says: /metadata\.name: Invalid value: "emptyDir-path": a lowercase RFC 1123 subdomain/,
    },
    {
      name: 'a pod that mounts a volume it does not have',
      object: { ...POD, spec: { containers: [{ name: 'c', image: 'busybox', volumeMounts: [{ name: 'gone', mountPath: '/x' }] }] } },
      says: /spec\.containers\[0\]\.volumeMounts\[0\]\.name: Not found: "gone"/,
    },
    {
      name: 'a volume without a source',
      object: { ...VOLUME, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] } },
      says: /must specify a volume type/,
    },
    {
      name: 'a volume without a capacity',
      object: { ...VOLUME, spec: { accessModes: ['ReadWriteOnce'], hostPath: { path: '/mnt/x' } } },
      says: /spec\.capacity/,
    },
    { name: 'a class without a provisioner', object: { ...CLASS, provisioner: '' }, says: /provisioner: Required value/ },
    {
      name: 'a class with an unknown binding mode',
      object: { ...CLASS, volumeBindingMode: 'Later' },
      says: /volumeBindingMode: Unsupported value: "Later"/,
    },
    {
      name: 'a namespace with a wrong name',
      object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'K_1' } },
      says: /metadata\.name: Invalid value: "K_1"/,
    },
    {
      name: 'a config map with a wrong key',
      object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { 'a/b': 'x' } },
      says: /data\[a\/b\]: Invalid value/,
    },
    {
      name: 'a secret that is not base64',
      object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, data: { a: '***' } },
      says: /base64|data/,
    },
    {
      name: 'a node with a wrong label',
      object: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', labels: { zone: 'a b' } }, spec: {} },
      says: /metadata\.labels.*: Invalid value: "a b"/,
    },
    {
      name: 'an event about nothing',
      object: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'e', namespace: 'default' },
        involvedObject: { kind: 'Pod', namespace: 'elsewhere', name: 'p' },
      },
      says: /involvedObject\.namespace: Invalid value: "elsewhere"/,
    },
    {
      name: 'a lease of no time',
      object: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: { leaseDurationSeconds: 0 } },
      says: /spec\.leaseDurationSeconds: Invalid value: 0: must be greater than 0/,
    },
    {
      name: 'a driver with an unknown lifecycle',
      object: {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSIDriver',
        metadata: { name: 'd.example.com' },
        spec: { volumeLifecycleModes: ['Sometimes'] },
      },
      says: /spec\.volumeLifecycleModes.*"Sometimes"/,
    },
    {
      name: 'a CSI node whose driver has no id',
      object: {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSINode',
        metadata: { name: 'n' },
        spec: { drivers: [{ name: 'd.example.com', nodeID: '', topologyKeys: [] }] },
      },
      says: /spec\.drivers\[0\]\.nodeID: Required value/,
    },
    {
      name: 'an attachment without an attacher',
      object: {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        metadata: { name: 'a' },
        spec: { attacher: '', nodeName: 'n', source: { persistentVolumeName: 'v' } },
      },
      says: /spec\.attacher: Required value/,
    },
    {
      name: 'an object in a namespace that is not there',
      object: { ...CLAIM, metadata: { name: 'c', namespace: 'nowhere' } },
      says: /namespaces "nowhere" not found/,
    },
    {
      name: 'a kind that is not served',
      object: { apiVersion: 'v1', kind: 'Claim', metadata: { name: 'c' } },
      says: /no matches for kind "Claim"/,
    },
  ])('answers $name with field, value and remedy', async ({ object, says }) => {
    const answer = await platform.kubectl.try(['create', '-f', '-'], JSON.stringify(object));
    expect(answer.exitCode).not.toBe(0);
    expect(answer.stderr).toMatch(says);
  });

  it.each([
    {
      name: 'shrinking a claim',
      says: /spec\.resources\.requests\.storage: Forbidden|field can not be less/,
      patch: { spec: { resources: { requests: { storage: '1Mi' } } } },
    },
    {
      name: 'growing a claim of a class that does not allow it',
      says: /storageclass that provisions the pvc must support resize/,
      patch: { spec: { resources: { requests: { storage: '2Gi' } } } },
    },
    { name: 'changing its access modes', says: /spec.*(immutable|Forbidden)/, patch: { spec: { accessModes: ['ReadWriteMany'] } } },
  ])('refuses $name of a bound claim', async ({ says, patch }) => {
    await platform.kubectl.run(
      ['apply', '-f', '-'],
      `${FIXED_CLASS}---${claimManifest({ name: 'bound', namespace: 'default', className: 'fixed', size: '64Mi' })}`,
    );
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/bound', '--timeout=60s']);
    const answer = await platform.kubectl.try(['patch', 'pvc', 'bound', '--type=merge', '-p', JSON.stringify(patch)]);
    expect(answer.exitCode).not.toBe(0);
    expect(answer.stderr).toMatch(says);
  });

  it('CLASS-12: refuses to change a class’s parameters and says to make a new class', async () => {
    const answer = await platform.kubectl.try([
      'patch',
      'storageclass',
      'local-directory',
      '--type=merge',
      '-p',
      '{"parameters":{"type":"file"}}',
    ]);
    expect(answer.stderr).toMatch(/parameters: Invalid value.*field is immutable.*new StorageClass/);
  });

  it.each([
    {
      name: 'a class that is not there',
      claim: { name: 'no-class', className: 'gold', size: '1Gi' },
      says: /Warning\s+ProvisioningFailed\s.*storageclass\.storage\.k8s\.io "gold" not found/,
    },
    {
      name: 'no class and no volume',
      claim: { name: 'static-only', className: '', size: '1Gi' },
      says: /FailedBinding\s.*no persistent volumes available/,
    },
    {
      name: 'more than the pool holds',
      claim: { name: 'too-large', size: '100Gi' },
      says: /Warning\s+ProvisioningFailed\s.*(free|left|available)/,
    },
  ])('tells in an event what is missing: $name', async ({ claim, says }) => {
    await platform.kubectl.run(['apply', '-f', '-'], claimManifest({ namespace: 'default', ...claim }));
    await eventually(async () => expect(await platform.kubectl.run(['describe', 'pvc', claim.name])).toMatch(says));
  });

  it('binds what waited for room as soon as there is room', async () => {
    await platform.kubectl.run(['delete', 'pvc', '--all', '--timeout=60s']);
    await platform.kubectl.run(['apply', '-f', '-'], claimManifest({ name: 'fills', namespace: 'default', size: '1500Mi' }));
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/fills', '--timeout=60s']);
    await platform.kubectl.run(['apply', '-f', '-'], claimManifest({ name: 'waits', namespace: 'default', size: '1Gi' }));
    await eventually(async () => expect(await platform.kubectl.run(['describe', 'pvc', 'waits'])).toMatch(/ProvisioningFailed/));
    await platform.kubectl.run(['delete', 'pvc', 'fills', '--timeout=60s']);
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/waits', '--timeout=120s'], '', 130_000);
  });

  it('says why a pod does not run: an image that is not there, a claim that is not there', async () => {
    if (process.getuid?.() !== 0) return;
    await platform.kubectl.run(
      ['apply', '-f', '-'],
      JSON.stringify({ ...POD, metadata: { name: 'no-image' }, spec: { containers: [{ name: 'c', image: 'dockerfile/nginx' }] } }),
    );
    await eventually(async () =>
      expect(await platform.kubectl.run(['describe', 'pod', 'no-image'])).toMatch(/Warning\s+Failed\s.*dockerfile\/nginx.*busybox/s),
    );
    expect(await platform.kubectl.run(['get', 'pod', 'no-image'])).toMatch(/ErrImagePull|ImagePullBackOff/);
    const claimed = {
      ...POD,
      metadata: { name: 'no-claim' },
      spec: { ...POD.spec, volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'absent' } }] },
    };
    await platform.kubectl.run(['apply', '-f', '-'], JSON.stringify(claimed));
    await eventually(async () =>
      expect(await platform.kubectl.run(['describe', 'pod', 'no-claim'])).toMatch(
        /FailedScheduling\s.*persistentvolumeclaim "absent" not found/,
      ),
    );
  });
});
