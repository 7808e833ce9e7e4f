import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

/** Chromium without anything that would call out. */
const BROWSER_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A claim for which nothing can be done. */
const WAITING = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: waiting, namespace: demo}
spec: {storageClassName: none, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
`;

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip', 'chromium'], 'what npm start shows', () => {
  let platform: PlatformProcess;
  let browser: Browser;
  beforeAll(async () => {
    platform = await PlatformProcess.start();
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: BROWSER_FLAGS });
  });
  afterAll(async () => {
    await browser.close();
    await platform.remove();
  });

  it('RUN-1: prints where everything is, one line to try, and ready', () => {
    for (const line of [
      /console\s+http:\/\/127\.0\.0\.1:\d+\/console\/$/m,
      /kubeconfig\s+\S+\/kubeconfig$/m,
      /try\s+kubectl .* logs -f writer-0$/m,
      /^ready$/m,
    ]) {
      expect(platform.output).toMatch(line);
    }
  });

  it('RUN-1: runs the demo, whose pod appends a line a second to a file on its claim', async () => {
    const lines = async (): Promise<number> => (await platform.kubectl.run(['logs', 'writer-0', '-n', 'demo'])).split('\n').length;
    const before = await eventually(lines);
    await eventually(async () => expect(await lines()).toBeGreaterThan(before + 1));
  });

  it('CON-2: shows the demo’s claim and follows it live, after signing in by the printed link', async () => {
    const page = await browser.newPage();
    await page.goto(/sign in\s+(\S+)/.exec(platform.output)?.[1] ?? '');
    await page.getByRole('row', { name: /data.*demo.*1Gi.*local.*writer-0/ }).waitFor();
    await platform.kubectl.run(['apply', '-f', '-'], WAITING);
    await page.getByRole('row', { name: /waiting.*demo.*There is no storage class “none”/ }).waitFor();
    await platform.kubectl.run(['delete', 'namespace', 'demo', '--timeout=60s']);
    await page.getByRole('row', { name: /data.*demo/ }).waitFor({ state: 'detached' });
    await page.close();
  });

  it('makes the demo only once: deleted, it stays deleted', async () => {
    await platform.end('SIGTERM');
    await platform.start();
    expect((await platform.kubectl.try(['get', 'namespace', 'demo'])).stderr).toContain('not found');
  });
});
