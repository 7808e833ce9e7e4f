import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

/** `place` is NAMESPACE/NAME; without a class it gets the default. */
const claim = (place: string, size: string, className?: string): string => `
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${place.split('/')[1]}, namespace: ${place.split('/')[0]}}
spec:
  accessModes: [ReadWriteOnce]
  ${className === undefined ? '' : `storageClassName: ${className}`}
  resources: {requests: {storage: ${size}}}
`;

const PROJECT = `
apiVersion: stowage.dev/v1alpha1
kind: Project
metadata: {name: shop}
spec:
  displayName: The shop
  defaultStorageClassName: local-directory
  storageQuota:
    hard: {requests.storage: 100Mi, persistentvolumeclaims: 5}
`;

describeWith(['root', 'unzip'], 'CLASS-10: docs/en/projects.md, step by step', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--pool-size', '1Gi'] });
    for (const name of ['web', 'api', 'other']) await platform.kubectl.run(['create', 'namespace', name]);
  });
  afterAll(async () => platform.remove());

  const apply = (text: string): Promise<string> => platform.kubectl.run(['apply', '-f', '-'], text);
  const stowage = async (...words: readonly string[]): Promise<string> => {
    const { program, args, env } = stowageCommand([...words, '--data-dir', platform.dataDir]);
    const { stdout } = await promisify(execFile)(program, args, { env });
    return stdout.trim();
  };

  it('Allocate Projects, and update later: each label of a class acts at once, for claims and for buckets', async () => {
    const { kubectl } = platform;
    for (const [name, project] of [
      ['in-a', 'a'],
      ['in-b', 'b'],
      ['of-platform', 'cpaas-system'],
    ] as const) {
      await kubectl.run(['create', 'namespace', name]);
      await kubectl.run(['label', 'namespace', name, `cpaas.io/project=${project}`]);
    }
    const places = ['in-a', 'in-b', 'other', 'of-platform', 'kube-public'];
    const classes: readonly (readonly [type: string, name: string, yaml: string])[] = [
      [
        'storageclass',
        'shared',
        '{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: shared}, provisioner: local.stowage.dev}',
      ],
      [
        'bucketclass',
        'shared',
        '{apiVersion: objectstorage.k8s.io/v1alpha1, kind: BucketClass, metadata: {name: shared}, driverName: minio.objectstorage.k8s.io, deletionPolicy: Delete}',
      ],
    ];
    const asks: Readonly<Record<string, (place: string) => string>> = {
      storageclass: (place) => claim(`${place}/asks`, '10Mi', 'shared'),
      bucketclass: (place) =>
        `{apiVersion: objectstorage.k8s.io/v1alpha1, kind: BucketClaim, metadata: {name: asks, namespace: ${place}}, spec: {bucketClassName: shared, protocols: [S3]}}`,
    };
    const allowed = async (type: string): Promise<readonly string[]> => {
      const tried = await Promise.all(
        places.map(async (place) => {
          const { exitCode, stderr } = await kubectl.try(['create', '--dry-run=server', '-f', '-'], asks[type]?.(place) ?? '');
          if (exitCode !== 0) expect(stderr).toContain(`${type} "shared" is allocated to`);
          return exitCode === 0 ? place : undefined;
        }),
      );
      return tried.filter((place) => place !== undefined);
    };
    const platformOnly = ['of-platform', 'kube-public'];
    for (const [type, name, yaml] of classes) {
      await apply(yaml);
      const label = (...labels: readonly string[]): Promise<string> => kubectl.run(['label', '--overwrite', type, name, ...labels]);
      expect(await allowed(type)).toEqual(places);
      await label('project.cpaas.io/name=');
      expect(await allowed(type)).toEqual(platformOnly);
      await label('project.cpaas.io/name=a');
      expect(await allowed(type)).toEqual(['in-a', ...platformOnly]);
      await label('project.cpaas.io/b=true');
      expect(await allowed(type)).toEqual(['in-a', 'in-b', ...platformOnly]);
      const refused = await kubectl.try(['create', '-f', '-'], asks[type]?.('other') ?? '');
      expect(refused.stderr).toContain('is allocated to the projects a, b: namespace "other" is in no project');
      await label('project.cpaas.io/name-', 'project.cpaas.io/b=false');
      expect(await allowed(type)).toEqual(platformOnly);
      await label('project.cpaas.io/ALL_ALL=true');
      expect(await allowed(type)).toEqual(places);
      await label('project.cpaas.io/ALL_ALL-');
      await kubectl.run(['label', '--overwrite', 'namespace', 'other', 'cpaas.io/project=b']);
      await label('project.cpaas.io/b=true');
      expect(await allowed(type)).toEqual(['in-b', 'other', ...platformOnly]);
      await kubectl.run(['label', 'namespace', 'other', 'cpaas.io/project-']);
      expect(await allowed(type)).toEqual(['in-b', ...platformOnly]);
    }
  });

  it('a claim that has its class keeps it, and may grow, when the class is taken from its project', async () => {
    const { kubectl } = platform;
    await apply(claim('in-b/keeps', '320Mi', 'shared'));
    await kubectl.run(['patch', 'storageclass', 'shared', '-p', '{"allowVolumeExpansion": true}']);
    await kubectl.run(['wait', '-n', 'in-b', '--for=jsonpath={.status.phase}=Bound', 'pvc/keeps', '--timeout=60s']);
    await kubectl.run(['label', '--overwrite', 'storageclass', 'shared', 'project.cpaas.io/b=false']);
    await kubectl.run(['label', '-n', 'in-b', 'pvc', 'keeps', 'app=x']);
    await apply(claim('in-b/keeps', '352Mi', 'shared'));
    await eventually(async () =>
      expect(await kubectl.run(['get', 'pvc', 'keeps', '-n', 'in-b', '-o', 'jsonpath={.spec.resources.requests.storage}'])).toBe('352Mi'),
    );
    await expect(apply(claim('in-b/late', '10Mi', 'shared'))).rejects.toThrow('is allocated to no project yet');
    await kubectl.run(['delete', 'pvc', 'keeps', '-n', 'in-b']);
  });

  it('a class is allocated, and what others ask of it is refused', async () => {
    expect(await stowage('project', 'assign', 'shop', 'ns/web', 'ns/api', 'sc/local', '--dry-run')).toBe(
      [
        'would be: namespace "web" joins project shop; its claims count there',
        'would be: namespace "api" joins project shop; its claims count there',
        'would be: everybody could use storageclass "local"; from now on only project shop may, and claims that have it keep it',
      ].join('\n'),
    );
    await expect(apply(claim('other/before', '10Mi', 'local'))).resolves.toContain('created');
    await stowage('project', 'assign', 'shop', 'ns/web', 'ns/api', 'sc/local');
    await apply(claim('web/data', '10Mi', 'local'));
    await expect(apply(claim('other/data', '10Mi', 'local'))).rejects.toThrow(
      'storageclass "local" is allocated to the project shop: namespace "other" is in no project',
    );
    await eventually(async () =>
      expect(await platform.kubectl.run(['get', 'pvc', 'before', '-n', 'other', '-o', 'jsonpath={.status.phase}'])).toBe('Bound'),
    );
  });

  it('its default class and its quota hold for all its namespaces', async () => {
    await apply(PROJECT);
    await apply(claim('api/logs', '50Mi'));
    expect(await platform.kubectl.run(['get', 'pvc', 'logs', '-n', 'api', '-o', 'jsonpath={.spec.storageClassName}'])).toBe(
      'local-directory',
    );
    await expect(apply(claim('web/more', '50Mi'))).rejects.toThrow(
      'exceeded quota of project shop, requested: requests.storage=50Mi, used: requests.storage=60Mi, limited: requests.storage=100Mi',
    );
    await eventually(async () =>
      expect(await stowage('project', 'show', 'shop')).toBe(
        [
          'shop (The shop)',
          '  namespaces: api, web',
          '  classes of its own: local',
          '  default class: local-directory',
          '  limits:',
          '    persistentvolumeclaims: 2 of 5',
          '    requests.storage: 60Mi of 100Mi',
        ].join('\n'),
      ),
    );
    expect(await stowage('project', 'list')).toMatch(/^shop +2 +local +local-directory +60Mi of 100Mi$/m);
  });

  it('what is taken from it is nobody’s, and said', async () => {
    expect(await stowage('project', 'unassign', 'shop', 'sc/local')).toBe(
      'nobody may use storageclass "local" any more; claims that have it keep it',
    );
    await expect(apply(claim('web/late', '10Mi', 'local'))).rejects.toThrow('is allocated to no project yet');
    await expect(stowage('project', 'assign', 'shop', 'pod/x')).rejects.toThrow('takes a project and what it is about');
    await expect(stowage('project', 'show', 'shap')).rejects.toThrow('did you mean shop');
  });
});
