import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { writeYaml } from '#kit/write-yaml.ts';
import { type Identity, writePrivateFile } from './identity-file.ts';

/** Name of cluster, user and context in the kubeconfig. */
const NAME = 'stowage';

/** Writes a kubeconfig (mode 0600) with which kubectl reaches `server` (for example `https://127.0.0.1:6443`) as the owner of `identity`. */
export function writeKubeconfig(
  file: string,
  options: { readonly server: string; readonly caPem: string; readonly identity: Identity },
): void {
  const { server, caPem, identity } = options;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: NAME, cluster: { server, 'certificate-authority-data': base64(caPem) } }],
    users: [
      { name: NAME, user: { 'client-certificate-data': base64(identity.certificatePem), 'client-key-data': base64(identity.keyPem) } },
    ],
    contexts: [{ name: NAME, context: { cluster: NAME, user: NAME, namespace: 'default' } }],
    'current-context': NAME,
  };
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writePrivateFile(file, writeYaml(config));
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
