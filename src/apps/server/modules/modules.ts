import { buckets } from './buckets/manifest.ts';
import { capabilities } from './capabilities/manifest.ts';
import { ceph } from './ceph/manifest.ts';
import { csi } from './csi/manifest.ts';
import { demo } from './demo/manifest.ts';
import { disks } from './disks/manifest.ts';
import { kubernetes } from './kubernetes/manifest.ts';
import { local } from './local/manifest.ts';
import { localDirectory } from './local-directory/manifest.ts';
import { nfs } from './nfs/manifest.ts';
import { inOrder, type ModuleManifest } from './manifest.ts';
import { plugins } from './plugins/manifest.ts';
import { populators } from './populators/manifest.ts';
import { projects } from './projects/manifest.ts';
import { replication } from './replication/manifest.ts';
import { snapshots } from './snapshots/manifest.ts';
import { topolvm } from './topolvm/manifest.ts';
import { undelete } from './undelete/manifest.ts';

/** Every module that there is, each after those that it needs. */
export const MODULES: readonly ModuleManifest[] = inOrder([
  // why first: a project's default class goes before that of the cluster
  projects,
  kubernetes,
  csi,
  local,
  localDirectory,
  nfs,
  capabilities,
  undelete,
  demo,
  snapshots,
  populators,
  buckets,
  replication,
  disks,
  ceph,
  topolvm,
  plugins,
]);
