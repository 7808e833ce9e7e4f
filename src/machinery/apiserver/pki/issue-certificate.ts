import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { CertificateRequest } from './certificate-request.ts';
import type { Identity } from './identity-file.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A new key with a certificate signed by `issuer`, or by itself. */
export async function issueCertificate(request: CertificateRequest, issuer?: Identity): Promise<Identity> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: request.serial,
    subject: request.subject,
    issuer: issuer === undefined ? request.subject : new x509.X509Certificate(issuer.certificatePem).subject,
    notBefore: new Date(request.notBeforeMs),
    notAfter: new Date(request.notAfterMs),
    publicKey: keys.publicKey,
    signingKey: issuer === undefined ? keys.privateKey : await importKey(issuer.keyPem),
    signingAlgorithm: ALGORITHM,
    extensions: await extensionsOf(request, keys.publicKey, issuer),
  });
  const keyBytes = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    keyPem: `${x509.PemConverter.encode(keyBytes, 'PRIVATE KEY').trim()}\n`,
    certificatePem: `${certificate.toString('pem').trim()}\n`,
  };
}

async function extensionsOf(
  request: CertificateRequest,
  publicKey: webcrypto.CryptoKey,
  issuer: Identity | undefined,
): Promise<x509.Extension[]> {
  const { KeyUsageFlags: usage, ExtendedKeyUsage: purpose } = x509;
  const key = await x509.SubjectKeyIdentifierExtension.create(publicKey);
  const authority =
    issuer === undefined
      ? []
      : [await x509.AuthorityKeyIdentifierExtension.create(new x509.X509Certificate(issuer.certificatePem).publicKey)];
  if (request.use === 'ca') {
    return [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(usage.keyCertSign | usage.cRLSign | usage.digitalSignature, true),
      key,
    ];
  }
  const hosts = (request.hosts ?? []).map((host) => new x509.GeneralName(isAddress(host) ? 'ip' : 'dns', host));
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(usage.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([request.use === 'server' ? purpose.serverAuth : purpose.clientAuth]),
    ...(hosts.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(hosts)]),
    key,
    ...authority,
  ];
}

function isAddress(host: string): boolean {
  return isIP(host) !== 0;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [bytes] = x509.PemConverter.decode(pem);
  return webcrypto.subtle.importKey('pkcs8', bytes ?? new ArrayBuffer(0), ALGORITHM, false, ['sign']);
}
