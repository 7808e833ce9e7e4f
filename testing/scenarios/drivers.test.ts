import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { VolumeAttachment } from '#api/generated/kubernetes.ts';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { SystemExec } from '#kit/exec.ts';
import { trusted } from '#kit/json.ts';
import { Mounter } from '#linux/mounter.ts';
import { ensureGoProgram } from '#testing/clients/go-program.ts';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { claimManifest } from './manifests.ts';

const BUILD_TIMEOUT_MS = 900_000;

function manifests(name: string, driver: string): string {
  return `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: ${name}}
provisioner: ${driver}
---${claimManifest({ name, namespace: 'default', className: name, size: '1Gi' })}---
apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  nodeSelector: {kubernetes.io/hostname: node-1}
  terminationGracePeriodSeconds: 0
  containers:
  - {name: main, image: busybox, command: [sh, -c, "echo from-${name} > /data/file; sleep 3600"], volumeMounts: [{name: data, mountPath: /data}]}
  volumes: [{name: data, persistentVolumeClaim: {claimName: ${name}}}]
`;
}

const DISKS = 'disks.example.com';
/** What the vendor of the driver ships with it. */
const DISK_OBJECTS = `
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {name: ${DISKS}}
spec: {attachRequired: true, podInfoOnMount: true, volumeLifecycleModes: [Persistent, Ephemeral]}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: disks}
provisioner: ${DISKS}
allowVolumeExpansion: true
`;

function diskPod(name: string, { claim, node }: { readonly claim: string; readonly node: string }): string {
  return `
apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  nodeSelector: {kubernetes.io/hostname: ${node}}
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: busybox
    command: [sh, -c, "echo from-${name} >> /data/log; sleep 3600"]
    volumeMounts: [{name: data, mountPath: /data}, {name: inline, mountPath: /inline}]
  volumes:
  - {name: data, persistentVolumeClaim: {claimName: ${claim}}}
  - {name: inline, csi: {driver: ${DISKS}, volumeAttributes: {colour: blue}}}
`;
}

/** A call that a driver noted. */
interface Noted {
  readonly method: string;
  readonly request: Readonly<Record<string, unknown>>;
}

describeWith(['root', 'runc', 'go', 'unzip', 'npm'], 'CLASS-6: drivers of other vendors', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-drivers-'));
  const at = (name: string): string => path.join(folder, name);
  const children: ChildProcess[] = [];
  let platform: PlatformProcess;
  let program: string;
  beforeAll(async () => {
    program = await ensureGoProgram('stranger');
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--nodes', '2', '--plugins-registry', at('registry')] });
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => {
    await platform.remove();
    for (const child of children) child.kill('SIGKILL');
    await new Mounter(new SystemExec()).unmountBelow(folder);
    rmSync(folder, { recursive: true, force: true });
  });

  const startDriver = (...args: string[]): ChildProcess => {
    const child = spawn(program, args, { stdio: 'ignore' });
    children.push(child);
    return child;
  };
  const stowage = async (...words: string[]): Promise<string> => {
    const { program: runtime, args, env } = stowageCommand([...words, '--data-dir', platform.dataDir]);
    const { stdout } = await promisify(execFile)(runtime, [...args], { env: { ...process.env, ...env } });
    return stdout;
  };
  const registered = async (node = 'node-1'): Promise<string> =>
    platform.kubectl.run(['get', 'csinode', node, '-o', 'jsonpath={.spec.drivers[*].name}']);
  const apply = (...texts: string[]): Promise<string> => platform.kubectl.run(['apply', '-f', '-'], texts.join('---'));
  const ready = (pod: string): Promise<string> => platform.kubectl.run(['wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=60s']);
  const inPod = (pod: string, script: string): Promise<string> => platform.kubectl.run(['exec', pod, '--', 'sh', '-c', script]);
  const attachments = async (): Promise<readonly VolumeAttachment[]> =>
    trusted<{ readonly items: readonly VolumeAttachment[] }>(await platform.kubectl.json(['get', 'volumeattachments'])).items;
  const noted = (node: string): readonly Noted[] =>
    readFileSync(at(`${node}.journal`), 'utf8')
      .trim()
      .split('\n')
      .map((line) => trusted<Noted>(JSON.parse(line)));
  const startDisks = (node: string, ...more: string[]): ChildProcess =>
    startDriver('-attach', '-limit=1', `-node=${node}`, `-journal=${at(`${node}.journal`)}`, `-health=${at('health')}`, ...more);
  const startFirstDisks = (): ChildProcess => startDisks('one', DISKS, at('disks'), at('disks.sock'));
  const volumesIn = (name: string): string[] => readdirSync(at(name));

  it('takes one into use that was added by its socket, while the platform runs, and its volumes serve pods', async () => {
    startDriver('added.example.com', at('added'), at('added.sock'));
    await eventually(() => expect(existsSync(at('added.sock'))).toBe(true));
    expect(await stowage('driver', 'add', '--socket', at('added.sock'))).toMatch(
      /^added added\.example\.com 9\.9\.9 on node-1\n.*CREATE_DELETE_VOLUME/,
    );
    await eventually(async () => expect(await registered()).toContain('added.example.com'));
    expect(await registered('node-2')).toBe('local.stowage.dev');
    startDriver('added.example.com', at('added'), at('added-2.sock'));
    await eventually(() => expect(existsSync(at('added-2.sock'))).toBe(true));
    await stowage('driver', 'add', '--socket', at('added-2.sock'), '--node', 'node-2');
    await eventually(async () => expect(await registered('node-2')).toContain('added.example.com'));
    expect(await platform.kubectl.run(['get', 'csidriver', 'added.example.com', '-o', 'jsonpath={.spec.attachRequired}'])).toBe('false');
    await platform.kubectl.run(['apply', '-f', '-'], manifests('added', 'added.example.com'));
    await platform.kubectl.run(['wait', '--for=condition=Ready', 'pod/added', '--timeout=60s']);
    const [volume = ''] = volumesIn('added');
    await eventually(() => expect(readFileSync(path.join(at('added'), volume, 'file'), 'utf8')).toBe('from-added\n'));
  });

  it('lets its volumes go when the platform stops, knows it again after a restart, and lets go of it when it is removed', async () => {
    await platform.end('SIGTERM');
    // why: a driver is let go of only after the pods that use its volumes have ended
    expect((await inspectMachine(platform.dataDir)).mounts).toEqual([]);
    await platform.start();
    await ready('added');
    await platform.kubectl.run(['delete', 'pod/added', 'pvc/added']);
    await eventually(() => expect(volumesIn('added')).toEqual([]));
    for (const node of ['node-1', 'node-2']) await eventually(async () => expect(await registered(node)).toContain('added.example.com'));
    const can = expect.arrayContaining(['CREATE_DELETE_VOLUME']);
    const added = { name: 'added.example.com', origin: 'added', health: 'ready', version: expect.any(String), capabilities: can };
    const own = { name: 'local.stowage.dev', origin: 'built in', health: 'ready', version: expect.any(String), capabilities: can };
    expect(JSON.parse(await stowage('driver', 'list', '-o', 'json'))).toEqual({
      drivers: [
        { ...own, node: 'node-1', socket: expect.any(String) },
        { ...added, node: 'node-1', socket: at('added.sock') },
        { ...own, node: 'node-2', socket: expect.any(String) },
        { ...added, node: 'node-2', socket: at('added-2.sock') },
      ],
      faults: [],
    });
    expect(await stowage('driver', 'list')).toMatch(/^added\.example\.com +node-2 +\S+ +ready +added +/m);
    await stowage('driver', 'remove', 'added.example.com', '--node', 'node-1');
    await eventually(async () => expect(await registered()).toBe('local.stowage.dev'));
    expect(await platform.kubectl.run(['get', 'csidriver', '-o', 'name'])).toContain('added.example.com');
    expect(await registered('node-2')).toContain('added.example.com');
    await stowage('driver', 'remove', 'added.example.com');
    await eventually(async () => expect(await registered('node-2')).toBe('local.stowage.dev'));
    await eventually(async () =>
      expect(await platform.kubectl.run(['get', 'csidriver', '-o', 'name'])).toBe('csidriver.storage.k8s.io/local.stowage.dev\n'),
    );
    await expect(stowage('driver', 'remove', 'added.example.com')).rejects.toThrow('no driver "added.example.com" was added');
  });

  it('registers one that shows itself as to a kubelet, until its socket goes', async () => {
    const startShown = (): ChildProcess => startDriver('shown.example.com', at('shown'), at('shown.sock'), at('registry/shown-reg.sock'));
    const driver = startShown();
    await eventually(async () => expect(await registered()).toContain('shown.example.com'));
    await eventually(() => expect(readFileSync(at('shown.sock.told'), 'utf8')).toContain('plugin_registered:true'));
    await platform.kubectl.run(['apply', '-f', '-'], manifests('shown', 'shown.example.com'));
    await platform.kubectl.run(['wait', '--for=condition=Ready', 'pod/shown', '--timeout=60s']);
    driver.kill('SIGKILL');
    rmSync(at('shown.sock.told'));
    const again = startShown();
    await eventually(() => expect(readFileSync(at('shown.sock.told'), 'utf8')).toContain('plugin_registered:true'));
    await platform.kubectl.run(['delete', 'pod/shown', 'pvc/shown']);
    await eventually(() => expect(volumesIn('shown')).toEqual([]));
    again.kill('SIGKILL');
    rmSync(at('registry/shown-reg.sock'));
    await eventually(async () => expect(await registered()).not.toContain('shown.example.com'));
  });

  it('VOL-8: attaches a volume before it is staged, and tells an inline volume for which pod it is', async () => {
    await apply(
      DISK_OBJECTS,
      ...['first', 'second'].map((name) => claimManifest({ name, namespace: 'default', className: 'disks', size: '8Mi' })),
    );
    startFirstDisks();
    startDisks('two', '-controller=false', DISKS, at('disks'), at('disks-2.sock'), at('registry/node-2/disks.sock'));
    await eventually(() => stowage('driver', 'add', '--socket', at('disks.sock')));
    for (const node of ['node-1', 'node-2']) await eventually(async () => expect(await registered(node)).toContain(DISKS));
    expect(readFileSync(at('disks-2.sock.told'), 'utf8')).toContain('plugin_registered:true');
    await apply(diskPod('one', { claim: 'first', node: 'node-1' }));
    await ready('one');
    const [attachment, ...others] = await attachments();
    expect(others).toEqual([]);
    const volume = attachment?.spec.source.persistentVolumeName ?? '';
    const publishContext = { disk: path.join(at('disks'), volume), of: 'one' };
    expect(attachment).toMatchObject({
      spec: { attacher: DISKS, nodeName: 'node-1' },
      status: { attached: true, attachmentMetadata: publishContext },
    });
    const calls = noted('one').filter(({ request }) => request['volume_id'] === volume);
    expect(calls.map(({ method }) => method)).toEqual(['ControllerPublishVolume', 'NodeStageVolume', 'NodePublishVolume']);
    expect(calls[0]?.request).toMatchObject({ node_id: 'one', volume_context: { 'made-by': 'stranger' } });
    expect(calls[1]?.request).toMatchObject({ publish_context: publishContext });
    const pod = await platform.kubectl.run(['get', 'pod', 'one', '-o', 'jsonpath={.metadata.uid}']);
    expect(JSON.parse(await inPod('one', 'cat /inline/context'))).toEqual({
      colour: 'blue',
      'csi.storage.k8s.io/ephemeral': 'true',
      'csi.storage.k8s.io/pod.name': 'one',
      'csi.storage.k8s.io/pod.namespace': 'default',
      'csi.storage.k8s.io/pod.uid': pod,
      'csi.storage.k8s.io/serviceAccount.name': 'default',
    });
    // why here: it is seen within a minute, while other things are done
    writeFileSync(
      at('health'),
      JSON.stringify([
        ['DEGRADED', 'Rebuild', 'one of two copies'],
        ['DATA_LOSS', 'Scrub', ''],
      ]),
    );
  });

  it('VOL-9: grows while its pod writes, by a driver that was killed and started again meanwhile', async () => {
    const blocks = (): Promise<string> => inPod('one', "df -k /data | awk 'NR == 2 { print $2 }'");
    expect(await blocks()).toBe('8192\n');
    children.at(-2)?.kill('SIGKILL');
    await platform.kubectl.run(['patch', 'pvc', 'first', '-p', '{"spec":{"resources":{"requests":{"storage":"16Mi"}}}}']);
    const growth = ['get', 'pvc', 'first', '-o', 'jsonpath={.status.capacity.storage} {.status.conditions[?(@.type!="Unused")].type}'];
    await eventually(async () => expect(await platform.kubectl.run(growth)).toBe('8Mi Resizing'));
    expect(await inPod('one', 'echo still >> /data/log; cat /data/log')).toBe('from-one\nstill\n');
    startFirstDisks();
    await eventually(async () => expect(await platform.kubectl.run(growth)).toBe('16Mi '));
    expect(await blocks()).toBe('16384\n');
    const [grown] = noted('one').filter(({ method }) => method === 'NodeExpandVolume');
    expect(grown?.request).toMatchObject({ capacity_range: { required_bytes: String(16 * 1024 * 1024) } });
  });

  it('VOL-19: says of claim and pod what the driver says of the volume’s health', async () => {
    const ofPod = ['get', 'pod', 'one', '-o', 'jsonpath={.status.volumeHealth[*].healthConditions[*].reason}'];
    const ofClaim = ['get', 'pvc', 'first', '-o', 'jsonpath={.status.healthStatus.healthConditions[*].reason}'];
    await eventually(async () => expect(await platform.kubectl.run(ofClaim)).toBe('Scrub Rebuild'));
    expect(await platform.kubectl.run(['describe', 'pvc', 'first'])).toMatch(
      /Warning +VolumeConditionAbnormal .*DataLoss \(Scrub\); Degraded \(Rebuild\): one of two copies/,
    );
    expect(await stowage('explain', 'pvc/first')).toMatch(
      /its driver says that the volume is not well[\s\S]*health DataLoss +Scrub, since /,
    );
    await eventually(async () => expect(await platform.kubectl.run(ofPod)).toBe('Scrub Rebuild'));
    expect(await stowage('explain', 'pod/one')).toMatch(/a driver says that its volumes are not well[\s\S]*volume data DataLoss +Scrub/);
  });

  it('keeps to the number of volumes that a node takes, and detaches when the pod is gone', async () => {
    const volume = await platform.kubectl.run(['get', 'pvc', 'first', '-o', 'jsonpath={.spec.volumeName}']);
    await apply(diskPod('two', { claim: 'second', node: 'node-1' }));
    const why = ['get', 'pod', 'two', '-o', 'jsonpath={.status.conditions[?(@.type=="PodScheduled")].message}'];
    await eventually(async () => expect(await platform.kubectl.run(why)).toContain('1 node(s) exceed max volume count'));
    await platform.kubectl.run(['delete', 'pod', 'one']);
    await ready('two');
    await eventually(async () => expect((await attachments()).map(({ spec }) => spec.source.persistentVolumeName)).not.toContain(volume));
    const ends = noted('one').filter(({ method, request }) => request['volume_id'] === volume && /Un|Expand/.test(method));
    expect(ends.map(({ method }) => method)).toEqual([
      'ControllerExpandVolume',
      'NodeExpandVolume',
      'NodeUnpublishVolume',
      'NodeUnstageVolume',
      'ControllerUnpublishVolume',
    ]);
  });

  it('serves pods on a further node, where its node service has registered, by the controller of the first', async () => {
    await apply(diskPod('three', { claim: 'first', node: 'node-2' }));
    await ready('three');
    expect(await inPod('three', 'cat /data/log')).toBe('from-one\nstill\nfrom-three\n');
    expect(noted('two').map(({ method }) => method)).toEqual(expect.arrayContaining(['NodeStageVolume', 'NodePublishVolume']));
    expect(noted('two').map(({ method }) => method)).not.toContain('ControllerPublishVolume');
    expect((await attachments()).map(({ spec }) => spec.nodeName).toSorted()).toEqual(['node-1', 'node-2']);
    await platform.kubectl.run(['delete', 'pod/two', 'pod/three', 'pvc/first', 'pvc/second']);
    await eventually(() => expect(volumesIn('disks')).toEqual([]));
    expect(await attachments()).toEqual([]);
  });

  it('VOL-19: refuses a pod for whose volume the driver has no place left, and the node tells anew how many it takes', async () => {
    const driver = 'few.example.com';
    const count = ['get', 'csinode', 'node-1', '-o', `jsonpath={.spec.drivers[?(@.name=="${driver}")].allocatable.count}`];
    await apply(
      `{apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {name: ${driver}}, spec: {attachRequired: true, nodeAllocatableUpdatePeriodSeconds: 86400}}`,
    );
    startDriver('-attach', '-limit=2', '-node=one', `-places=${at('places')}`, driver, at('few'), at('few.sock'));
    await eventually(() => stowage('driver', 'add', '--socket', at('few.sock')));
    await eventually(async () => expect(await platform.kubectl.run(count)).toBe('2'));
    await apply(manifests('a', driver));
    await ready('a');
    writeFileSync(at('places'), '1');
    await apply(manifests('b', driver));
    const status = ['get', 'pod', 'b', '-o', 'jsonpath={.status.phase} {.status.reason}'];
    await eventually(async () => expect(await platform.kubectl.run(status)).toBe('Failed VolumeAttachmentLimitExceeded'));
    expect(await platform.kubectl.run(count)).toBe('1');
    expect(await platform.kubectl.run(['describe', 'pod', 'b'])).toMatch(/VolumeAttachmentLimitExceeded .*no place for another disk/);
    await platform.kubectl.run(['delete', 'pod', 'b']);
    await apply(manifests('b', driver));
    const why = ['get', 'pod', 'b', '-o', 'jsonpath={.status.conditions[?(@.type=="PodScheduled")].message}'];
    await eventually(async () => expect(await platform.kubectl.run(why)).toContain('exceed max volume count'));
    await platform.kubectl.run(['delete', 'pod/a']);
    await ready('b');
    await platform.kubectl.run(['delete', 'pod/b', 'pvc/a', 'pvc/b']);
    await eventually(() => expect(volumesIn('few')).toEqual([]));
  });

  it.each([
    { name: 'nobody serves', socket: 'none.sock', says: 'does not answer' },
    { name: 'the platform’s own name', socket: 'own.sock', says: "is the name of the platform's own driver" },
  ])('refuses a socket where $name', async ({ socket, says }) => {
    if (socket === 'own.sock') startDriver('local.stowage.dev', at('own'), at(socket));
    await expect(eventually(() => stowage('driver', 'add', '--socket', at(socket)), 2_000)).rejects.toThrow(says);
  });
});
