import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemExec } from '#kit/exec.ts';
import { PlatformError } from '#kit/errors.ts';
import { ensureHelm } from '#testing/clients/kubectl.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

const CHART = path.join(import.meta.dirname, '..', 'charts', 'store');

describeWith(['root', 'runc', 'unzip', 'npm'], 'API-1: a stock helm', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
  });
  afterAll(async () => platform.remove());

  describe.each(['4', '3'] as const)('helm %s', (version) => {
    const namespace = `h-${version}`;
    const kubectl = (...args: string[]): Promise<string> => platform.kubectl.run([...args, '-n', namespace]);
    const helm = async (...args: string[]): Promise<string> => {
      const home = path.dirname(platform.dataDir);
      const argv = ['env', `HOME=${home}`, await ensureHelm(version), ...args, '-n', namespace, '--kubeconfig', platform.kubeconfig];
      return (await new SystemExec().run(argv, { timeoutMs: 120_000 })).stdout;
    };
    const refusal = async (...args: string[]): Promise<string> => {
      const thrown: unknown = await helm(...args).then(
        () => undefined,
        (error: unknown) => error,
      );
      return PlatformError.from(thrown).message;
    };

    it('installs a chart with an own kind, a hook and a volume, and waits until it runs', async () => {
      await helm('install', 'shop', CHART, '--create-namespace', '--wait', '--timeout', '60s');
      expect(await kubectl('get', 'sh', 'shop')).toMatch(/^NAME\s+ROWS\nshop\s+3\n/);
      expect(await kubectl('logs', 'job/shop-prepare')).toBe('prepared first\n');
      expect(await kubectl('get', 'deployment', 'shop')).toMatch(/\nshop\s+1\/1\s+1\s+1\s/);
      expect(await kubectl('get', 'pvc', 'shop-data', '-o', 'jsonpath={.status.phase}')).toBe('Bound');
      expect(JSON.parse(await helm('list', '-o', 'json'))).toMatchObject([{ name: 'shop', revision: '1', status: 'deployed' }]);
    });

    it('upgrades, and refuses what a rule of the own kind forbids', async () => {
      await helm('upgrade', 'shop', CHART, '--set', 'message=second', '--set', 'replicas=2', '--wait', '--timeout', '60s');
      expect(await kubectl('get', 'cm', 'shop-page', '-o', 'jsonpath={.data.message}')).toBe('second');
      expect(await kubectl('get', 'deployment', 'shop')).toMatch(/\nshop\s+2\/2\s+2\s+2\s/);
      expect(await refusal('upgrade', 'shop', CHART, '--set', 'rows=8')).toContain('a high shelf needs a label');
      expect(await helm('history', 'shop')).toContain('failed');
    });

    it('rolls back and uninstalls', async () => {
      await helm('rollback', 'shop', '1', '--wait', '--timeout', '60s');
      expect(await kubectl('get', 'cm', 'shop-page', '-o', 'jsonpath={.data.message}')).toBe('first');
      await helm('uninstall', 'shop', '--wait', '--timeout', '60s');
      expect(await kubectl('get', 'deployment,pvc,sh,cm', '-l', 'app.kubernetes.io/managed-by=Helm', '-o', 'name')).toBe('');
      expect(await platform.kubectl.run(['get', 'sh', '-n', namespace])).toBe('');
      expect(await helm('list', '-o', 'json')).toBe('[]\n');
    });
  });
});
