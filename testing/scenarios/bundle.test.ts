import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { parsePrometheusText } from '#testing/prometheus-text.ts';

const VALUE = 'correct-horse-battery';
const LITERAL = 'staple-in-a-variable';
const MANIFEST = `
apiVersion: v1
kind: Secret
metadata: { name: db, namespace: default }
stringData: { password: ${VALUE} }
---
apiVersion: v1
kind: Pod
metadata: { name: uses, namespace: default }
spec:
  containers:
  - name: main
    image: not-there
    env:
    - { name: DB_PASSWORD, value: ${LITERAL} }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: careless, namespace: default, annotations: { note: "the word is ${VALUE}" } }
data: { app.conf: "user=ann\\npassword=${VALUE}" }
`;

describe('RUN-3: a support bundle', () => {
  let platform: PlatformProcess;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'stowage-bundle-'));
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    await platform.kubectl.run(['apply', '-f', '-'], MANIFEST);
    await platform.kubectl.run(['create', 'token', 'default', '-n', 'default']);
  });
  afterAll(async () => {
    await platform.remove();
    rmSync(folder, { recursive: true });
  });

  const makeBundle = (name: string): ReadonlyMap<string, string> => {
    const archive = path.join(folder, `${name}.tar.gz`);
    const { program, args, env } = stowageCommand(['bundle', '--data-dir', platform.dataDir, '--output', archive]);
    const said = execFileSync(program, args, { env: { ...process.env, ...env }, encoding: 'utf8' });
    expect(said).toMatch(/\d+ files, \d+ KiB/);
    expect(statSync(archive).mode & 0o777).toBe(0o600);
    const target = mkdtempSync(path.join(folder, 'x-'));
    execFileSync('tar', ['-xzf', archive, '-C', target]);
    const files = readdirSync(target, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return new Map(
      files.map((entry) => {
        const file = path.join(entry.parentPath, entry.name);
        return [path.relative(path.join(target, 'stowage-bundle'), file), readFileSync(file, 'utf8')];
      }),
    );
  };
  const expectNoSecret = (files: ReadonlyMap<string, string>): void => {
    const token = readFileSync(path.join(platform.dataDir, 'admin.token'), 'utf8').trim();
    const hidden = [VALUE, LITERAL, token, Buffer.from(VALUE).toString('base64'), 'PRIVATE KEY-----\n', 'eyJhbGciOi'];
    const found = [...files].flatMap(([name, text]) => hidden.filter((value) => text.includes(value)).map((value) => ({ name, value })));
    expect(found).toEqual([]);
  };

  it('has objects, logs, metrics, health and the machine, and no secret, while the platform runs', () => {
    const files = makeBundle('running');
    expect([...files.keys()]).toEqual(
      expect.arrayContaining([
        'about.json',
        'settings.txt',
        'logs/stowage.log',
        'machine/mounts.txt',
        'machine/disk.txt',
        'live/readyz.txt',
      ]),
    );
    expect(files.has('problems.txt')).toBe(false);
    expectNoSecret(files);
    for (const [name, text] of files) if (name.startsWith('objects/')) expect(JSON.parse(text)).toMatchObject({ kind: 'List' });
    expect(JSON.parse(files.get('objects/secrets/0001.json') ?? '')).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({
          data: { password: `[redacted, ${VALUE.length} bytes]` },
          metadata: expect.objectContaining({ name: 'db' }),
        }),
      ]),
    });
    expect(files.get('objects/configmaps/0001.json')).toContain('the word is [redacted]');
    expect([...parsePrometheusText(files.get('live/metrics.txt') ?? '').keys()]).toEqual(
      expect.arrayContaining(['apiserver_request_total', 'process_resident_memory_bytes', 'workqueue_depth']),
    );
  });

  it('has all but what only a running platform knows, while it is stopped', async () => {
    await platform.end('SIGTERM');
    const files = makeBundle('stopped');
    expectNoSecret(files);
    expect(files.get('objects/pods/0001.json')).toContain('DB_PASSWORD');
    expect(files.get('live/not-running.txt')).toContain("can't be reached");
  });

  it('refuses a folder without a platform', () => {
    const { program, args, env } = stowageCommand(['bundle', '--data-dir', folder]);
    const { status, stderr } = spawnSync(program, args, { env: { ...process.env, ...env }, encoding: 'utf8' });
    expect(stderr).toContain('holds no platform');
    expect(status).not.toBe(0);
  });
});
