import { BUILT_IN_KINDS } from '#api/kinds/built-in.ts';
import { ensureFirstObjects } from '#apps/server/worlds/first-objects.ts';
import { apiPort, Doors } from '#apps/server/api-port.ts';
import { ownAdmission } from '#apps/server/worlds/own-admission.ts';
import { QuotaLedgers } from '#apps/server/worlds/quota-ledgers.ts';
import { ModulesAtWork } from '#apps/server/modules-at-work.ts';
import { PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';
import { pluginsOf } from '#apps/server/plugins-of.ts';
import type { OwnApi } from '#apps/server/modules/module.ts';
import type { Ids } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { nodeAuthorizer } from '#machinery/apiserver/access/nodes/node-authorizer.ts';
import { NodeGraph } from '#machinery/apiserver/access/nodes/node-graph.ts';
import { RbacAuthorizer } from '#machinery/apiserver/access/rbac/rbac-authorizer.ts';
import type { Attributes } from '#machinery/apiserver/contract/authorizer.ts';
import { STARTING_USER } from '#machinery/apiserver/contract/user.ts';
import { ServiceAddresses } from '#machinery/apiserver/admission/service-addresses.ts';
import { type ApiServer, createApiServer } from '#machinery/apiserver/api-server.ts';
import { openStore } from '#machinery/store/open-store.ts';
import type { Store } from '#machinery/store/store.ts';
import { SimEngine, type CommitMoment, type SimDisk } from './sim-disk.ts';
import { SIM_CONFIG, SIM_MODULES } from './sim-modules.ts';
import type { SimProcess } from './sim-process.ts';

/** An API at work in a process of the simulation. */
export interface SimServer {
  readonly process: SimProcess;
  readonly store: Store;
  readonly server: ApiServer;
  readonly atWork: ModulesAtWork;
  /** What the controllers of the modules are given of it, at each of their starts. */
  readonly api: () => OwnApi;
}

/** What it is started with. */
export interface SimServerOptions {
  readonly process: SimProcess;
  readonly disk: SimDisk;
  readonly ids: Ids;
  readonly nodeCount: number;
  readonly pass: (moment: CommitMoment) => Promise<void>;
}

/** Opens the store and the API over it as an embedded platform does, and makes the first objects. */
export async function startSimServer({ process, disk, ids, nodeCount, pass }: SimServerOptions): Promise<SimServer> {
  const { clock } = process;
  const metrics = new Metrics();
  const store = await openStore({ engine: new SimEngine(disk, pass), clock, log: silentLogger });
  const quotas = new QuotaLedgers({ modules: SIM_MODULES, store, clock });
  const settings = { nodeCount, config: SIM_CONFIG };
  const atWork = new ModulesAtWork(new PluginCatalog(pluginsOf(SIM_MODULES, { settings, version: '0.0.0' })));
  const rbac = new RbacAuthorizer(store);
  const serviceAddresses = new ServiceAddresses({ store, clock });
  const mayDo = (attributes: Attributes): boolean => server.mayDo(attributes);
  const server: ApiServer = createApiServer({
    store,
    kinds: BUILT_IN_KINDS,
    clock,
    ids,
    log: silentLogger,
    version: '0.0.0',
    metrics,
    authorizers: [nodeAuthorizer(new NodeGraph(store)), rbac],
    admission: ownAdmission({ modules: SIM_MODULES, atWork, rbac, serviceAddresses, quotas, clock, ids, metrics, mayDo }),
  });
  await ensureFirstObjects(server.clientFor(STARTING_USER), { modules: SIM_MODULES, atWork, settings, clock, log: silentLogger });
  // why made anew for each: doors go with the process of the controllers, which dies alone here
  const api = (): OwnApi => ({
    rootCaPem: 'none',
    endpoints: { addresses: ['192.0.2.1'], port: 6443 },
    servedResources: () => server.resources(),
    quotaUsage: (resource) => quotas.of(resource),
    port: apiPort(new Doors(), server, '192.0.2.1:6443'),
  });
  return { process, store, server, atWork, api };
}
