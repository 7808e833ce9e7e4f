import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { missing } from '#testing/requirements.ts';
import { claimManifest, HOSTPATH_VOLUME } from './manifests.ts';

const reason = missing(['unzip', 'npm']);

describe.skipIf(reason !== undefined)(`static volumes${reason === undefined ? '' : ` [${reason}]`}`, () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    await platform.kubectl.run(['create', 'namespace', 'k-1']);
    await platform.kubectl.run(['apply', '-f', '-'], HOSTPATH_VOLUME);
  });
  afterAll(async () => platform.remove());

  const phase = async (kind: string, name: string): Promise<string> =>
    platform.kubectl.run(['get', kind, name, '-n', 'k-1', '-o', 'jsonpath={.status.phase}']);

  it.each([
    { name: 'another class', claim: { name: 'other-class', className: 'other', size: '1Gi' } },
    { name: 'more than it holds', claim: { name: 'too-large', className: 'manual', size: '6Gi' } },
    { name: 'a mode that it lacks', claim: { name: 'other-mode', className: 'manual', size: '1Gi', mode: 'ReadWriteMany' } },
  ])('VOL-3: the documents’ HostPath volume does not bind to a claim of $name', async ({ claim }) => {
    await platform.kubectl.run(['apply', '-f', '-'], claimManifest({ namespace: 'k-1', ...claim }));
    await eventually(async () =>
      expect(await platform.kubectl.run(['describe', 'pvc', claim.name, '-n', 'k-1'])).toMatch(
        /(Warning|Normal)\s+(ProvisioningFailed|FailedBinding)/,
      ),
    );
    expect(await phase('pvc', claim.name)).toBe('Pending');
    expect(await phase('pv', 'example-pv')).toBe('Available');
  });

  it('VOL-3: binds to a claim that matches, with the whole capacity of the volume', async () => {
    await platform.kubectl.run(
      ['apply', '-f', '-'],
      claimManifest({ name: 'matching', namespace: 'k-1', className: 'manual', size: '3Gi' }),
    );
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/matching', '-n', 'k-1', '--timeout=60s']);
    expect(await platform.kubectl.run(['get', 'pvc', 'matching', '-n', 'k-1'])).toMatch(
      /matching\s+Bound\s+example-pv\s+5Gi\s+RWO\s+manual/,
    );
  });

  it('VOL-1: Released stays Released, whatever is edited, until claimRef is removed', async () => {
    await platform.kubectl.run(['delete', 'pvc', 'matching', '-n', 'k-1']);
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Released', 'pv/example-pv', '--timeout=60s']);
    await platform.kubectl.run(['apply', '-f', '-'], claimManifest({ name: 'second', namespace: 'k-1', className: 'manual', size: '3Gi' }));
    await platform.kubectl.run([
      'patch',
      'pv',
      'example-pv',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"phase":"Available"}}',
    ]);
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Released', 'pv/example-pv', '--timeout=60s']);
    expect(await phase('pvc', 'second')).toBe('Pending');

    await platform.kubectl.run(['patch', 'pv', 'example-pv', '--type=json', '-p', '[{"op":"remove","path":"/spec/claimRef"}]']);
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/second', '-n', 'k-1', '--timeout=60s']);
  });
});
