import { existsSync } from 'node:fs';
import path from 'node:path';
import { SystemClock } from '#kit/clock.ts';
import { type ConfigOf, type ConfigSchema } from '#kit/config.ts';
import { createHttpClient, type HttpClient } from '#machinery/client/http-client.ts';
import { loadInClusterConfig } from '#machinery/client/in-cluster.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { dataDirSetting } from '../server/data-dir-setting.ts';

/** Flags of verbs that are about one object of an API. */
export const objectConfig = {
  namespace: {
    flag: 'namespace',
    short: 'n',
    env: 'STOWAGE_NAMESPACE',
    default: undefined,
    defaultText: "that of the kubeconfig's context",
    placeholder: 'NS',
    doc: 'namespace of the object',
    parse: (text: string): string | undefined => text,
  },
  kubeconfig: {
    flag: 'kubeconfig',
    env: 'KUBECONFIG',
    default: undefined,
    defaultText: 'that of the data directory, or, in a pod, its cluster',
    placeholder: 'FILE',
    doc: 'whom to ask; several files, separated by colons, are read as one',
    parse: (text: string): readonly string[] | undefined => filesOf(text),
  },
  context: {
    flag: 'context',
    env: 'STOWAGE_CONTEXT',
    default: undefined,
    defaultText: "the kubeconfig's own",
    placeholder: 'NAME',
    doc: 'the context of the kubeconfig to use',
    parse: (text: string): string | undefined => text,
  },
  dataDir: dataDirSetting,
} as const satisfies ConfigSchema;

/** Whom a verb asks, and about which namespace. */
export interface ApiOfVerb {
  readonly client: HttpClient;
  readonly namespace: string;
}

/** The API that the flags name, or, in a pod where they name none, that of its cluster; the caller closes the client. @throws KubeconfigInvalid, NotInCluster */
export async function connectApi({ kubeconfig, context, dataDir, namespace }: ConfigOf<typeof objectConfig>): Promise<ApiOfVerb> {
  const own = path.join(dataDir, 'kubeconfig');
  // why only where nothing was named: a wrong folder or context is to be told, and not to mean another cluster
  const namesNothing = kubeconfig === undefined && context === undefined && dataDir === dataDirSetting.default;
  const isInPod = namesNothing && !existsSync(own) && process.env['KUBERNETES_SERVICE_HOST'] !== undefined;
  const config = isInPod ? await loadInClusterConfig({ env: process.env }) : await loadKubeconfig(kubeconfig ?? [own], context);
  return { client: createHttpClient({ config, clock: new SystemClock() }), namespace: namespace ?? config.namespace };
}

function filesOf(text: string): readonly string[] | undefined {
  const files = text.split(path.delimiter).filter((file) => file !== '');
  return files.length === 0 ? undefined : files.map((file) => path.resolve(file));
}
