import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { EXAMPLE_CLAIM, WRITER_POD } from './manifests.ts';

/** Debian's `nobody`. */
const NOBODY = 65_534;

describeWith(['root', 'setpriv', 'unzip'], 'an ordinary user without root', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ userId: NOBODY, flags: ['--no-demo'] });
    await platform.kubectl.run(['create', 'namespace', 'k-1']);
  });
  afterAll(async () => platform.remove());

  it('RUN-1: starts, and says what is missing', () => {
    expect(platform.output).toMatch(/missing\s+pods can not run here: .*root/);
  });

  it('RUN-1: binds a claim to a directory volume', async () => {
    await platform.kubectl.run(['apply', '-f', '-'], EXAMPLE_CLAIM);
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/example-pvc', '-n', 'k-1', '--timeout=60s']);
  });

  it('RUN-1: says why a pod waits', async () => {
    await platform.kubectl.run(['apply', '-f', '-'], WRITER_POD);
    await eventually(async () =>
      expect(await platform.kubectl.run(['describe', 'pod', 'mypod', '-n', 'k-1'])).toMatch(/Warning\s+FailedScheduling.*root/),
    );
    expect(await platform.kubectl.run(['get', 'pod', 'mypod', '-n', 'k-1'])).toMatch(/0\/1\s+Pending/);
  });

  it('CON-1: serves the console', async () => {
    const page = await fetch(`${platform.url.replace('https:', 'http:')}/console/`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<title>Stowage');
  });

  it('deletes the claim and its directory', async () => {
    await platform.kubectl.run(['delete', 'pod', 'mypod', '-n', 'k-1']);
    await platform.kubectl.run(['delete', 'pvc', 'example-pvc', '-n', 'k-1']);
    await eventually(async () => expect(await platform.kubectl.run(['get', 'pv'])).toBe(''));
  });
});
