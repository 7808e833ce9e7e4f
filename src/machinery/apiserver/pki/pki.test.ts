import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SystemIds } from '#kit/ids.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { ensurePki, PkiDamaged } from './pki.ts';
import { writeKubeconfig } from './write-kubeconfig.ts';

const DAY_MS = 86_400_000;
let dir: string;
const ids = new SystemIds();

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'pki-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('API-3: the platform makes its own certificates', () => {
  it('makes a CA, a server and an admin certificate that only the owner can read, and keeps them', async () => {
    const options = { dir: path.join(dir, 'pki'), clock: new FakeClock(), ids, hosts: ['box.example'] };
    const first = await ensurePki(options);
    const server = new X509Certificate(first.server.certificatePem);
    const admin = new X509Certificate(first.admin.certificatePem);
    const ca = new X509Certificate(first.caPem);
    expect(server.verify(ca.publicKey) && admin.verify(ca.publicKey) && ca.ca).toBe(true);
    expect(server.checkHost('box.example')).toBe('box.example');
    expect(server.checkHost('localhost')).toBe('localhost');
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(server.checkIP('::1')).toBe('::1');
    expect(admin.subject).toBe('O=system:masters\nCN=stowage-admin');
    expect(statSync(options.dir).mode & 0o777).toBe(0o700);
    for (const file of ['ca.pem', 'server.pem', 'admin.pem']) expect(statSync(path.join(options.dir, file)).mode & 0o777).toBe(0o600);
    expect(await ensurePki(options)).toEqual(first);
  });

  it.each([
    { name: 'near its end', afterDays: 336, hosts: ['box.example'], isRenewed: true },
    { name: 'for a new host', afterDays: 1, hosts: ['box.example', 'other.example'], isRenewed: true },
    { name: 'for fewer hosts', afterDays: 1, hosts: [], isRenewed: false },
  ])('renews the server certificate $name: $isRenewed', async ({ afterDays, hosts, isRenewed }) => {
    const clock = new FakeClock();
    const first = await ensurePki({ dir, clock, ids, hosts: ['box.example'] });
    await clock.step(afterDays * DAY_MS);
    const second = await ensurePki({ dir, clock, ids, hosts });
    expect(second.caPem).toBe(first.caPem);
    expect(second.server.certificatePem !== first.server.certificatePem).toBe(isRenewed);
  });

  it('makes everything anew when the CA is near its end', async () => {
    const clock = new FakeClock();
    const first = await ensurePki({ dir, clock, ids, hosts: [] });
    await clock.step(3_640 * DAY_MS);
    const second = await ensurePki({ dir, clock, ids, hosts: [] });
    expect(second.caPem).not.toBe(first.caPem);
    expect(new X509Certificate(second.admin.certificatePem).verify(new X509Certificate(second.caPem).publicKey)).toBe(true);
  });

  it('refuses a damaged CA, and replaces a damaged leaf', async () => {
    const clock = new FakeClock();
    await ensurePki({ dir, clock, ids, hosts: [] });
    writeFileSync(path.join(dir, 'server.pem'), 'half of a');
    await ensurePki({ dir, clock, ids, hosts: [] });
    expect(readFileSync(path.join(dir, 'server.pem'), 'utf8')).toContain('BEGIN CERTIFICATE');
    writeFileSync(path.join(dir, 'ca.pem'), '');
    await expect(ensurePki({ dir, clock, ids, hosts: [] })).rejects.toThrow(PkiDamaged);
  });
});

it('writes a kubeconfig that only the owner can read', async () => {
  const pki = await ensurePki({ dir, clock: new FakeClock(), ids, hosts: [] });
  const file = path.join(dir, 'sub', 'kubeconfig');
  writeKubeconfig(file, { server: 'https://127.0.0.1:6443', caPem: pki.caPem, identity: pki.admin });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const config: unknown = parse(readFileSync(file, 'utf8'));
  expect(config).toMatchObject({ 'current-context': 'stowage', clusters: [{ cluster: { server: 'https://127.0.0.1:6443' } }] });
});
