import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Ids } from '#kit/ids.ts';
import type { CertificateRequest } from './certificate-request.ts';
import { type Identity, readIdentity, writeIdentity } from './identity-file.ts';

/** The certificates of one platform. */
export interface Pki {
  /** Certificate that clients trust. */
  readonly caPem: string;
  readonly server: Identity;
  /** Client certificate of a member of `system:masters`. */
  readonly admin: Identity;
  /** Client certificates of nodes, members of `system:nodes`, by name. */
  readonly nodes: ReadonlyMap<string, Identity>;
}

/** What {@link ensurePki} needs. */
export interface PkiOptions {
  /** Made with mode 0700; holds `ca.pem`, `server.pem` and `admin.pem`, each key and certificate. */
  readonly dir: string;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Names and addresses by which the server is reached, beside {@link USUAL_HOSTS}. */
  readonly hosts: readonly string[];
  /** Nodes that come over the network, each with a certificate in `NAME.pem`. */
  readonly nodeNames?: readonly string[];
}

/** A certificate file holds something else. */
export class PkiDamaged extends PlatformError {
  constructor(file: string) {
    super({
      code: 'DataLoss',
      reason: 'PkiDamaged',
      message: `${file} does not hold a key and a certificate: put it back from a copy, or remove it to get a new certificate authority (every kubeconfig is made anew then)`,
      details: { file },
      retry: 'never',
    });
  }
}

/** Every server certificate is valid for these. */
export const USUAL_HOSTS: readonly string[] = [
  'localhost',
  '127.0.0.1',
  '::1',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

const DAY_MS = 86_400_000;
const CA_DAYS = 3_650;
/** As kubeadm's. */
const LEAF_DAYS = 365;
/** A certificate with fewer days left is renewed at start. */
const RENEW_DAYS = 30;
/** Certificates start a while ago, for clients whose clock is behind. */
const SKEW_MS = 3_600_000;

/** Reads the platform's certificates, and makes those that are missing, near their end, or not for all hosts. @throws PkiDamaged */
export async function ensurePki(options: PkiOptions): Promise<Pki> {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  chmodSync(options.dir, 0o700);
  const ca = await ensureAuthority(options);
  const hosts = [...new Set([...USUAL_HOSTS, ...options.hosts])];
  const server = await ensureLeaf(options, { file: 'server.pem', subject: 'CN=stowage', use: 'server', hosts }, ca);
  const admin = await ensureLeaf(
    options,
    { file: 'admin.pem', subject: 'O=system:masters, CN=stowage-admin', use: 'client', hosts: [] },
    ca,
  );
  const nodes = new Map<string, Identity>();
  for (const name of options.nodeNames ?? []) {
    const subject = `O=system:nodes, CN=system:node:${name}`;
    nodes.set(name, await ensureLeaf(options, { file: `${name}.pem`, subject, use: 'client', hosts: [] }, ca));
  }
  return { caPem: ca.identity.certificatePem, server, admin, nodes };
}

interface Authority {
  readonly identity: Identity;
  /** True where it was made just now: nothing it did not sign is good any more. */
  readonly isNew: boolean;
}

async function ensureAuthority(options: PkiOptions): Promise<Authority> {
  const file = path.join(options.dir, 'ca.pem');
  const found = readIdentity(file);
  if (found === 'damaged') throw new PkiDamaged(file);
  if (found !== undefined && daysLeft(options.clock, found) > RENEW_DAYS) return { identity: found, isNew: false };
  const identity = await issue(requestFor(options, { subject: 'CN=stowage-ca', use: 'ca', days: CA_DAYS }));
  writeIdentity(file, identity);
  return { identity, isNew: true };
}

interface Leaf {
  readonly file: string;
  readonly subject: string;
  readonly use: 'server' | 'client';
  readonly hosts: readonly string[];
}

async function ensureLeaf(options: PkiOptions, leaf: Leaf, ca: Authority): Promise<Identity> {
  const file = path.join(options.dir, leaf.file);
  const found = readIdentity(file);
  if (found !== undefined && found !== 'damaged' && isGood(options.clock, { found, leaf, ca })) return found;
  const request = requestFor(options, { subject: leaf.subject, use: leaf.use, days: LEAF_DAYS });
  const identity = await issue({ ...request, hosts: leaf.hosts }, ca.identity);
  writeIdentity(file, identity);
  return identity;
}

function isGood(clock: Clock, step: { readonly found: Identity; readonly leaf: Leaf; readonly ca: Authority }): boolean {
  const { found, leaf, ca } = step;
  if (ca.isNew || daysLeft(clock, found) <= RENEW_DAYS || !isSignedBy(found, ca.identity)) return false;
  const certificate = new X509Certificate(found.certificatePem);
  return leaf.hosts.every((host) => (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined);
}

function isSignedBy(leaf: Identity, ca: Identity): boolean {
  const issuer = new X509Certificate(ca.certificatePem);
  const certificate = new X509Certificate(leaf.certificatePem);
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

async function issue(request: CertificateRequest, issuer?: Identity): Promise<Identity> {
  // why: the library is large and only needed when something is new, which is once in a year
  const { issueCertificate } = await import('./issue-certificate.ts');
  return issueCertificate(request, issuer);
}

function daysLeft(clock: Clock, identity: Identity): number {
  return (new X509Certificate(identity.certificatePem).validToDate.getTime() - clock.nowMs()) / DAY_MS;
}

function requestFor(
  options: PkiOptions,
  what: { readonly subject: string; readonly use: CertificateRequest['use']; readonly days: number },
): CertificateRequest {
  const notBeforeMs = options.clock.nowMs() - SKEW_MS;
  // why: a serial must be positive, so its first digits are fixed
  const serial = `01${options.ids.uid().replaceAll('-', '')}`;
  return { subject: what.subject, use: what.use, serial, notBeforeMs, notAfterMs: notBeforeMs + what.days * DAY_MS };
}
