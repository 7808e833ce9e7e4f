import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { BUILT_IN_KINDS } from '#api/kinds/built-in.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { SystemClock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { SystemExec } from '#kit/exec.ts';
import { SystemIds } from '#kit/ids.ts';
import { createLogger, type Logger } from '#kit/log.ts';
import { claimResize } from '#controllers/cluster/classes/claim-resize.ts';
import { defaultStorageClass } from '#controllers/cluster/classes/default-storage-class.ts';
import { tokenAuthenticator } from '#machinery/apiserver/access/authentication.ts';
import { escalationCheck } from '#machinery/apiserver/access/rbac/escalation.ts';
import { nodeAuthorizer } from '#machinery/apiserver/access/nodes/node-authorizer.ts';
import { NodeGraph } from '#machinery/apiserver/access/nodes/node-graph.ts';
import { RbacAuthorizer } from '#machinery/apiserver/access/rbac/rbac-authorizer.ts';
import { accountAdmission } from '#machinery/apiserver/access/service-accounts/account-admission.ts';
import { AccountTokens } from '#machinery/apiserver/access/service-accounts/account-tokens.ts';
import { TokenSecrets } from '#machinery/apiserver/access/service-accounts/token-secrets.ts';
import { ensureSigningKey } from '#machinery/apiserver/access/service-accounts/signing-key.ts';
import { MASTERS, STARTING_USER, type UserInfo } from '#machinery/apiserver/access/user.ts';
import { defaultTolerationSeconds } from '#machinery/apiserver/admission/default-toleration-seconds.ts';
import { limitRanger } from '#machinery/apiserver/admission/limit-ranger.ts';
import { nodeRestriction } from '#machinery/apiserver/admission/node-restriction/node-restriction.ts';
import { podPriority } from '#machinery/apiserver/admission/pod-priority.ts';
import { podRuntimeClass } from '#machinery/apiserver/admission/runtime-class.ts';
import { podSecurity } from '#machinery/apiserver/admission/pod-security/pod-security.ts';
import { quotaAdmission } from '#machinery/apiserver/admission/quota/quota-admission.ts';
import { QuotaLedger } from '#machinery/apiserver/admission/quota/quota-ledger.ts';
import { ServiceAddresses } from '#machinery/apiserver/admission/service-addresses.ts';
import { type ApiServer, createApiServer } from '#machinery/apiserver/api-server.ts';
import { ensurePki, type Pki } from '#machinery/apiserver/pki/pki.ts';
import { writeKubeconfig } from '#machinery/apiserver/pki/write-kubeconfig.ts';
import type { Client } from '#machinery/client/client.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { claimBlocks } from '#node/network/claim-block.ts';
import { RemotePods } from '#node/remote/remote-pods.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { Resource } from '#api/meta/resource.ts';
import { openStore } from '#machinery/store/open-store.ts';
import { SqliteEngine } from '#machinery/store/sqlite-engine.ts';
import type { Store } from '#machinery/store/store.ts';
import { ensureAdminToken } from './admin-token.ts';
import { openAuditLog } from './audit-log.ts';
import { formatSettings, type ServerConfig } from './config.ts';
import { type ConsoleGateway, createConsoleGateway } from './console/gateway.ts';
import { consoleRights } from './console/rights.ts';
import { sessionFile } from './console/session-file.ts';
import { startControllers } from './controllers.ts';
import { type DataDirectory, ensureDataDirectory, removeEmptyRuntime } from './data-directory.ts';
import { ownDriverObjects } from './drivers/driver-objects.ts';
import { driverPlace } from './drivers/driver-places.ts';
import { DriverRegistrar } from './drivers/driver-registrar.ts';
import { DriverTable } from './drivers/driver-table.ts';
import { ensureDefaultPolicy } from './ensure-default-policy.ts';
import { ensureClassBinding } from './ensure-class-binding.ts';
import { ensureDefinitions } from './ensure-definitions.ts';
import { oidcAuthenticators } from './oidc.ts';
import { ensureInitialObjects } from './ensure-objects.ts';
import { demoObjects, LOCAL_DRIVER, NODE_NAME, platformObjects, priorityObjects } from './initial-objects.ts';
import { driverOfNodes, startFurtherNodes } from './nodes/further-nodes.ts';
import { furtherNodeNames } from './nodes/node-names.ts';
import { nodePlaces } from './nodes/node-places.ts';
import { type PodsOfNode, podsOfNodes } from './nodes/pods-of-nodes.ts';
import { processMetrics } from './process-metrics.ts';
import { type NodeOptions, type RunningNode, startNode } from './node.ts';
import { careForHeap, processHeap } from './heap-care.ts';
import { poolHistory } from './pool-history.ts';
import { type LocalStorage, startLocalStorage } from './storage.ts';
import { ownMemoryLimits, storeBudget, storeLimits } from './store-budget.ts';
import { StopSteps } from './stop-steps.ts';

/** A started platform and where its parts are reached. */
export interface Platform {
  readonly consoleUrl: string;
  /** Works once, within the gateway's time. */
  readonly signInUrl: string;
  readonly kubeconfigPath: string;
  readonly tokenPath: string;
  /** What this machine can't do, each with the remedy. */
  readonly limits: readonly string[];
  /** Stops everything in reverse order; pods too, unless `--keep-pods`. */
  stop(): Promise<void>;
}

/** The platform's own identity in the API. */
const SYSTEM_USER: UserInfo = { name: 'system:stowage', groups: [MASTERS] };
const ADMIN_USER: UserInfo = { name: 'stowage-admin', groups: [MASTERS] };
const MIB = 1024 * 1024;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

interface Parts {
  readonly config: ServerConfig;
  readonly version: string;
  readonly directory: DataDirectory;
  readonly log: Logger;
  readonly clock: SystemClock;
  readonly ids: SystemIds;
  readonly exec: SystemExec;
  readonly metrics: Metrics;
  readonly onStop: StopSteps['add'];
  readonly onStep: StartOptions['onStep'];
}

/** Who starts it, and who hears how far it is. */
export interface StartOptions {
  readonly version: string;
  /** Is told what is done from now on: `reading the objects`. */
  readonly onStep: (step: string) => void;
}

/** Starts the whole platform on this machine; resolves when it is ready. @throws when a part can't start; what had started is stopped again */
export async function startPlatform(config: ServerConfig, { version, onStep }: StartOptions): Promise<Platform> {
  const directory = ensureDataDirectory(config.dataDir);
  const steps = new StopSteps();
  const parts: Parts = {
    config,
    version,
    directory,
    log: createLogger({
      level: config.logLevel,
      path: directory.log,
      rotation: { maxSizeBytes: config.logMaxSize * MIB, maxBackups: config.logMaxBackup },
    }),
    clock: new SystemClock(),
    ids: new SystemIds(),
    exec: new SystemExec(),
    metrics: processMetrics(version),
    onStop: (step) => steps.add(step),
    onStep,
  };
  try {
    const started = await startParts(parts);
    const idle = new AbortController();
    steps.add(() => idle.abort());
    void careForHeap(processHeap(), parts.clock, idle.signal);
    return { ...started, stop: () => steps.run(config.keepPods ? 'keep' : 'pause') };
  } catch (error) {
    // why keep: pods that an earlier start left running are not to pay for this one
    await steps
      .run('keep')
      .catch((thrown: unknown) => parts.log.error('a start that failed left something', { err: PlatformError.from(thrown) }));
    throw error;
  }
}

/** The API behind its open port. */
interface OpenApi {
  readonly server: ApiServer;
  readonly gateway: ConsoleGateway;
  readonly client: Client;
  readonly pki: Pki;
  /** Addresses of the nodes' own ends of their pods' networks. */
  readonly gateways: readonly string[];
  readonly quotas: QuotaLedger;
  /** What the store has no room for, with the remedy. */
  readonly limits: readonly string[];
  readonly port: number;
  readonly scheme: string;
}

async function openApi(parts: Parts): Promise<OpenApi> {
  const { config, directory, log, clock, onStop, onStep } = parts;
  onStep('reading the objects');
  const bounds = storeLimits(config.storeBudget ?? storeBudget(ownMemoryLimits()));
  const store = await openStore({ engine: new SqliteEngine({ directory: directory.store }), clock, log, limits: bounds });
  // why from here on: whoever has the store has the data directory, and another one's is left as it is
  onStop(() => removeEmptyRuntime(directory));
  onStop(() => store.close());
  writeFileSync(directory.settings, `${formatSettings(config)}\n`, { mode: 0o600 });
  onStep('making keys and certificates');
  const { pki, gateways } = await preparePki(parts);
  const quotas = new QuotaLedger({ store, clock });
  onStop(() => quotas.close());
  const server = startApi(parts, store, { quotas, caPem: pki.caPem });
  const gateway = consoleGateway(parts, { server, store });
  const client = server.clientFor(SYSTEM_USER, { isPatient: true });
  onStep('making the first objects');
  const limits = await ensureFirstObjects(server.clientFor(STARTING_USER), parts).then(
    () => [],
    (thrown: unknown) => whatIsMissing(thrown, log),
  );
  // why before anything acts: a port that can't be had ends the start, and pods that start know where the API is
  return { server, gateway, client, pki, gateways, quotas, limits, ...(await openPort(parts, { server, gateway, pki })) };
}

/** A store that is over its budget is made smaller through the API, and the next start makes what is missing. @throws what else was thrown */
function whatIsMissing(thrown: unknown, log: Logger): readonly string[] {
  const err = PlatformError.from(thrown);
  if (err.reason !== 'StoreFull') throw thrown;
  log.error('the store is full, so objects of the platform may be missing: delete what is not needed and start again', { err });
  return [
    'the store is full, so objects of the platform may be missing: delete what is not needed, or give a larger --store-budget, and start again',
  ];
}

async function startParts(parts: Parts): Promise<Omit<Platform, 'stop'>> {
  const { config, directory, log, clock, ids, exec, metrics, onStop, onStep, version } = parts;
  const { server, gateway, client, pki, gateways, quotas, limits, port, scheme } = await openApi(parts);
  onStep('opening the pool of volumes');
  const storage = await startStorage(parts, client);
  onStop((pods) => storage.stop(pods === 'pause'));
  const informers = new InformerFactory({ client, clock, log });
  onStop(() => informers.stop());
  const others = [...pki.nodes.keys()];
  const drivers = tableOfDrivers(parts, { storage, others });
  const shared = { client: informers.client, informers, drivers, clock, ids, log, metrics };
  onStep('starting the node');
  const node = await startNode({
    ...shared,
    claims: informers.for(persistentVolumeClaims),
    podTokens: server.podTokensFor(SYSTEM_USER),
    apiAddress: () => ({ host: displayHost(config.listen), port }),
    drivers: drivers.onNode,
    exec,
    name: NODE_NAME,
    directory,
    storage,
    version,
    ...nodeSettingsOf(config),
  });
  reachPods(parts, server, { node, others });
  onStop((pods) => node.stop(pods));
  await followDrivers(parts, { client: informers.client, table: drivers, node, others });
  onStep('starting the controllers');
  const controllers = await startControllers({
    ...shared,
    giveWay: server.giveWay,
    rootCaPem: pki.caPem,
    apiEndpoints: { addresses: LOOPBACK.has(config.listen) ? gateways : [displayHost(config.listen)], port },
    servedResources: () => server.resources(),
    quotaUsage: quotas,
    keptPaths: [directory.root],
    driverTimeoutMs: config.driverTimeoutSec * 1_000,
  });
  onStop(() => controllers.stop());

  onStep('starting further nodes');
  const further = await startFurtherNodes({
    ...parts,
    pki,
    client,
    apiUrl: `https://${displayHost(config.listen)}:${port}`,
    onReady: () => drivers.announce(LOCAL_DRIVER),
  });
  onStop(() => further.stop());
  return {
    consoleUrl: `${scheme}://${displayHost(config.listen)}:${port}/console/`,
    signInUrl: `${scheme}://${displayHost(config.listen)}:${port}${gateway.makeSignInLink(ADMIN_USER)}`,
    kubeconfigPath: directory.kubeconfig,
    tokenPath: directory.adminToken,
    limits: [...limits, ...node.limits, ...further.limits],
  };
}

/** Certificates of all parts; the server's is good for the addresses at which pods call it too. */
async function preparePki({ config, directory, clock, ids, exec, log }: Parts): Promise<Pick<OpenApi, 'pki' | 'gateways'>> {
  const nodeNames = furtherNodeNames(config.nodes);
  const nodeDirs = [NODE_NAME, ...nodeNames].map((name) => path.join(directory.nodes, name));
  const gateways = await claimBlocks({ range: config.podCidr, nodeDirs, exec, log });
  const pki = await ensurePki({ dir: directory.pki, clock, ids, hosts: [hostname(), config.listen, ...gateways], nodeNames });
  return { pki, gateways };
}

/** Logs, exec, attach and port-forward of all nodes' pods. */
function reachPods(
  { directory, clock }: Parts,
  server: ApiServer,
  { node, others }: { readonly node: PodsOfNode; readonly others: readonly string[] },
): void {
  const nodes = new Map([[NODE_NAME, node]]);
  for (const nodeName of others) {
    const pods = new RemotePods({ nodeName, socketPath: nodePlaces(directory, nodeName).podsSocket, clock });
    nodes.set(nodeName, { logs: pods, streams: pods });
  }
  const { logs, streams } = podsOfNodes(nodes);
  server.setPodLogs(logs);
  server.setPodStreams(streams);
}

/** What is there before anybody asks for it. */
async function ensureFirstObjects(client: Client, { config, clock }: Parts): Promise<void> {
  await Promise.all([ensureDefaultPolicy(client), ensureDefinitions(client, clock)]);
  await ensureInitialObjects(client, {
    platform: platformObjects(config.nodes),
    priorities: priorityObjects(),
    ...(config.demo ? { demo: demoObjects() } : {}),
  });
  await ensureClassBinding(client, config.nodes);
}

function nodeSettingsOf(config: ServerConfig): Pick<NodeOptions, 'imageSettings' | 'leaseDurationSec' | 'podPidsLimit' | 'evictionHard'> {
  const { insecureRegistries, imageFallback, imageGcHigh, imageGcLow, nodeGrace, podPidsLimit, evictionHard } = config;
  return {
    imageSettings: { insecureRegistries, fallback: imageFallback, collection: { highPercent: imageGcHigh, lowPercent: imageGcLow } },
    leaseDurationSec: nodeGrace,
    podPidsLimit,
    evictionHard,
  };
}

function startStorage({ config, directory, log, clock, ids, exec, version }: Parts, client: Client): ReturnType<typeof startLocalStorage> {
  return startLocalStorage({
    poolDir: nodePlaces(directory, NODE_NAME).pool,
    poolShare: config.nodes,
    socketPath: nodePlaces(directory, NODE_NAME).driverSocket,
    nodeName: NODE_NAME,
    version,
    poolSizeBytes: config.poolSize,
    history: poolHistory(directory, NODE_NAME, client),
    exec,
    log,
    clock,
    ids,
  });
}

/** The platform's own driver: controllers reach that of all nodes, the node of this process its own. */
function tableOfDrivers(
  { directory, clock, onStop }: Parts,
  { storage, others }: { readonly storage: LocalStorage; readonly others: readonly string[] },
): DriverTable {
  const local = storage.client;
  const table = new DriverTable();
  onStop(() => table.close());
  const ofAllNodes = driverOfNodes(local, { names: others, directory, clock });
  table.add(LOCAL_DRIVER, { client: ofAllNodes, servesController: true, servesNode: false, rank: 0 });
  table.add(LOCAL_DRIVER, { client: local, servesController: false, servesNode: true, rank: 1 });
  storage.onChange(() => table.announce(LOCAL_DRIVER));
  return table;
}

interface DriverParts {
  readonly client: Client;
  readonly table: DriverTable;
  readonly node: RunningNode;
  readonly others: readonly string[];
}

/** Drivers of other vendors come and go while the platform runs. */
async function followDrivers(
  { config, directory, clock, log, onStop }: Parts,
  { client, table, node, others }: DriverParts,
): Promise<void> {
  const registrar = new DriverRegistrar({
    table,
    objects: ownDriverObjects(client),
    clock,
    log: log.with({ component: 'drivers' }),
    own: driverPlace(directory, config, NODE_NAME),
    others: others.map((name) => driverPlace(directory, config, name)),
    reserved: new Set([LOCAL_DRIVER]),
    onChange: (signal) => node.refreshDrivers(signal),
  });
  onStop(() => registrar.stop());
  await registrar.start();
}

interface ApiParts {
  readonly quotas: QuotaLedger;
  readonly caPem: string;
}

function startApi(
  { config, metrics, directory, clock, ids, log, version, onStop }: Parts,
  store: Store,
  { quotas, caPem }: ApiParts,
): ApiServer {
  const token = ensureAdminToken(directory.adminToken);
  const tokens = new AccountTokens({ key: ensureSigningKey(path.join(directory.pki, 'service-accounts.key')), store, clock, ids });
  const audit = openAuditLog(config, { file: directory.auditLog, clock, log });
  onStop(() => audit.close());
  const rbac = new RbacAuthorizer(store);
  onStop(() => rbac.close());
  const nodeGraph = new NodeGraph(store);
  onStop(() => nodeGraph.close());
  const serviceAddresses = new ServiceAddresses({ store, clock });
  onStop(() => serviceAddresses.close());
  const server = createApiServer({
    store,
    kinds: BUILT_IN_KINDS,
    clock,
    ids,
    log,
    version,
    metrics,
    authorizers: [nodeAuthorizer(nodeGraph), rbac],
    admission: [
      defaultStorageClass,
      claimResize,
      limitRanger,
      podPriority,
      podRuntimeClass,
      defaultTolerationSeconds,
      serviceAddresses,
      escalationCheck(rbac),
      nodeRestriction,
      accountAdmission({ clock, ids }),
      podSecurity({ clock, metrics }),
      quotaAdmission(quotas),
    ],
    accountTokens: tokens,
    authenticators: [tokenAuthenticator([{ token, user: ADMIN_USER }]), ...oidcAuthenticators(config, { clock, log })],
    audit,
  });
  onStop(() => server.close());
  const tokenSecrets = new TokenSecrets({ store, client: server.clientFor(SYSTEM_USER), tokens, caPem, log });
  onStop(() => tokenSecrets.close());
  return server;
}

function consoleGateway({ directory, clock, ids, log, onStop }: Parts, { server, store }: StartedApi): ConsoleGateway {
  const rights = {
    mayList: (user: UserInfo, resource: Resource, namespace: string) =>
      server.mayDo({ type: 'resource', user, verb: 'list', resource, subresource: '', namespace, name: '' }),
    namespaceNames: () => store.list({ resource: 'namespaces' }).entries.map(({ key }) => key.name),
  };
  const gateway = createConsoleGateway({
    clientFor: (user) => server.clientFor(user),
    authenticateToken: async (bearerToken) => {
      try {
        return await server.authenticate({ bearerToken });
      } catch {
        // why: the gateway asks whether the token is known; the refusal itself is its answer
        return undefined;
      }
    },
    rightsOf: (user) => consoleRights(rights, user),
    distDir: path.join(import.meta.dirname, '..', '..', '..', 'dist', 'console'),
    sessionFile: sessionFile(directory.sessions, log),
    clock,
    ids,
    log,
  });
  onStop(() => gateway.close());
  return gateway;
}

interface StartedApi {
  readonly server: ApiServer;
  readonly store: Store;
}

interface Doors {
  readonly server: ApiServer;
  readonly gateway: ConsoleGateway;
  readonly pki: Pki;
}

/** Opens the one port, and writes the kubeconfig that names it. On loopback the console also answers plain HTTP there, so that a browser needs no exception for our CA. */
async function openPort(
  { config, directory }: Parts,
  { server, gateway, pki }: Doors,
): Promise<{ readonly port: number; readonly scheme: string }> {
  const isLoopback = LOOPBACK.has(config.listen);
  const { port } = await server.listen({
    host: config.listen,
    port: config.port,
    tls: { keyPem: pki.server.keyPem, certificatePem: pki.server.certificatePem, caPem: pki.caPem },
    fallback: (request, response) => gateway.handle(request, response),
    plain: isLoopback ? (request, response) => gateway.handle(request, response) : undefined,
    upgrade: (request, socket, head) => gateway.upgrade(request, socket, head),
  });
  writeKubeconfig(directory.kubeconfig, { server: `https://${displayHost(config.listen)}:${port}`, caPem: pki.caPem, identity: pki.admin });
  return { port, scheme: isLoopback ? 'http' : 'https' };
}

/** The address as it stands in a URL; an address that means all is shown as loopback. */
function displayHost(address: string): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1';
  return address.includes(':') ? `[${address}]` : address;
}
