import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { ERROR_CODES } from '#kit/error-codes.ts';
import { SystemExec } from '#kit/exec.ts';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { ensureKubectl } from '#testing/clients/kubectl.ts';
import { describeWith } from '#testing/requirements.ts';
import { claimManifest } from './manifests.ts';

/**
 * The documents' manifests, from the file as printed. `changes` are what can't be as printed here: images that name no command or can't be had become
 * busybox, and paths of the machine become the test's own. Classes keep their names: the installation makes classes of these names on its own driver.
 */
function printed(file: string, changes: Readonly<Record<string, string>> = {}): string {
  let text = readFileSync(path.join(import.meta.dirname, '..', 'manifests', file), 'utf8');
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** The blocks of commands of one of our own pages, as a reader would paste them one after the other; those that go on until they are stopped are left out. */
function commandsOf(page: string): string {
  const text = readFileSync(path.join(import.meta.dirname, '..', '..', page), 'utf8');
  const blocks = [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)]
    // why: what names its language is a fragment to fill in
    .filter(([, , language]) => language === '')
    .map(([, indent = '', , block = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
  return blocks.filter((block) => /^kubectl /m.test(block) && !/ logs -f /.test(block)).join('');
}

/** The documents' class names on the driver that is here. */
const CLASSES = ['cephfs', 'standard']
  .map(
    (name) => `---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: ${name}}
provisioner: local.stowage.dev
allowVolumeExpansion: true
parameters: {csi.storage.k8s.io/fstype: xfs}
`,
  )
  .join('');

/** The documents' `kubectl patch` of a claim. */
const EXPANSION = `{
  "spec": {
    "resources": {
      "requests": {
        "storage": "6Gi"
      }
    }
  }
}`;

/** The documents' pod with a claim, writing numbered lines: its image has no command and is not there. */
const WRITER = printed('pod-claim.yaml', {
  'dockerfile/nginx': `busybox\n      command: [sh, -c, 'trap "exit 0" TERM; n=0; while n=$((n+1)); do echo $n >>/var/www/html/log || exit 1; echo $n $(wc -l </var/www/html/log) $(df -m /var/www/html | tail -1); sleep 0.1; done']`,
  myclaim: 'example-pvc',
  'name: mypod': 'name: mypod\n  namespace: k-1',
});

describeWith(
  ['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'],
  'the manifests and commands of the documents, from end to end',
  () => {
    let platform: PlatformProcess;
    let hostDir: string;
    beforeAll(async () => {
      hostDir = mkdtempSync(path.join(tmpdir(), 'documents-'));
      platform = await PlatformProcess.start({ flags: ['--no-demo', '--pool-size', '24Gi'] });
      await platform.kubectl.run(['create', 'namespace', 'k-1']);
      await platform.kubectl.run(['apply', '-f', '-'], CLASSES);
    });
    afterAll(async () => {
      await platform.remove();
      rmSync(hostDir, { recursive: true, force: true });
    });

    const apply = (manifest: string, namespace = 'default'): Promise<string> =>
      platform.kubectl.run(['apply', '-n', namespace, '-f', '-'], manifest);
    const isReady = (pod: string, namespace = 'default'): Promise<string> =>
      platform.kubectl.run(['wait', '--for=condition=Ready', `pod/${pod}`, '-n', namespace, '--timeout=60s']);
    const capacity = (): Promise<string> =>
      platform.kubectl.run(['get', 'pvc', 'example-pvc', '-n', 'k-1', '-o', 'jsonpath={.status.capacity.storage}']);
    const said = async (): Promise<readonly (readonly number[])[]> => {
      const lines = (await platform.kubectl.run(['logs', 'mypod', '-n', 'k-1'])).trim().split('\n');
      return lines.map((line) => {
        const words = line.split(/\s+/);
        return [Number(words[0]), Number(words[1]), Number(words[3])];
      });
    };

    it('VOL-3: a static HostPath volume, a claim of its class and a pod: the files are in the host’s directory', async () => {
      const directory = path.join(hostDir, 'data');
      mkdirSync(directory);
      await apply(printed('pv-hostpath.yaml', { '/mnt/data': directory }));
      await apply(claimManifest({ name: 'manual', namespace: 'default', className: 'manual', size: '3Gi' }));
      await apply(
        printed('pod-claim.yaml', {
          'dockerfile/nginx': "busybox\n      command: [sh, -c, 'echo hello >/var/www/html/index.html && sleep 3600']",
          myclaim: 'manual',
        }),
      );
      await isReady('mypod');
      await eventually(() => expect(readFileSync(path.join(directory, 'index.html'), 'utf8')).toBe('hello\n'));
      await platform.kubectl.run(['delete', 'pod', 'mypod', '--grace-period=1']);
      await platform.kubectl.run(['delete', 'pvc', 'manual']);
      await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Released', 'pv/example-pv', '--timeout=60s']);
      expect(readFileSync(path.join(directory, 'index.html'), 'utf8')).toBe('hello\n');
    });

    it('VOL-11: the pod with a hostPath touches a file on the host', async () => {
      await apply(printed('pod-hostpath.yaml', { ubuntu: 'busybox', '/User/cui/Desktop': hostDir }));
      await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/hostpath-pod', '--timeout=60s']);
      expect(readFileSync(path.join(hostDir, 'test.test.test'), 'utf8')).toBe('');
    });

    it('VOL-4, VOL-9: the claim as printed, and its growth by the documents’ kubectl patch while the pod writes without a pause', async () => {
      await apply(printed('pvc-example.yaml'), 'k-1');
      await apply(WRITER, 'k-1');
      await isReady('mypod', 'k-1');
      expect(await capacity()).toBe('4Gi');
      await platform.kubectl.run(['patch', 'pvc', 'example-pvc', '-n', 'k-1', '--type=merge', '-p', EXPANSION]);
      await eventually(async () => expect(await capacity()).toBe('6Gi'));
      await eventually(async () => expect((await said()).at(-1)?.[2]).toBeGreaterThan(5 * 1024));
      const written = await said();
      expect(written[0]?.[2]).toBeLessThan(4.1 * 1024);
      expect(written.map(([number]) => number)).toEqual(written.map((_, index) => index + 1));
    });

    it('CLASS-5: a copy of the claim while the pod writes: it has what was there, and goes its own way', async () => {
      const copy = claimManifest({ name: 'copy', namespace: 'k-1', className: 'standard', size: '6Gi' });
      await apply(`${copy}  dataSource: { kind: PersistentVolumeClaim, name: example-pvc }\n`, 'k-1');
      await apply(
        printed('pod-claim.yaml', {
          'dockerfile/nginx': `busybox\n      command: [sh, -c, 'wc -l </var/www/html/log; tail -1 /var/www/html/log; sleep 3600']`,
          myclaim: 'copy',
          'name: mypod': 'name: reader\n  namespace: k-1',
        }),
        'k-1',
      );
      await isReady('reader', 'k-1');
      const logs = (): Promise<string> => platform.kubectl.run(['logs', 'reader', '-n', 'k-1']);
      await eventually(async () => expect(await logs()).toMatch(/^\d+\n\d+\n$/));
      const [lines = 0, last = -1] = (await logs()).trim().split('\n').map(Number);
      expect(lines).toBeGreaterThan(0);
      expect(last).toBe(lines);
      await eventually(async () => expect((await said()).length).toBeGreaterThan(lines));
      await platform.kubectl.run(['delete', 'pod', 'reader', '-n', 'k-1', '--grace-period=1']);
      await platform.kubectl.run(['delete', 'pvc', 'copy', '-n', 'k-1']);
    });

    it('VOL-9: a growth that failed, taken back by the one command', async () => {
      await platform.kubectl.run(['patch', 'pvc', 'example-pvc', '-n', 'k-1', '--type=merge', '-p', EXPANSION.replace('6Gi', '900Gi')]);
      await eventually(async () =>
        expect(await platform.kubectl.run(['describe', 'pvc', 'example-pvc', '-n', 'k-1'])).toMatch(/VolumeResizeFailed.*more is needed/),
      );
      const { program, args, env } = stowageCommand(['recover', 'pvc/example-pvc', '-n', 'k-1', '--data-dir', platform.dataDir]);
      const recover = (): Promise<{ readonly stdout: string; readonly stderr: string }> =>
        new SystemExec().run(['env', ...Object.entries(env).map(([key, value]) => `${key}=${value}`), program, ...args], {
          okCodes: [0, ERROR_CODES.FailedPrecondition.exit],
        });
      expect((await recover()).stderr).toContain('mypod');
      const before = (await said()).length;
      await platform.kubectl.run(['delete', 'pod', 'mypod', '-n', 'k-1', '--grace-period=1']);
      await recover();
      await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/example-pvc', '-n', 'k-1', '--timeout=60s']);
      expect(await platform.kubectl.run(['get', 'pvc', 'example-pvc', '-n', 'k-1'])).toMatch(/Bound\s+pvc-\S+\s+6Gi\s+RWO\s+cephfs/);
      await apply(WRITER, 'k-1');
      await isReady('mypod', 'k-1');
      await eventually(async () => expect((await said())[0]?.[1]).toBeGreaterThan(before));
    });

    it('VOL-7: a claim in use that is deleted waits for its pod, then goes with its volume', async () => {
      await platform.kubectl.run(['delete', 'pvc', 'example-pvc', '-n', 'k-1', '--wait=false']);
      await eventually(async () => expect(await platform.kubectl.run(['get', 'pvc', '-n', 'k-1'])).toMatch(/example-pvc\s+Terminating/));
      expect((await said()).length).toBeGreaterThan(0);
      await platform.kubectl.run(['delete', 'pod', 'mypod', '-n', 'k-1', '--grace-period=1']);
      await platform.kubectl.run(['wait', '--for=delete', 'pvc/example-pvc', '-n', 'k-1', '--timeout=60s']);
      await eventually(async () => expect(await platform.kubectl.run(['get', 'pv', '-o', 'name'])).toBe('persistentvolume/example-pv\n'));
    });

    it('VOL-10, VOL-11: the ephemeral pod and both emptyDir pods, as printed', async () => {
      for (const file of ['pod-ephemeral.yaml', 'pod-emptydir.yaml', 'pod-emptydir-memory.yaml']) await apply(printed(file));
      for (const pod of ['ephemeral-demo', 'emptydir-demo', 'emptydir-memory-demo']) await isReady(pod);
      for (const pod of ['ephemeral-demo', 'emptydir-demo'])
        await eventually(async () => expect(await platform.kubectl.run(['exec', pod, '--', 'cat', '/data/hello.txt'])).toBe('hello\n'));
      expect(await platform.kubectl.run(['get', 'pvc', '-l', 'type=temporary'])).toMatch(
        /ephemeral-demo-ephemeral-volume\s+Bound\s+\S+\s+1Gi/,
      );
      await eventually(async () =>
        expect(await platform.kubectl.run(['logs', 'emptydir-memory-demo'])).toMatch(/^tmpfs\s+\d+\s+0\s.*\/data$/m),
      );
      await platform.kubectl.run(['delete', 'pod', 'emptydir-demo', 'emptydir-memory-demo', '--grace-period=1']);
      // why in the foreground: pod and claim then wait for each other, unless the claim lets go of a pod that has ended
      await platform.kubectl.run(['delete', 'pod', 'ephemeral-demo', '--grace-period=1', '--cascade=foreground', '--timeout=60s']);
      await platform.kubectl.run(['wait', '--for=delete', 'pvc/ephemeral-demo-ephemeral-volume', '--timeout=60s']);
    });

    it('VOL-8: the block device pod: a raw device of 10Gi that keeps what is written', async () => {
      // why: its volume is on a Fibre Channel fabric, which is not here; the claim gets one of the default class instead
      const [, ...documents] = printed('block-volume.yaml', { 'fedora:26': 'busybox' }).split('---\n');
      await apply(documents.join('---\n'));
      await isReady('pod-with-block-volume');
      const inPod = (command: string): Promise<string> =>
        platform.kubectl.run(['exec', 'pod-with-block-volume', '--', 'sh', '-c', command]);
      expect(await inPod('blockdev --getsize64 /dev/xvda')).toBe(`${10 * 2 ** 30}\n`);
      await inPod('echo raw | dd of=/dev/xvda conv=fsync');
      expect(await inPod('head -c 3 /dev/xvda')).toBe('raw');
      await platform.kubectl.run(['delete', 'pod', 'pod-with-block-volume', '--grace-period=1']);
      await platform.kubectl.run(['delete', 'pvc', 'block-pvc']);
    });

    it('VOL-5: the default class is switched by the documents’ two kubectl patches', async () => {
      const mark = (name: string, value: string): Promise<string> =>
        platform.kubectl.run([
          'patch',
          'storageclass',
          name,
          '-p',
          `{"metadata": {"annotations":{"storageclass.kubernetes.io/is-default-class":"${value}"}}}`,
        ]);
      const classOf = (name: string): Promise<string> =>
        platform.kubectl.run(['get', 'pvc', name, '-o', 'jsonpath={.spec.storageClassName}']);
      await mark('local', 'false');
      await apply(claimManifest({ name: 'early', namespace: 'default', size: '1Gi' }));
      expect(await classOf('early')).toBe('');
      await mark('standard', 'true');
      expect(await platform.kubectl.run(['get', 'storageclass'])).toMatch(/^standard \(default\)/m);
      expect(await platform.kubectl.run(['get', 'storageclass'])).not.toMatch(/^local \(default\)/m);
      await apply(claimManifest({ name: 'late', namespace: 'default', size: '1Gi' }));
      for (const name of ['early', 'late'])
        await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', `pvc/${name}`, '--timeout=60s']);
      expect([await classOf('early'), await classOf('late')]).toEqual(['standard', 'standard']);
    });

    it.each([
      { page: 'README.md', namespace: 'k-1', pod: 'mypod', says: /^hello$/m },
      { page: 'docs/en/volumes.md', namespace: 'v-1', pod: 'all-kinds', says: /^debug$/m },
    ])('every command of $page, as printed', async ({ page, namespace, pod, says }) => {
      // why another namespace: k-1 has been used above
      const script = commandsOf(page).replaceAll(namespace, `printed-${namespace}`);
      expect(script).toContain('kubectl patch pvc ');
      const prefix = `PATH=${path.dirname(await ensureKubectl())}:$PATH KUBECONFIG=${platform.kubeconfig}; export PATH KUBECONFIG`;
      await new SystemExec().run(['bash', '-eu', '-c', `${prefix}\n${script}`], { timeoutMs: 240_000 });
      await eventually(async () => expect(await platform.kubectl.run(['logs', pod, '-n', `printed-${namespace}`])).toMatch(says));
      await platform.kubectl.run(['delete', 'namespace', `printed-${namespace}`, '--timeout=60s']);
    });
  },
);
