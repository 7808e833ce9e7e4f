import { benchApi } from './api.ts';
import { benchClaimAdmission } from './claim-admission.ts';
import { benchClaims, benchFirstWrite, benchStart } from './platform.ts';
import { benchInProcess } from './in-process.ts';
import { benchKinds } from './kinds.ts';
import { benchManyObjects, benchSecrets } from './secrets.ts';
import { type BenchRow, formatRow } from './row.ts';
import { benchExistingVolumes, benchStaticPairs } from './static-pairs.ts';
import { benchSnapshots } from './snapshots.ts';
import { runStoreBench } from './store.ts';

/** Benchmarks by name; arguments choose some of them. Timings are printed, never judged. */
const BENCHMARKS: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
  start: benchStart,
  directories: () => benchClaims('local-directory', [100, 1000]),
  files: () => benchClaims('local', [100, 1000]),
  'first-write': () => benchFirstWrite(20),
  'static-pairs': benchStaticPairs,
  'existing-volumes': benchExistingVolumes,
  store: runStoreBench,
  'in-process': benchInProcess,
  'claim-admission': benchClaimAdmission,
  api: benchApi,
  kinds: benchKinds,
  secrets: benchSecrets,
  'many-objects': benchManyObjects,
  snapshots: benchSnapshots,
};

const wanted = process.argv.slice(2);
for (const [name, run] of Object.entries(BENCHMARKS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const row of await run()) console.log(formatRow(row));
}
