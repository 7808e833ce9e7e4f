import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from '#kit/errors.ts';
import type { ClusterConfig } from './kubeconfig.ts';

/** Where every pod finds the token of its service account (client-go `rest.InClusterConfig`). */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** This process is not in a pod of a cluster, or its service account's files are not there. */
export class NotInCluster extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super({ code: 'FailedPrecondition', reason: 'NotInCluster', message, cause });
  }
}

/** What a process in a pod knows of its cluster. */
export interface InClusterOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default: where kubelets put it. */
  readonly directory?: string;
}

/** How a process in a pod reaches its cluster: the address from the environment, authority and token from the service account's files. @throws NotInCluster */
export async function loadInClusterConfig({ env, directory = SERVICE_ACCOUNT }: InClusterOptions): Promise<ClusterConfig> {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '';
  const server = URL.parse(`https://${host.includes(':') ? `[${host}]` : host}:${port}`);
  if (host === '' || port === '' || server === null)
    throw new NotInCluster('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT name no server: run in a pod, or name a kubeconfig');
  const tokenFile = join(directory, 'token');
  if (!existsSync(tokenFile))
    throw new NotInCluster(`${tokenFile} is not there: let the pod have a service account (automountServiceAccountToken)`);
  const read = async (name: string): Promise<string> => {
    try {
      return (await readFile(join(directory, name), 'utf8')).trim();
    } catch (thrown) {
      throw new NotInCluster(`${join(directory, name)} can't be read: ${PlatformError.from(thrown).message}`, thrown);
    }
  };
  return { server, ca: await read('ca.crt'), tokenFile, verification: 'verify', namespace: await read('namespace') };
}
