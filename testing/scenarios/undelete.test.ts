import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { claimOf } from './snapshots/objects.ts';

const NAMESPACE = 'shop';
/** Ann may do everything in her namespace, ed may edit there, bob has his own. */
const WORLD = ['shop', 'other'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
const right = (user: string, role: string, namespace: string): object => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: user, namespace },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects: [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }],
});
const RIGHTS = [right('ann', 'admin', 'shop'), right('ed', 'edit', 'shop'), right('bob', 'admin', 'other')];
const QUOTA = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'disks' },
  spec: { hard: { 'requests.storage': '8Mi', persistentvolumeclaims: '1' } },
};

/** A pod that runs a line with the claim at /data, and ends. */
function podOf(name: string, line: string): object {
  const main = { name: 'main', image: 'busybox', command: ['sh', '-c', line], volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { restartPolicy: 'Never', containers: [main], volumes } };
}

describeWith(['root', 'runc', 'busybox', 'xfs', 'ip'], 'VOL-20: a deleted claim comes back', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'], processGroup: 'own' });
    await apply([...WORLD, ...RIGHTS]);
    await platform.kubectl.run(['annotate', 'storageclass', 'local', 'stowage.dev/deletion-grace=72h']);
    await apply([claimOf('data', '8Mi')], NAMESPACE);
    await run('writer', 'echo treasure >/data/file && sync');
  });
  afterAll(async () => platform.remove());

  const apply = (items: readonly unknown[], namespace?: string): Promise<string> =>
    platform.kubectl.run(
      ['apply', ...(namespace === undefined ? [] : ['-n', namespace]), '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
    );
  const shop = (...args: readonly string[]): Promise<string> => platform.kubectl.run(['-n', NAMESPACE, ...args]);
  const stowage = async (...words: readonly string[]): Promise<string> => {
    const { program, args, env } = stowageCommand([...words, '--data-dir', platform.dataDir]);
    const { stdout } = await promisify(execFile)(program, args, { env });
    return stdout.trim();
  };
  const run = async (name: string, line: string): Promise<string> => {
    await apply([podOf(name, line)], NAMESPACE);
    await shop('wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${name}`, '--timeout=80s');
    const said = await shop('logs', name);
    await shop('delete', 'pod', name, '--timeout=60s');
    return said.trim();
  };
  const remove = (): Promise<string> => shop('delete', 'pvc', 'data', '--timeout=60s');
  const volumeOf = async (): Promise<string> => (await shop('get', 'dpvc', '-o', 'jsonpath={.items[*].metadata.name}')).trim();
  const volumes = async (): Promise<number> => (await inspectMachine(platform.dataDir, platform.pid)).volumes.length;

  it('by the command line, with its data, after the platform was killed; and says what waits meanwhile', async () => {
    const before = await shop('get', 'pvc', 'data', '-o', 'jsonpath={.spec}');
    await remove();
    await platform.killGroup();
    await platform.start();
    const volume = await volumeOf();
    expect(await stowage('undelete', '-n', NAMESPACE)).toMatch(new RegExp(`^shop +data +8Mi +local +\\S+Z +\\S+Z +${volume}$`, 'm'));
    expect(await stowage('status')).toContain('1  deleted, and can be brought back (stowage undelete --list)\n  pvc/data -n shop');
    expect(await stowage('explain', 'pvc/data', '-n', NAMESPACE)).toContain(
      `shop/data was deleted; its volume ${volume} (8Mi) is kept until`,
    );
    expect(await stowage('explain', `pv/${volume}`)).toContain('its claim shop/data was deleted and can be brought back until');
    expect(await shop('get', 'dpvc')).toContain(volume);
    expect(await stowage('undelete', 'pvc/data', '-n', NAMESPACE)).toContain('claim data is back, with the data that it had');
    expect(await shop('get', 'pvc', 'data', '-o', 'jsonpath={.spec}')).toBe(before);
    expect(await run('reader', 'cat /data/file')).toBe('treasure');
    await eventually(async () => expect(await volumeOf()).toBe(''));
    await expect(stowage('undelete', 'pvc/data', '-n', NAMESPACE)).rejects.toThrow(
      'no deleted claim "data" of namespace shop can be brought back',
    );
  });

  it('by kubectl alone, as who may create claims there; it counts in the quota, which says so', async () => {
    await apply([QUOTA], NAMESPACE);
    await remove();
    const volume = await volumeOf();
    const other = JSON.stringify(claimOf('more', '8Mi'));
    await expect(platform.kubectl.run(['-n', NAMESPACE, 'create', '-f', '-'], other)).rejects.toThrow(
      'one deleted claim that waits counts in it: stowage undelete --list -n shop',
    );
    const claim = await shop('--as', 'ed', 'get', 'dpvc', volume, '-o', 'jsonpath={.spec.claim}');
    await expect(platform.kubectl.run(['--as', 'bob', '-n', NAMESPACE, 'create', '-f', '-'], claim)).rejects.toThrow('forbidden');
    await expect(shop('--as', 'ed', 'delete', 'dpvc', volume)).rejects.toThrow('forbidden');
    await platform.kubectl.run(['--as', 'ed', '-n', NAMESPACE, 'create', '-f', '-'], claim);
    await shop('wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/data', '--timeout=60s');
    expect(await run('reader', 'cat /data/file')).toBe('treasure');
    await shop('delete', 'quota', 'disks');
  });

  it('of a namespace that was deleted: not for another tenant who takes its name, and by an administrator into it', async () => {
    const pv = (await shop('get', 'pvc', 'data', '-o', 'jsonpath={.spec.volumeName}')).trim();
    await platform.kubectl.run(['delete', 'namespace', NAMESPACE, '--timeout=80s']);
    expect(await stowage('undelete', '-A')).toMatch(new RegExp(`^shop \\(gone\\) +data .* ${pv}$`, 'm'));
    await apply([WORLD[0], right('bob', 'admin', NAMESPACE)]);
    expect(await platform.kubectl.run(['--as', 'bob', '-n', NAMESPACE, 'get', 'dpvc', '-o', 'name'])).toBe('');
    const thief = JSON.stringify({
      ...Object(claimOf('mine', '8Mi')),
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '8Mi' } }, volumeName: pv },
    });
    await platform.kubectl.run(['--as', 'bob', '-n', NAMESPACE, 'create', '-f', '-'], thief);
    await eventually(async () =>
      expect(await shop('get', 'events', '--field-selector', 'reason=UndeleteRefused', '-o', 'jsonpath={.items[*].message}')).toContain(
        'kept for a namespace shop that is gone, and this one is another',
      ),
    );
    expect(await shop('get', 'pvc', 'mine', '-o', 'jsonpath={.status.phase}')).toBe('Pending');
    await shop('delete', 'pvc', 'mine', '--timeout=60s');
    expect(await stowage('undelete', 'pvc/data', '-n', NAMESPACE)).toContain(
      `volume ${pv} is given to the namespace shop that is there now`,
    );
    expect(await run('reader', 'cat /data/file')).toBe('treasure');
  });

  it('no more when it was let go, or its time is over: the data goes', async () => {
    await remove();
    expect(await volumes()).toBe(1);
    expect(await stowage('undelete', 'pvc/data', '-n', NAMESPACE, '--now')).toContain('is let go');
    await eventually(async () => expect(await volumes()).toBe(0));
    await platform.kubectl.run(['annotate', '--overwrite', 'storageclass', 'local', 'stowage.dev/deletion-grace=1s']);
    await apply([claimOf('data', '8Mi')], NAMESPACE);
    await run('writer', 'echo treasure >/data/file && sync');
    await remove();
    await eventually(async () => expect([await volumes(), await volumeOf()]).toEqual([0, '']));
    await expect(
      platform.kubectl.run(['annotate', '--overwrite', 'storageclass', 'local', 'stowage.dev/deletion-grace=3d']),
    ).rejects.toThrow('must be a time between 1s and 8760h in the form of Go, as 72h or 1h30m; leave it out to keep nothing');
  });
});
