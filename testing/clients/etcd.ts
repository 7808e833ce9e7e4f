import path from 'node:path';
import { fetchOnce, unpackDebian } from './fetch-once.ts';

/** The path of Debian's etcd, fetched into `.cache/` the first time. @throws where there are no Debian packages */
export async function ensureEtcd(): Promise<string> {
  return path.join(await fetchOnce('etcd', (into) => unpackDebian('etcd-server', into)), 'usr', 'bin', 'etcd');
}
