import { buckets } from './buckets.ts';
import { ceph } from './ceph.ts';
import { csi } from './csi.ts';
import { demo } from './demo.ts';
import { disks } from './disks.ts';
import { kubernetes } from './kubernetes.ts';
import { local } from './local.ts';
import { inOrder, type Module } from './module.ts';
import { plugins } from './plugins.ts';
import { projects } from './projects.ts';
import { replication } from './replication.ts';
import { snapshots } from './snapshots.ts';
import { topolvm } from './topolvm.ts';

/** Every module that there is, each after those that it needs. */
export const MODULES: readonly Module[] = inOrder([
  kubernetes,
  csi,
  local,
  demo,
  snapshots,
  buckets,
  replication,
  disks,
  ceph,
  topolvm,
  plugins,
  projects,
]);
