import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

const PROJECT = `
apiVersion: stowage.dev/v1alpha1
kind: Project
metadata: {name: shop}
spec:
  storageQuota: {hard: {requests.storage: 10Mi}}
`;

const moduleInfo = (name: string, plugin: string): string => `
apiVersion: cluster.alauda.io/v1alpha1
kind: ModuleInfo
metadata:
  name: ${name}
  labels: {cpaas.io/cluster-name: stowage, cpaas.io/module-name: ${plugin}, cpaas.io/module-type: plugin}
`;

const CLAIM = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: large, namespace: web}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 20Mi}}
`;

describeWith(['root', 'unzip'], 'PLUG-1, PLUG-2: docs/en/plugins.md, step by step', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--pool-size', '1Gi'] });
    await platform.kubectl.run(['create', 'namespace', 'web']);
    await platform.kubectl.run(['label', 'namespace', 'web', 'cpaas.io/project=shop']);
  });
  afterAll(async () => platform.remove());

  const kubectl = (...words: readonly string[]): Promise<string> => platform.kubectl.run(words);
  const apply = (text: string): Promise<string> => platform.kubectl.run(['apply', '-f', '-'], text);
  const stowage = async (...words: readonly string[]): Promise<string> => {
    const { program, args, env } = stowageCommand([...words, '--data-dir', platform.dataDir]);
    const { stdout } = await promisify(execFile)(program, args, { env });
    return stdout.trim();
  };
  /** What a shell is offered behind these words. */
  const completed = async (...words: readonly string[]): Promise<readonly string[]> => {
    const [verb = '', action = '', ...rest] = words;
    const { program, args, env } = stowageCommand(['complete', '--', verb, action, '--data-dir', platform.dataDir, ...rest]);
    const { stdout } = await promisify(execFile)(program, args, { env });
    return stdout.split('\n').filter((line) => line !== '');
  };
  const phaseOf = (info: string): Promise<string> => kubectl('get', 'moduleinfo', info, '-o', 'jsonpath={.status.phase}');

  it('all are installed at first, and say what they need and bring', async () => {
    await eventually(async () => expect(await stowage('plugin', 'list')).toMatch(/^projects +\S+ +Running +- +Projects$/m));
    expect(await stowage('plugin', 'list')).toMatch(/^volsync +\S+ +Running +snapshot +Replication \(VolSync\)$/m);
    const shown = await stowage('plugin', 'show', 'snapshot');
    expect(shown).toContain('needed by: volsync');
    expect(shown).toContain('kind volumesnapshots.snapshot.storage.k8s.io');
    await expect(stowage('plugin', 'show', 'snapshots')).rejects.toThrow('there is no plugin "snapshots"; did you mean snapshot?');
  });

  it('names of plugins and projects complete where they may stand', async () => {
    expect(await completed('plugin', 'show', 'n')).toEqual(['nfs']);
    expect(await completed('plugin', 'uninstall', 'n')).toEqual([]);
    expect(await completed('plugin', 'uninstall', 'sn')).toEqual(['snapshot']);
    expect(await completed('plugin', 'install', '')).toEqual(['demo', 'nfs']);
    expect(await completed('project', 'show', '')).toEqual(['shop']);
    expect(await completed('project', 'assign', 'sh')).toEqual(['shop']);
    expect(await completed('project', 'assign', 'shop', 'ns/w')).toEqual(['ns/web']);
    expect(await completed('project', 'unassign', 'shop', 'ns/web', 'sc/local-')).toEqual(['sc/local-directory']);
  });

  it('one that is used does not go, however it is asked for, and what uses it is listed', async () => {
    await apply(PROJECT);
    const refusal = 'plugin "projects" is in use by 1 projects.stowage.dev (shop): remove what uses it first';
    await expect(stowage('plugin', 'uninstall', 'projects', '--dry-run')).rejects.toThrow(refusal);
    await expect(stowage('plugin', 'uninstall', 'projects')).rejects.toThrow(refusal);
    await expect(kubectl('delete', 'moduleinfo', 'stowage-projects')).rejects.toThrow(refusal);
    await expect(stowage('plugin', 'uninstall', 'snapshot')).rejects.toThrow('is in use by plugin "volsync", which needs it');
    await kubectl('label', 'storageclass', 'local', 'project.cpaas.io/shop=true');
    await expect(stowage('plugin', 'uninstall', 'projects')).rejects.toThrow(
      '1 projects.stowage.dev (shop); 1 storageclasses.storage.k8s.io (local), allocated to projects by labels: remove what uses it first',
    );
    await kubectl('label', 'storageclass', 'local', 'project.cpaas.io/shop-');
    expect(await phaseOf('stowage-projects')).toBe('Running');
    await expect(apply(CLAIM)).rejects.toThrow('exceeded quota of project shop');
  });

  it('one that nothing uses goes, with its kinds and its rules, and stays away', async () => {
    await kubectl('delete', 'project', 'shop');
    expect(await stowage('plugin', 'uninstall', 'projects', '--dry-run')).toMatch(
      /^would be: plugin projects \S+ is uninstalled, and with it go\n {2}kind projects\.stowage\.dev\n {2}rule ProjectDefaultClass about writes\n(?: {2}rule .*\n)+ {2}controller project-status$/,
    );
    expect(await stowage('plugin', 'uninstall', 'projects')).toBe('plugin projects is uninstalled');
    await expect(kubectl('get', 'projects.stowage.dev')).rejects.toThrow(`the server doesn't have a resource type "projects"`);
    await expect(stowage('project', 'list')).rejects.toThrow('the plugin "projects" is not installed: stowage plugin install projects');
    await kubectl('label', 'storageclass', 'local', 'project.cpaas.io/other=true');
    await expect(apply(CLAIM)).resolves.toContain('created');
    await platform.end('SIGTERM');
    await platform.start();
    await expect(kubectl('get', 'projects.stowage.dev')).rejects.toThrow(`the server doesn't have a resource type "projects"`);
    expect(await stowage('plugin', 'list')).toMatch(/^projects +\S+ +Ready/m);
  });

  it('comes back, with its rules', async () => {
    expect(await stowage('plugin', 'install', 'projects', '--dry-run')).toContain('kind projects.stowage.dev');
    expect(await stowage('plugin', 'install', 'projects')).toMatch(/^plugin projects \S+ is installed$/);
    await apply(PROJECT);
    await expect(apply(CLAIM.replace('large', 'late'))).rejects.toThrow('is allocated to the project other');
    await eventually(async () =>
      expect(await kubectl('get', 'project', 'shop', '-o', 'jsonpath={.status.used.requests\\.storage}')).toBe('20Mi'),
    );
  });

  it('the sample is one too: it goes with its namespace, unless somebody else has something there', async () => {
    expect(await stowage('plugin', 'list')).toMatch(/^demo +\S+ +Ready/m);
    await stowage('plugin', 'install', 'demo');
    await kubectl('get', 'statefulset', 'writer', '-n', 'demo');
    await kubectl('create', 'configmap', 'mine', '-n', 'demo');
    await expect(stowage('plugin', 'uninstall', 'demo')).rejects.toThrow('plugin "demo" is in use by 1 configmaps (demo/mine)');
    await kubectl('delete', 'configmap', 'mine', '-n', 'demo');
    await stowage('plugin', 'uninstall', 'demo');
    await expect(kubectl('get', 'namespace', 'demo')).rejects.toThrow('not found');
    await stowage('plugin', 'install', 'demo');
    await kubectl('get', 'statefulset', 'writer', '-n', 'demo');
  });

  it('is told in its ModuleInfo where it can not come, and comes as soon as it can', async () => {
    await stowage('plugin', 'uninstall', 'volsync');
    await stowage('plugin', 'uninstall', 'snapshot');
    await expect(stowage('plugin', 'install', 'volsync')).rejects.toThrow('needs snapshot, which is not installed');
    await apply(moduleInfo('dr', 'volsync'));
    await eventually(async () =>
      expect(await kubectl('get', 'moduleinfo', 'dr', '-o', 'jsonpath={.status.reason}: {.status.message}')).toBe(
        'PluginDependencyMissing: plugin "volsync" needs snapshot, not installed: install it first',
      ),
    );
    expect(await stowage('explain', 'moduleinfo/dr')).toMatch(
      /^moduleinfo dr: the plugin volsync can not come: .*\nWhat helps: stowage plugin install snapshot; it follows by itself\n.*\n +plugin snapshot +is needed, and not installed$/,
    );
    expect(await stowage('explain', 'plugin/nfs')).toMatch(/^moduleplugin nfs: the plugin nfs \S+ can be installed, and is not\n/);
    await apply(moduleInfo('snaps', 'snapshot'));
    await eventually(async () => expect(await phaseOf('dr')).toBe('Running'));
    expect(await kubectl('get', 'replicationsources', '-A')).toBe('');
    expect(await stowage('explain', 'plugin/volsync')).toMatch(/^moduleplugin volsync: the plugin volsync \S+ is at work\n/);
  });
});
