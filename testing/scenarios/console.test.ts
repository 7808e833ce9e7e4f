import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { events, namespaces, persistentVolumeClaims, persistentVolumes, pods, resourceQuotas, storageClasses } from '#api/resources.ts';
import type { ConfigMap } from '#api/generated/kubernetes.ts';
import type { ConsoleRights } from '#api/console-session.ts';
import { explainerOf } from '#controllers/stowage/explain/explain.ts';
import { SystemClock } from '#kit/clock.ts';
import { silentLogger } from '#kit/log.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { connected, FakeDriver } from '../fakes/fake-driver.ts';
import { startTestApi, type TestApi } from '../api.ts';
import { type ConsoleSite, SITE_TOKEN, SITE_USER, startConsoleSite } from '../console-site.ts';
import { describeWith } from '../requirements.ts';

/** Chromium looks for nothing outside the machine. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** The banner must be there this soon after the connection is gone, in milliseconds. */
const BANNER_MS = 5_000;
/** Scripts, styles and icons of the first page together, as they travel. */
const FIRST_PAGE_BYTES = 420_000;

interface AxeFinding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

let dir: string;
let browser: Browser;
let axeSource: string;
let api: TestApi<SystemClock>;
let site: ConsoleSite;
let informers: InformerFactory;
let explaining: Pick<Parameters<typeof startConsoleSite>[0], 'explainer' | 'statuses'>;
let context: BrowserContext;
let page: Page;
let complaints: string[];
/** What ConfigMaps say of drivers, and who wants to know when that changes. */
let descriptions: readonly ConfigMap[];
const followers = new Set<() => void>();

async function createClaim(name: string, storageClassName = 'fast'): Promise<void> {
  const spec = { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  await api.client.create(persistentVolumeClaims, { metadata: { name, namespace: 'k-1' }, spec });
}

async function bindClaim(name: string): Promise<void> {
  const key = { namespace: 'k-1', name };
  const body = { status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] } };
  await api.client.patch(persistentVolumeClaims, { key, patch: { type: 'merge', body } }, { subresource: 'status' });
}

/** Binds the claim as soon as it is there (again). */
async function bindWhenMade(name: string): Promise<void> {
  await expect.poll(() => bindClaim(name).then(() => 'bound'), { timeout: 10_000 }).toBe('bound');
}

async function deleteClaim(name: string): Promise<void> {
  const key = { namespace: 'k-1', name };
  await api.client.delete(persistentVolumeClaims, key);
  await api.client.patch(persistentVolumeClaims, { key, patch: { type: 'merge', body: { metadata: { finalizers: null } } } });
}

/** What a platform knows of which the driver is there, and whose controllers do nothing. */
async function startExplaining(): Promise<typeof explaining> {
  const { client, clock } = api;
  informers = new InformerFactory({ client, clock, log: silentLogger });
  const drivers = connected(new Map([['local.stowage.dev', new FakeDriver()]]));
  const explainer = await explainerOf({ informers, drivers, isOnCluster: false, clock });
  return { explainer, statuses: Promise.resolve(explainer.statuses) };
}

function rowOf(name: string) {
  return page.getByRole('row').filter({ has: page.getByRole('button', { name, exact: true }) });
}

async function arrive(path = ''): Promise<void> {
  const link = site.gateway.makeSignInLink(SITE_USER);
  await page.goto(site.url + link.replace('/console/', `/console/${path}`));
  await page
    .getByRole('status')
    .filter({ hasText: /Live|实时/ })
    .waitFor();
}

/** Serious and critical findings only (the bar of the console). */
async function seriousFindings(): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  const findings = await page.evaluate<readonly AxeFinding[]>(
    "axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations)",
  );
  return findings
    .filter((finding) => finding.impact === 'serious' || finding.impact === 'critical')
    .map((finding) => `${finding.id}: ${finding.nodes.map((node) => `${node.html} ${node.failureSummary ?? ''}`).join(' | ')}`);
}

describeWith(['chromium'], 'the console in a browser', () => {
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'console-dist-'));
    await build({ configFile: 'vite.config.ts', logLevel: 'error', build: { outDir: dir } });
    axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
  });
  afterAll(async () => {
    await browser.close();
    await rm(dir, { recursive: true });
  });

  beforeEach(async () => {
    api = await startTestApi({ clock: new SystemClock() });
    await api.client.create(namespaces, { metadata: { name: 'k-1' }, spec: {} });
    await api.client.create(storageClasses, { metadata: { name: 'fast' }, provisioner: 'local.stowage.dev' });
    explaining = await startExplaining();
    descriptions = [];
    const knownDrivers = {
      own: () => [
        { driverName: 'local.stowage.dev', describe: () => ({ accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] as const, snapshot: true }) },
      ],
      descriptions: () => descriptions,
      onChange: (listener: () => void) => {
        followers.add(listener);
        return () => void followers.delete(listener);
      },
    };
    site = await startConsoleSite({ client: api.client, distDir: dir, knownDrivers, ...explaining });
    context = await browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    page.setDefaultTimeout(10_000);
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
    page.on(
      'request',
      (request) =>
        void (request.url().startsWith(site.url) || request.url().startsWith('data:') || complaints.push(`asked ${request.url()}`)),
    );
  });
  afterEach(async () => {
    await context.close();
    await site.close();
    informers.stop();
    await api.close();
  });

  it('needs at most 420 KB, compressed, for its first page', async () => {
    await page.goto(`${site.url}/console/`);
    await page.getByLabel('Token').waitFor();
    const sizes = await page.evaluate<readonly number[]>("performance.getEntriesByType('resource').map((entry) => entry.encodedBodySize)");
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(FIRST_PAGE_BYTES);
  });

  it('signs in with a pasted token, refuses a wrong one in words, and signs out', async () => {
    await page.goto(`${site.url}/console/platform/claims?q=da`);
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'The token is not known' }).waitFor();
    await page.getByLabel('Token').fill(SITE_TOKEN);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Claims', exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe('?q=da');
    await page.getByRole('button', { name: 'Signed in as admin' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
  });

  it('CON-2: shows a claim appear, bind, get a pod and disappear, without a reload, and leaves no trace of the link', async () => {
    await arrive();
    expect(page.url()).not.toContain('code=');
    await page.getByText('No claims yet').waitFor();
    await createClaim('data');
    await rowOf('data').getByText('local.stowage.dev is making the volume').waitFor();
    await bindClaim('data');
    await rowOf('data').getByText('Bound; no pod uses it').waitFor();
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
    await api.client.create(pods, {
      metadata: { name: 'writer', namespace: 'k-1' },
      spec: { containers: [{ name: 'c', image: 'busybox' }], volumes },
    });
    await rowOf('data').getByText('Bound; in use').waitFor();
    await rowOf('data').getByText('writer').waitFor();
    await deleteClaim('data');
    await page.getByText('No claims yet').waitFor();
    expect(complaints).toEqual([]);
  });

  it('says why a claim is pending, in the list and in its details', async () => {
    await createClaim('data');
    const claim = await api.client.get(persistentVolumeClaims, { namespace: 'k-1', name: 'data' });
    const involvedObject = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'k-1', name: 'data', uid: claim.metadata.uid };
    const message = 'the pool has 1Gi free: ask for less';
    await api.client.create(events, {
      metadata: { name: 'data.1', namespace: 'k-1' },
      involvedObject,
      reason: 'ProvisioningFailed',
      type: 'Warning',
      message,
    });
    await arrive();
    await rowOf('data').getByText(`No volume yet: ${message}`).waitFor();
    await page.getByRole('button', { name: 'data', exact: true }).click();
    const details = page.getByRole('dialog');
    await details.getByText(/^It is tried again by itself/).waitFor();
    await details.getByText('What helps', { exact: true }).waitFor();
    await details.getByRole('tab', { name: 'Events (1)' }).click();
    await details.getByText('ProvisioningFailed', { exact: true }).waitFor();
    await details.getByRole('tab', { name: 'YAML' }).click();
    await details.getByText('kind: PersistentVolumeClaim').waitFor();
    expect(new URL(page.url()).searchParams.get('open')).toBe('k-1/data');
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'hidden' });
    expect(complaints).toEqual([]);
  });

  it('VOL-14: says in the details what the quota leaves, and VOL-9: gives a failed growth up once no pod uses the claim', async () => {
    const key = { namespace: 'k-1', name: 'data' };
    const quota = await api.client.create(resourceQuotas, {
      metadata: { name: 'storage', namespace: 'k-1' },
      spec: { hard: { 'requests.storage': '10Gi' } },
    });
    const count = async (used: string): Promise<void> => {
      const body = { status: { hard: quota.spec?.hard, used: { 'requests.storage': used } } };
      const patch = { type: 'merge', body } as const;
      await api.client.patch(resourceQuotas, { key: { namespace: 'k-1', name: 'storage' }, patch }, { subresource: 'status' });
    };
    await count('1Gi');
    await createClaim('data');
    await api.client.create(persistentVolumes, {
      metadata: { name: 'pv-1' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } },
    });
    await api.client.patch(persistentVolumeClaims, { key, patch: { type: 'merge', body: { spec: { volumeName: 'pv-1' } } } });
    await bindClaim('data');
    const grown = { spec: { resources: { requests: { storage: '900Gi' } } } };
    await api.client.patch(persistentVolumeClaims, { key, patch: { type: 'merge', body: grown } });
    const failed = { status: { allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' } } };
    await api.client.patch(persistentVolumeClaims, { key, patch: { type: 'merge', body: failed } }, { subresource: 'status' });
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
    const spec = { containers: [{ name: 'c', image: 'busybox' }], volumes };
    await api.client.create(pods, { metadata: { name: 'writer', namespace: 'k-1' }, spec });
    await arrive('platform/claims?open=k-1%2Fdata');
    const details = page.getByRole('dialog');
    await details.getByText('9Gi left').waitFor();
    await count('4Gi');
    await details.getByText('6Gi left').waitFor();
    await details.getByText('4Gi of 10Gi used').waitFor();
    const recovery = details.getByRole('region', { name: 'Give up the growth' });
    await recovery.getByText('Pods use the claim: writer').waitFor();
    const offer = recovery.getByRole('button', { name: 'Give up the growth' });
    expect(await offer.isDisabled()).toBe(true);
    await api.client.delete(pods, { namespace: 'k-1', name: 'writer' }, { gracePeriodSec: 0 });
    await recovery.getByText('Takes the claim back to 1Gi').waitFor();
    await offer.focus();
    await page.keyboard.press('Enter');
    await recovery.getByText('Volume pv-1 is set to be kept').waitFor();
    expect(await seriousFindings()).toEqual([]);
    await recovery.getByRole('button', { name: 'Yes, give it up' }).click();
    await recovery.getByText('volume pv-1 is kept (Retain)').waitFor();
    const body = { metadata: { finalizers: null } };
    await api.client.patch(persistentVolumeClaims, { key, patch: { type: 'merge', body } });
    await recovery.getByText('claim k-1/data is deleted').waitFor();
    await bindWhenMade('data');
    await recovery.getByText('The growth is given up').waitFor();
    expect(await api.client.get(persistentVolumeClaims, key)).toMatchObject({ spec: { resources: { requests: { storage: '1Gi' } } } });
    // a claim that goes while its explanation is asked for is a 404
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  });

  it('CAP-2: says of a class what claims can ask for and who says so, and follows what is said', async () => {
    await api.client.create(storageClasses, {
      metadata: { name: 'vendor', annotations: { 'cpaas.io/display-name': 'Of a vendor', 'cpaas.io/access-mode': 'ReadWriteOnce' } },
      provisioner: 'vendor.example',
    });
    await arrive('admin/classes');
    await rowOf('fast').getByText('RWO,ROX').waitFor();
    await page.getByRole('button', { name: 'vendor', exact: true }).click();
    const details = page.getByRole('dialog');
    await details.getByText('Of a vendor').waitFor();
    await details.getByText('not told').first().waitFor();
    expect(await seriousFindings()).toEqual([]);
    const metadata = { name: 'sd-vendor', namespace: 'kube-public', labels: { 'features.alauda.io/type': 'StorageDescription' } };
    const data = { 'vendor.example': 'snapshot: true\nvolumeMode: [Filesystem]\naccessModes: [ReadWriteOnce, ReadWriteMany]\n' };
    descriptions = [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, uid: 'd', resourceVersion: '1', creationTimestamp: '' }, data },
    ];
    for (const follower of followers) follower();
    await details.getByText('as the ConfigMap kube-public/sd-vendor says').first().waitFor();
    await details.getByText('does not count: ReadWriteOnce, ReadWriteMany').first().waitFor();
    expect(complaints).toEqual([]);
  });

  it('VOL-2: marks a static NFS volume whose policy NFS does not know', async () => {
    const nfs = { server: 'nfs.example', path: '/x' };
    const spec = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteMany'], nfs };
    await api.client.create(persistentVolumes, { metadata: { name: 'kept' }, spec: { ...spec, persistentVolumeReclaimPolicy: 'Retain' } });
    await api.client.create(persistentVolumes, {
      metadata: { name: 'marked' },
      spec: { ...spec, persistentVolumeReclaimPolicy: 'Delete' },
    });
    await arrive('admin/volumes');
    await page.getByRole('row', { name: 'marked' }).getByText('Delete: NFS knows only Retain and Recycle').waitFor();
    expect(await page.getByText('NFS knows only').count()).toBe(1);
  });

  it('CON-5: goes through the list by keyboard alone', async () => {
    for (const name of ['a', 'b', 'c']) await createClaim(name);
    await arrive();
    await rowOf('a').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('k-1');
    await rowOf('c').waitFor();
    await page.getByRole('button', { name: 'a', exact: true }).focus();
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction("document.activeElement?.textContent === 'c'");
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('heading', { name: 'c', exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('open')).toBe('k-1/c');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.waitForFunction("document.activeElement?.textContent === 'c'");
    await page.goBack();
    await rowOf('a').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('CON-4: leads a user to the namespaces where he has rights, and to no page that he may not see', async () => {
    await site.close();
    const rightsOf = (): ConsoleRights => ({ namespaces: ['k-1', 'k-2'], seesAdministration: false });
    site = await startConsoleSite({ client: api.client, distDir: dir, ...explaining, rightsOf });
    await createClaim('mine');
    await arrive();
    await rowOf('mine').waitFor();
    expect(new URL(page.url()).searchParams.get('ns')).toBe('k-1');
    expect(await page.getByRole('link', { name: 'Administrator' }).count()).toBe(0);
    await page.getByRole('combobox', { name: 'Namespace' }).click();
    expect(await page.locator('.ant-select-item-option').allTextContents()).toEqual(['k-1', 'k-2']);
  });

  it('CON-4: tells a user without any rights what to ask for', async () => {
    await site.close();
    site = await startConsoleSite({
      client: api.client,
      distDir: dir,
      ...explaining,
      rightsOf: () => ({ namespaces: [], seesAdministration: false }),
    });
    await arrive();
    await page.getByText('You have no rights in any namespace yet').waitFor();
    expect(await seriousFindings()).toEqual([]);
  });

  it('keeps what it shows when the connection is lost, says so, and catches up by itself', async () => {
    await createClaim('before');
    await arrive();
    await rowOf('before').waitFor();
    await context.setOffline(true);
    site.cutConnections();
    await page.getByRole('alert').filter({ hasText: 'Connection lost' }).waitFor({ timeout: BANNER_MS });
    await rowOf('before').waitFor();
    expect(await seriousFindings()).toEqual([]);
    await createClaim('meanwhile');
    await context.setOffline(false);
    await rowOf('meanwhile').waitFor();
    await page.getByRole('alert').waitFor({ state: 'hidden' });
  });

  it('asks to sign in again, on the same page, when the session is gone', async () => {
    await arrive();
    site.gateway.close();
    await page.getByText('Your session has ended').waitFor();
    expect(new URL(page.url()).pathname).toBe('/console/platform/claims');
  });

  it.each([
    { name: 'light', scheme: 'light' as const },
    { name: 'dark', scheme: 'dark' as const },
  ])('CON-5: has no serious finding of axe in either language: $name', async ({ scheme }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.goto(`${site.url}/console/`);
    await page.getByLabel('Token').waitFor();
    expect(await seriousFindings()).toEqual([]);
    await createClaim('data');
    await createClaim('lost', 'no-such-class');
    await arrive();
    for (const language of ['中文', 'English']) {
      await page.getByRole('button', { name: language }).click();
      await rowOf('lost').waitFor();
      expect(await seriousFindings()).toEqual([]);
    }
    await page.getByRole('button', { name: 'lost' }).click();
    await page.getByRole('dialog').getByText('There is no storage class').waitFor();
    await page.waitForTimeout(400); // the drawer slides in; axe would measure colours half-way
    expect(await seriousFindings()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Administrator' }).click();
    await page.getByRole('heading', { name: 'Storage classes' }).waitFor();
    expect(await seriousFindings()).toEqual([]);
  });

  it('CON-1: says in Chinese why a sign-in is refused', async () => {
    await page.goto(`${site.url}/console/`);
    await page.getByRole('button', { name: '中文' }).click();
    await page.getByRole('textbox').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: '令牌不正确：请完整粘贴' }).waitFor();
  });

  it('CON-1: leaves no English on the Chinese page', async () => {
    await arrive();
    await page.getByRole('button', { name: '中文' }).click();
    await page.getByRole('heading', { name: '持久卷声明', exact: true }).waitFor();
    const text = await page.locator('body').innerText();
    const left = text
      .split('\n')
      .filter((line) => /[A-Za-z]{2,}/.test(line) && !/Stowage|English|admin|Pod|kubectl|EOF|^\s*\S+:|apiVersion/.test(line));
    expect(left).toEqual([]);
  });
});
