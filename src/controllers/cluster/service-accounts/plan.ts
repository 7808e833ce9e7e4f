import type { ConfigMap } from '#api/generated/kubernetes.ts';
import { deepEqual } from '#kit/json.ts';

/** The service account that pods of a namespace have unless they name another. */
export const DEFAULT_ACCOUNT = 'default';
/** The ConfigMap that clients in a namespace find the API's authority in (upstream rootcacertpublisher). */
export const ROOT_CA = 'kube-root-ca.crt';

/** What the ConfigMap holds. */
export function rootCaData(rootCaPem: string): Readonly<Record<string, string>> {
  return { 'ca.crt': rootCaPem };
}

/** True where the ConfigMap must be written again: somebody changed it, or the authority is new. */
export function isStale({ data, binaryData }: ConfigMap, rootCaPem: string): boolean {
  return !deepEqual(data ?? {}, rootCaData(rootCaPem)) || Object.keys(binaryData ?? {}).length > 0;
}
