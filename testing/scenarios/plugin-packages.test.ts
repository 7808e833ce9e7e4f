import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

const FIELDS = `
name: tape
version: 1.0.0
stowage: '>=0.1.0 <1.0.0'
displayName: {en: Tapes, zh: 磁带}
description: {en: Tapes., zh: 磁带。}
namespace: tape-system
`;
const kind = (plural: string, field: string): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${plural}.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: ${plural.slice(0, 1).toUpperCase()}${plural.slice(1, -1)}, plural: ${plural}, singular: ${plural.slice(0, -1)}}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {${field}: {type: integer}}}}}}
`;
const ROLE = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: 'stowage:tape:view', labels: {rbac.authorization.k8s.io/aggregate-to-view: 'true'}}
rules: [{apiGroups: [example.com], resources: [tapes], verbs: [get, list, watch]}]
`;
const configMap = (name: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: tape-system}
`;
/** Copies the size of each tape into an annotation: what a controller of a package may look like. */
const CODE = `
export default {
  load: ({ part, done }) => ({
    controllers: ({ informers }) => {
      const tapes = { group: 'example.com', version: 'v1', kind: 'Tape', listKind: 'TapeList', plural: 'tapes', singular: 'tape', shortNames: [], categories: [], isNamespaced: true };
      return {
        always: [
          part('stowage-tape', {
            name: 'tapes',
            resource: tapes,
            informer: informers.for(tapes),
            triggers: [],
            concurrency: 1,
            reconcile: async ({ client }, { metadata: { namespace, name, annotations = {} }, spec }) => {
              const size = String(spec.size);
              if (annotations['example.com/size'] === size) return done;
              const body = { metadata: { annotations: { 'example.com/size': size } } };
              await client.patch(tapes, { key: { namespace, name }, patch: { type: 'merge', body } });
              return done;
            },
          }),
        ],
      };
    },
  }),
};
`;
/** Installs it from a channel that there is not. */
const INFO = `
apiVersion: cluster.alauda.io/v1alpha1
kind: ModuleInfo
metadata: {name: stowage-tape, labels: {cpaas.io/module-name: tape}}
spec: {channel: nowhere}
`;
const aTape = (size: number): string => `
apiVersion: example.com/v1
kind: Tape
metadata: {name: a, namespace: default}
spec: {size: ${size}}
`;

describeWith(['root', 'unzip', 'ip'], 'PLUG-4: packages of plugins on a machine without a network (docs/en/plugins.md)', () => {
  let platform: PlatformProcess;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'stowage-packages-'));
    writePackage('tape', {
      'plugin.yaml': FIELDS,
      'definitions/tapes.yaml': kind('tapes', 'size'),
      'roles/view.yaml': ROLE,
      'objects/a.yaml': configMap('old'),
    });
    // why alone: nothing is reached from there but itself
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--pool-size', '1Gi', '--pod-cidr', 'none'], commandLine: inOwnNetwork });
  });
  afterAll(async () => {
    await platform.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The platform in a network of its own that has its loopback and nothing else. */
  function inOwnNetwork(args: readonly string[]): ReturnType<typeof stowageCommand> {
    const { program, args: rest, env } = stowageCommand(args);
    return { program: 'unshare', args: ['--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', program, ...rest], env };
  }
  function writePackage(name: string, files: Readonly<Record<string, string>>): void {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(path.join(folder, name, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(folder, name, file), content);
    }
  }
  function nextVersion(from: string, to: string, files: Readonly<Record<string, string>>): void {
    cpSync(path.join(folder, from), path.join(folder, to), { recursive: true });
    writePackage(to, files);
  }
  const within = (program: string, args: readonly string[]): readonly [string, readonly string[]] => [
    'nsenter',
    [`--net=/proc/${platform.pid}/ns/net`, program, ...args],
  ];
  async function run([program, args]: readonly [string, readonly string[]], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env: { ...process.env, HOME: folder, ...env } });
    return stdout.trim();
  }
  /** Where no platform is needed. */
  const alone = (...words: readonly string[]): Promise<string> => {
    const { program, args, env } = stowageCommand(words);
    return run([program, args], env);
  };
  const stowage = (...words: readonly string[]): Promise<string> => {
    const { program, args, env } = stowageCommand([...words, '--data-dir', platform.dataDir]);
    return run(within(program, args), env);
  };
  const kubectl = (...words: readonly string[]): Promise<string> =>
    run(within(platform.kubectl.program, ['--kubeconfig', platform.kubeconfig, ...words]));
  const apply = async (text: string): Promise<string> => {
    writeFileSync(path.join(folder, 'object.yaml'), text);
    return kubectl('apply', '-f', path.join(folder, 'object.yaml'));
  };
  const statusOf = (field: string): Promise<string> => kubectl('get', 'moduleinfo', 'stowage-tape', '-o', `jsonpath={.status.${field}}`);
  const runs = (version: string): Promise<void> =>
    eventually(async () => expect((await statusOf('phase')) + (await statusOf('version'))).toBe(`Running${version}`));

  it('a package of nobody who is trusted is refused with what to do, and leaves nothing', async () => {
    expect(await alone('plugin', 'keygen', 'maker.key')).toMatch(/fingerprint: SHA256:\S{43}$/);
    await expect(alone('plugin', 'keygen', 'maker.key')).rejects.toThrow('maker.key is there already');
    expect(await alone('plugin', 'pack', 'tape', '--key', 'maker.key')).toMatch(
      /^tape-1\.0\.0\.tar\.gz: 3 files, \d+ bytes, signed with SHA256:/,
    );
    await expect(alone('plugin', 'pack', 'tape', '--key', 'maker.key.pub')).rejects.toThrow('the private key is no key in PEM form');
    await expect(stowage('plugin', 'upload', 'tape-1.0.0.tar.gz')).rejects.toThrow('which is not trusted');
    writeFileSync(path.join(folder, 'half.tar.gz'), readFileSync(path.join(folder, 'tape-1.0.0.tar.gz')).subarray(0, 500));
    await expect(stowage('plugin', 'upload', 'half.tar.gz')).rejects.toThrow('the file is no whole .tar.gz');
    expect(await stowage('plugin', 'trust', 'list')).toContain('no key is trusted');
    expect(await kubectl('get', 'pluginpackages')).toBe('');
  });

  it('whom to trust is for administrators of the cluster to say', async () => {
    await kubectl('create', 'clusterrolebinding', 'dev', '--clusterrole=admin', '--user=dev');
    for (const resource of ['pluginsigners', 'pluginpackages', 'moduleinfoes'])
      await expect(kubectl('auth', 'can-i', 'create', resource, '--as=dev'), resource).rejects.toThrow('no');
  });

  it('one of somebody who is trusted brings the plugin, by kubectl too', async () => {
    await expect(stowage('plugin', 'trust', 'add', 'maker', 'maker.key')).rejects.toThrow('this is a private key');
    await stowage('plugin', 'trust', 'add', 'maker', 'maker.key.pub');
    expect(await stowage('plugin', 'upload', 'tape-1.0.0.tar.gz', '--dry-run')).toContain('would be: package tape-1.0.0');
    await stowage('plugin', 'upload', 'tape-1.0.0.tar.gz');
    expect(await stowage('plugin', 'upload', 'tape-1.0.0.tar.gz')).toBe('package tape-1.0.0 is there already');
    await eventually(async () => expect(await stowage('plugin', 'packages')).toMatch(/^tape +1\.0\.0 +stable +tape-1\.0\.0 +maker$/m));
    expect(await stowage('plugin', 'install', 'tape', '--dry-run')).toContain('kind tapes.example.com');
    await apply(INFO);
    await eventually(async () => expect(await statusOf('reason')).toBe('PluginChannelUnknown'));
    await stowage('plugin', 'install', 'tape', '--channel', 'stable', '--approval', 'Manual');
    expect(await kubectl('get', 'moduleinfo', 'stowage-tape', '-o', 'jsonpath={.spec}')).toBe(
      '{"channel":"stable","installPlanApproval":"Manual"}',
    );
    expect(await stowage('plugin', 'install', 'tape', '--channel', 'stable')).toBe('plugin tape 1.0.0 is installed already');
    await expect(stowage('plugin', 'install', 'tape', '--channel', 'beta')).rejects.toThrow(
      `--channel: "beta": the plugin is installed already from stable: kubectl patch moduleinfo stowage-tape --type merge -p '{"spec":{"channel":"beta"}}'`,
    );
    await expect(stowage('plugin', 'install', 'tape', '--approval', 'Automatic')).rejects.toThrow(
      '--approval: the plugin is installed already with Manual',
    );
    await expect(stowage('plugin', 'install', 'tape', '--version', '1.0.0')).rejects.toThrow(
      '--version: "1.0.0": the plugin is installed already in version 1.0.0: stowage plugin upgrade tape --version 1.0.0',
    );
    expect(await kubectl('get', 'configmap', 'old', '-n', 'tape-system', '-o', 'name')).toBe('configmap/old');
    await apply(aTape(3));
    expect(await kubectl('get', 'pluginpackages', '--no-headers')).toMatch(/^tape-1\.0\.0 +tape +1\.0\.0 +stable +maker +Trusted/);
    await expect(kubectl('delete', 'pluginpackage', 'tape-1.0.0')).rejects.toThrow(
      'the plugin tape is installed in version 1.0.0, which is this package',
    );
  });

  it('a newer version waits for a yes, says what it changes, and comes also when the platform is killed meanwhile', async () => {
    nextVersion('tape', 'newer', {
      'plugin.yaml': FIELDS.replace('1.0.0', '1.1.0'),
      'definitions/robots.yaml': kind('robots', 'arms'),
      'code/plugin.mjs': CODE,
    });
    rmSync(path.join(folder, 'newer', 'objects', 'a.yaml'));
    writePackage('newer', { 'objects/b.yaml': configMap('new') });
    await alone('plugin', 'pack', 'newer', '--key', 'maker.key');
    await stowage('plugin', 'upload', 'tape-1.1.0.tar.gz');
    await eventually(async () => expect(await statusOf('state')).toBe('UpgradePending'));
    expect(await stowage('plugin', 'list')).toMatch(/^tape +1\.0\.0 +Running \(1\.1\.0 waits for a yes\)/m);
    expect(await stowage('plugin', 'show', 'tape')).toContain('version 1.1.0 waits for a yes: stowage plugin approve tape');
    expect(await stowage('plugin', 'upgrade', 'tape', '--dry-run')).toBe(
      [
        'would be: plugin tape 1.0.0 becomes 1.1.0',
        '  comes: kind robots.example.com',
        '  comes: configmaps tape-system/new',
        '  goes: configmaps tape-system/old',
      ].join('\n'),
    );
    await kubectl('patch', 'moduleinfo', 'stowage-tape', '--type', 'merge', '-p', '{"spec":{"approvedVersion":"1.1.0"}}');
    await platform.end('SIGKILL');
    await platform.start();
    await runs('1.1.0');
    expect(await kubectl('get', 'configmap', '-n', 'tape-system', '-o', 'name')).toContain('configmap/new');
    await expect(kubectl('get', 'configmap', 'old', '-n', 'tape-system')).rejects.toThrow('not found');
    await expect(stowage('plugin', 'upgrade', 'tape', '--version', '1.0.0')).rejects.toThrow(
      '1.0.0 is older than 1.1.0, which is installed',
    );
  });

  const annotation = (): Promise<string> =>
    kubectl('get', 'tape', 'a', '-o', String.raw`jsonpath={.metadata.annotations.example\.com/size}`);

  it('its code runs while its signer is trusted, and not after the next start when he is not', async () => {
    await eventually(async () => expect(await annotation()).toBe('3'));
    expect(await stowage('plugin', 'trust', 'remove', 'maker')).toContain(
      'not used any more: tape-1.0.0, tape-1.1.0; what is at work of them is at work until the next start',
    );
    await eventually(async () => expect(await statusOf('reason')).toBe('PluginUntrusted'));
    await apply(aTape(4));
    await eventually(async () => expect(await annotation()).toBe('4'));
    await platform.end('SIGTERM');
    await platform.start();
    await eventually(async () => expect(await statusOf('message')).toContain('nothing of it is started until then'));
    await apply(aTape(5));
    expect(await kubectl('get', 'tape', 'a', '-o', 'jsonpath={.spec.size}')).toBe('5');
    await stowage('plugin', 'trust', 'add', 'maker', 'maker.key.pub');
    await runs('1.1.0');
    await eventually(async () => expect(await annotation()).toBe('5'));
  });

  it('what comes in another channel waits until somebody asks for it', async () => {
    nextVersion('newer', 'beta', { 'plugin.yaml': `${FIELDS.replace('1.0.0', '1.2.0-rc.1')}channel: beta\n` });
    await alone('plugin', 'pack', 'beta', '--key', 'maker.key');
    await kubectl('patch', 'moduleinfo', 'stowage-tape', '--type', 'merge', '-p', '{"spec":{"installPlanApproval":"Automatic"}}');
    await stowage('plugin', 'upload', 'tape-1.2.0-rc.1.tar.gz');
    await eventually(async () => expect(await stowage('plugin', 'packages')).toMatch(/^tape +1\.2\.0-rc\.1 +beta/m));
    expect(await statusOf('version')).toBe('1.1.0');
    await kubectl('patch', 'moduleinfo', 'stowage-tape', '--type', 'merge', '-p', '{"spec":{"channel":"beta"}}');
    await runs('1.2.0-rc.1');
    await eventually(async () => expect(await annotation()).toBe('5'));
  });

  it('what is in use is not taken away by a newer version, and what is at work stays', async () => {
    nextVersion('beta', 'without', { 'plugin.yaml': `${FIELDS.replace('1.0.0', '1.3.0')}channel: beta\n` });
    rmSync(path.join(folder, 'without', 'definitions', 'tapes.yaml'));
    rmSync(path.join(folder, 'without', 'code'), { recursive: true });
    await alone('plugin', 'pack', 'without', '--key', 'maker.key');
    await stowage('plugin', 'upload', 'tape-1.3.0.tar.gz');
    await eventually(async () => expect(await statusOf('reason')).toBe('PluginInUse'));
    expect(await stowage('plugin', 'upgrade', 'tape', '--dry-run')).toMatch(
      /^ {2}goes: kind tapes\.example\.com\n {2}refused while it is in use: 1 tapes\.example\.com \(default\/a\)$/m,
    );
    const refusal = 'plugin "tape" 1.3.0 has no more what is in use: 1 tapes.example.com (default/a): remove what uses it first';
    await expect(stowage('plugin', 'upgrade', 'tape')).rejects.toThrow(refusal);
    await apply(aTape(6));
    await eventually(async () => expect(await annotation()).toBe('6'));
    await stowage('plugin', 'remove-package', 'tape-1.3.0');
    await runs('1.2.0-rc.1');
  });

  it('a plugin that Stowage brings itself becomes newer, and stays so', async () => {
    const spec: unknown = JSON.parse(await kubectl('get', 'crd', 'logicalvolumes.topolvm.io', '-o', 'jsonpath={.spec}'));
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'logicalvolumes.topolvm.io' },
      spec,
    };
    writePackage('topolvm', {
      'plugin.yaml': "{name: topolvm, version: 7.0.0, stowage: '*'}",
      'definitions/a.json': JSON.stringify(definition),
    });
    await alone('plugin', 'pack', 'topolvm', '--key', 'maker.key');
    await stowage('plugin', 'upload', 'topolvm-7.0.0.tar.gz');
    await eventually(async () => expect(await stowage('plugin', 'list')).toMatch(/^topolvm +7\.0\.0 +Running/m));
    await platform.end('SIGTERM');
    await platform.start();
    expect(await stowage('plugin', 'list')).toMatch(/^topolvm +7\.0\.0 +Running/m);
  });

  it('it goes with all that either version brought when nothing uses it, and its packages after it', async () => {
    await expect(stowage('plugin', 'uninstall', 'tape')).rejects.toThrow('plugin "tape" is in use by 1 tapes.example.com (default/a)');
    await kubectl('delete', 'tape', 'a');
    await stowage('plugin', 'uninstall', 'tape');
    await expect(kubectl('get', 'tapes')).rejects.toThrow(/could not find the requested resource|doesn't have a resource type/);
    for (const version of ['1.0.0', '1.1.0', '1.2.0-rc.1']) await stowage('plugin', 'remove-package', `tape-${version}`);
    expect(await stowage('plugin', 'packages')).not.toContain('tape');
  });
});
