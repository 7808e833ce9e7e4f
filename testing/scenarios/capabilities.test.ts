import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

const MANIFESTS = path.join(import.meta.dirname, '..', 'manifests');

const CLASSES = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: vendor, annotations: {cpaas.io/display-name: Vendor, cpaas.io/access-mode: "ReadWriteOnce,ReadOnlyMany"}}
provisioner: storage.advanced-block-fs.com
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: earlier}
provisioner: storage.type1.com
`;

/** Both forms, with each field wrong once; what is right of a driver is for another field. */
const WRONG = `
apiVersion: v1
kind: ConfigMap
metadata:
  name: sd-wrong
  namespace: kube-public
  labels: {features.alauda.io/type: StorageDescription}
data:
  one.example: |-
    snapshot: "yes"
    volumeMode: [File]
    accessModes: [ReadWriteOnce, RWX]
    blockAccessModes: []
  two.example: |-
    type: Object
    volumeMode: Filesystem
    accessModes: [ReadWriteOncePod]
  three.example: "["
  four.example: |-
    snapshots: true
    volumeMode: [Block]
  local.stowage.dev: |-
    snapshot: false
`;

/** What is told of {@link WRONG}. */
const TOLD = [
  'data["one.example"].snapshot: "yes" is ignored: write true or false, without quotes',
  'data["one.example"].volumeMode[0]: "File" is ignored: write one of Filesystem, Block',
  'data["one.example"].accessModes[1]: "RWX" is ignored: write one of ReadWriteOnce',
  'data["one.example"].blockAccessModes: [] is ignored: write at least one of ReadWriteOnce',
  'data["two.example"].volumeMode: "Filesystem" is ignored: write a list of Filesystem, Block',
  'data["three.example"]: "[" is ignored: write YAML',
  'data["four.example"].snapshots: true is ignored: remove it, or write one of snapshot, volumeMode',
  'data["local.stowage.dev"] is ignored: the driver describes itself; remove the key',
];

const classOf = (driver: string): string => `
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: ${driver}}
provisioner: ${driver}
`;

const claim = (name: string, className: string, mode: string): string => `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}}
spec:
  accessModes: [${mode}]
  storageClassName: ${className}
  resources: {requests: {storage: 10Mi}}
`;

describeWith(['root', 'unzip'], 'CAP-1, CAP-2: the document "Third-Party Storage Capability Annotation Guide", step by step', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--pool-size', '1Gi'] });
    await platform.kubectl.run(['apply', '-f', '-'], CLASSES);
  });
  afterAll(async () => platform.remove());

  const stowage = async (...words: readonly string[]): Promise<string> => {
    const { program, args, env } = stowageCommand([...words, '--data-dir', platform.dataDir]);
    const { stdout } = await promisify(execFile)(program, args, { env });
    return stdout.trim();
  };
  const row = async (name: string): Promise<readonly string[]> => {
    const lines = (await stowage('class', 'list')).split('\n');
    return lines.find((line) => line.startsWith(name))?.split(/ {3,}/) ?? [];
  };

  it('before anybody told, nothing is known of a driver of another vendor; the platform’s own tells of itself', async () => {
    expect(await row('vendor')).toEqual(['vendor', 'storage.advanced-block-fs.com', '?', 'RWO,ROX', 'RWO,ROX', '?', 'no']);
    expect(await row('local (default)')).toEqual([
      'local (default)',
      'local.stowage.dev',
      'Filesystem,Block',
      'RWO,ROX,RWX,RWOP',
      'RWO,ROX,RWX,RWOP',
      'yes',
      'yes',
    ]);
    expect((await row('local-directory')).slice(2, 5)).toEqual(['Filesystem', 'RWO,ROX,RWX,RWOP', 'none']);
  });

  it('1.3 Apply the configuration; 2. Sample ConfigMap; 4. Compatibility with the Legacy Format', async () => {
    for (const file of ['capabilities.yaml', 'capabilities-earlier.yaml'])
      await platform.kubectl.run(['apply', '-f', path.join(MANIFESTS, file)]);
    expect(await row('vendor')).toEqual(['vendor', 'storage.advanced-block-fs.com', 'Filesystem,Block', 'RWO,ROX', 'RWO', 'yes', 'no']);
    expect(await row('earlier')).toEqual(['earlier', 'storage.type1.com', 'Filesystem', 'RWO,RWX,RWOP', 'RWO,RWX,RWOP', '?', 'no']);
    expect(await stowage('class', 'show', 'vendor')).toBe(
      [
        'vendor (Vendor)',
        '  driver: storage.advanced-block-fs.com',
        '  volume modes: Filesystem, Block (ConfigMap kube-public/sd-capabilities-enhanced)',
        '  access modes of file systems: ReadWriteOnce, ReadOnlyMany (ConfigMap kube-public/sd-capabilities-enhanced)',
        '  access modes of block devices: ReadWriteOnce (ConfigMap kube-public/sd-capabilities-enhanced)',
        '  snapshots: yes (ConfigMap kube-public/sd-capabilities-enhanced)',
        '  growth: no (the class vendor)',
      ].join('\n'),
    );
  });

  it('3. Update Existing Capability Descriptions: a wrong value is an event on the ConfigMap', async () => {
    const data = { 'storage.type1.com': 'snapshot: maybe\naccessModes: [ReadWriteOnce]\n' };
    await platform.kubectl.run(['patch', 'cm', 'sd-built-in', '-n', 'kube-public', '-p', JSON.stringify({ data })]);
    await eventually(async () =>
      expect(await platform.kubectl.run(['get', 'events', '-n', 'kube-public', '-o', 'jsonpath={.items[*].message}'])).toContain(
        'data["storage.type1.com"].snapshot: "maybe" is ignored: write true or false, without quotes',
      ),
    );
    expect((await row('earlier')).slice(3)).toEqual(['RWO', 'RWO', '?', 'no']);
  });

  it('1.2 Populate the `data` field: each field wrong once, in both forms, is told with what helps, and the rest counts', async () => {
    const drivers = ['one.example', 'two.example', 'three.example', 'four.example'];
    await platform.kubectl.run(['apply', '-f', '-'], drivers.map(classOf).join('') + `---${WRONG}`);
    await eventually(async () => {
      const said = await platform.kubectl.run(['get', 'events', '-n', 'kube-public', '-o', 'jsonpath={.items[*].message}']);
      for (const message of TOLD) expect(said).toContain(message);
    });
    expect((await row('one.example')).slice(2)).toEqual(['?', 'RWO', 'RWO', '?', 'no']);
    expect((await row('two.example')).slice(2)).toEqual(['?', 'RWOP', 'RWOP', '?', 'no']);
    expect((await row('three.example')).slice(2)).toEqual(['?', '?', '?', '?', 'no']);
    expect((await row('four.example')).slice(2)).toEqual(['Block', '?', '?', '?', 'no']);
    expect((await row('local (default)'))[5]).toBe('yes');
  });

  it('1.1 Create or Update the ConfigMap: in another namespace, under another name, or without the label it describes nothing', async () => {
    const known = await row('three.example');
    const right = WRONG.replace('three.example: "["', 'three.example: "snapshot: true"');
    const elsewhere = right.replace('namespace: kube-public', 'namespace: default');
    const named = right.replace('name: sd-wrong', 'name: capabilities');
    const unlabelled = right.replace('name: sd-wrong', 'name: sd-unlabelled').replace('features.alauda.io/type', 'app');
    await platform.kubectl.run(['apply', '-f', '-'], [elsewhere, named, unlabelled].join('---'));
    expect(await row('three.example')).toEqual(known);
    await eventually(async () =>
      expect(await platform.kubectl.run(['get', 'events', '-n', 'kube-public', '-o', 'jsonpath={.items[*].message}'])).toContain(
        'ignored: its name is "capabilities"; names of descriptions begin with sd-',
      ),
    );
    await platform.kubectl.run(['apply', '-f', '-'], right);
    expect((await row('three.example'))[5]).toBe('yes');
  });

  it('CLASS-11: the class’s own list of access modes is obeyed; what the driver is said not to do is a warning', async () => {
    await expect(platform.kubectl.run(['apply', '-f', '-'], claim('a', 'vendor', 'ReadWriteMany'))).rejects.toThrow(
      'storageclass "vendor" allows ReadWriteOnce, ReadOnlyMany',
    );
    await expect(platform.kubectl.run(['apply', '-f', '-'], claim('b', 'earlier', 'ReadWriteMany'))).resolves.toContain('created');
  });
});
