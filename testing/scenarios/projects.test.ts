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
    expect(await stowage('project', 'list')).toContain('shop      2            local     local-directory   60Mi of 100Mi');
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
