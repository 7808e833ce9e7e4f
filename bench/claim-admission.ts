import { PROJECT_DEFINITION } from '#api/definitions/projects.ts';
import { projects } from '#api/generated/definitions.ts';
import { configMaps, namespaces, persistentVolumeClaims, storageClasses } from '#api/resources.ts';
import { SystemClock } from '#kit/clock.ts';
import { silentLogger } from '#kit/log.ts';
import { quotaAdmission } from '#machinery/apiserver/admission/quota/quota-admission.ts';
import { QuotaLedger } from '#machinery/apiserver/admission/quota/quota-ledger.ts';
import type { AdmissionPlugin } from '#machinery/apiserver/contract/admission.ts';
import { openStore } from '#machinery/store/open-store.ts';
import type { Store } from '#machinery/store/store.ts';
import { modesAdmission } from '#controllers/stowage/capabilities/modes-admission.ts';
import { allocationAdmission } from '#controllers/stowage/projects/allocation-admission.ts';
import { projectDefaultClass } from '#controllers/stowage/projects/default-class.ts';
import { PROJECT_QUOTAS } from '#controllers/stowage/projects/project-quotas.ts';
import { startTestApi } from '#testing/api.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { establish } from '#testing/builders/definition.ts';
import { MemoryEngine } from '#testing/memory-engine.ts';
import type { BenchRow } from './row.ts';

const CLASSES = 500;
const NAMESPACES = 2_000;
const PROJECTS = 200;
const CLAIMS = 6_000;
/** Rounds of both, in turn: the least of each is the one that nothing else disturbed. */
const ROUNDS = 3;

/**
 * What projects and capabilities of classes add to the creation of a claim (in process, in memory), with many classes, namespaces and projects. In CPU time of
 * the process: what else the machine does changes little of it.
 */
export async function benchClaimAdmission(): Promise<readonly BenchRow[]> {
  const [plain, full]: number[][] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    plain?.push(await microsecondsPerClaim(() => []));
    full?.push(await microsecondsPerClaim(allPlugins));
  }
  const [without, withAll] = [Math.min(...(plain ?? [])), Math.min(...(full ?? []))];
  const name = `admission: a claim, ${CLASSES} classes, ${NAMESPACES} namespaces, ${PROJECTS} projects`;
  return [{ name, value: withAll, unit: 'us', peer: { name: 'without projects and capabilities', value: Math.round(without) } }];
}

function allPlugins(store: Store, clock: SystemClock): readonly AdmissionPlugin[] {
  const ledger = new QuotaLedger({ store, clock, kind: PROJECT_QUOTAS });
  const quota = quotaAdmission(ledger, { name: 'ProjectQuota', quota: 'quota of project' });
  return [projectDefaultClass, allocationAdmission, modesAdmission(() => []), quota];
}

async function microsecondsPerClaim(pluginsOf: (store: Store, clock: SystemClock) => readonly AdmissionPlugin[]): Promise<number> {
  const clock = new SystemClock();
  const store = await openStore({ engine: new MemoryEngine(), clock, log: silentLogger });
  // why in both: the platform's controllers read each claim anyway, and the ledger of quotas reads what was read for them
  const reading = store.watch({ resource: 'persistentvolumeclaims' }, store.revision, {
    onEvents: (events) => void events.map(({ entry }) => entry.object),
    onClose: () => {},
  });
  const api = await startTestApi({ clock, store, admission: pluginsOf(store, clock) });
  const { client } = api;
  try {
    await establish(client, PROJECT_DEFINITION);
    for (let index = 0; index < CLASSES; index += 1) {
      const labels = { [`project.cpaas.io/p-${index % PROJECTS}`]: 'true' };
      await client.create(storageClasses, aClass({ name: `class-${index}`, labels, provisioner: 'vendor.example' }));
    }
    for (let index = 0; index < PROJECTS; index += 1)
      await client.create(projects, { metadata: { name: `p-${index}` }, spec: { storageQuota: { hard: { 'requests.storage': '1Pi' } } } });
    await client.create(namespaces, { metadata: { name: 'kube-public' }, spec: {} });
    const labels = { 'features.alauda.io/type': 'StorageDescription' };
    const data = { 'vendor.example': 'snapshot: true\naccessModes: [ReadWriteOnce]\n' };
    await client.create(configMaps, { metadata: { name: 'sd-vendor', namespace: 'kube-public', labels }, data });
    for (let index = 0; index < NAMESPACES; index += 1)
      await client.create(namespaces, {
        metadata: { name: `n-${index}`, labels: { 'cpaas.io/project': `p-${index % PROJECTS}` } },
        spec: {},
      });
    const begun = process.cpuUsage();
    for (let index = 0; index < CLAIMS; index += 1) {
      const project = index % PROJECTS;
      const draft = aClaim({ name: `c-${index}`, namespace: `n-${project}`, storageClassName: `class-${project}` });
      await client.create(persistentVolumeClaims, draft);
    }
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / CLAIMS;
  } finally {
    reading.close();
    await api.close();
  }
}
