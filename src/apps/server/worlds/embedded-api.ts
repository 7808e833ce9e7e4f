import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { BUILT_IN_KINDS } from '#api/kinds/built-in.ts';
import { configMaps } from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import { tokenAuthenticator } from '#machinery/apiserver/access/authentication.ts';
import { nodeAuthorizer } from '#machinery/apiserver/access/nodes/node-authorizer.ts';
import { NodeGraph } from '#machinery/apiserver/access/nodes/node-graph.ts';
import { RbacAuthorizer } from '#machinery/apiserver/access/rbac/rbac-authorizer.ts';
import { AccountTokens } from '#machinery/apiserver/access/service-accounts/account-tokens.ts';
import { TokenSecrets } from '#machinery/apiserver/access/service-accounts/token-secrets.ts';
import { ensureSigningKey } from '#machinery/apiserver/access/service-accounts/signing-key.ts';
import type { Attributes } from '#machinery/apiserver/contract/authorizer.ts';
import { isAuthenticated, STARTING_USER, type UserInfo } from '#machinery/apiserver/contract/user.ts';
import { ServiceAddresses } from '#machinery/apiserver/admission/service-addresses.ts';
import { type ApiServer, createApiServer } from '#machinery/apiserver/api-server.ts';
import { ensurePki, type Pki } from '#machinery/apiserver/pki/pki.ts';
import { writeKubeconfig } from '#machinery/apiserver/pki/write-kubeconfig.ts';
import type { Client } from '#machinery/client/client.ts';
import { createInformer } from '#machinery/client/informer.ts';
import { claimBlocks } from '#node/network/claim-block.ts';
import type { Resource } from '#api/meta/resource.ts';
import { DESCRIPTIONS } from '#controllers/stowage/capabilities/descriptions.ts';
import type { ClaimStatuses } from '#controllers/stowage/explain/claim-statuses.ts';
import { type Explainer, listingExplainer, type PlatformExplainer } from '#controllers/stowage/explain/explain.ts';
import { openStore } from '#machinery/store/open-store.ts';
import { SqliteEngine } from '#machinery/store/sqlite-engine.ts';
import type { Store } from '#machinery/store/store.ts';
import { ensureAdminToken } from '../admin-token.ts';
import { Doors } from '../api-port.ts';
import { openAuditLog } from '../audit-log.ts';
import { formatSettings } from '../config.ts';
import { type ConsoleGateway, createConsoleGateway } from '../console/gateway.ts';
import { consoleRights } from '../console/rights.ts';
import { sessionFile } from '../console/session-file.ts';
import { removeEmptyRuntime } from '../data-directory.ts';
import type { KnownDrivers } from '../console/capability-feed.ts';
import { driversOf } from '../modules/drivers-of.ts';
import type { oidcAuthenticators } from '../oidc.ts';
import { explainedKinds } from '../modules/manifest.ts';
import { NODE_NAME } from '../nodes/node-names.ts';
import { furtherNodeNames } from '../nodes/node-names.ts';
import { ownMemoryLimits, storeBudget, storeLimits } from '../store-budget.ts';
import { ADMIN_USER, displayHost, LOOPBACK, type Parts, SYSTEM_USER } from '../parts.ts';
import { ensureFirstObjects } from './first-objects.ts';
import { ownAdmission } from './own-admission.ts';
import { QuotaLedgers } from './quota-ledgers.ts';

/** The API behind its open port. */
export interface OpenApi {
  readonly server: ApiServer;
  readonly gateway: ConsoleGateway;
  /** Who answers the console's questions from now on. */
  readonly setExplainer: (explainer: PlatformExplainer) => void;
  readonly client: Client;
  readonly pki: Pki;
  /** Addresses of the nodes' own ends of their pods' networks. */
  readonly gateways: readonly string[];
  readonly quotas: QuotaLedgers;
  /** What the store has no room for, with the remedy. */
  readonly limits: readonly string[];
  readonly port: number;
  readonly scheme: string;
  /** What modules serve at the port, beside the API. */
  readonly doors: Doors;
}

/** Opens the store, starts the API and the console, makes the first objects, and opens the port. */
export async function openApi(parts: Parts): Promise<OpenApi> {
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
  const quotas = new QuotaLedgers({ ...parts, store });
  onStop(() => quotas.close());
  const server = await startApi(parts, store, { quotas, caPem: pki.caPem });
  // why lists at first: what is asked while the platform starts finds informers that do not hold everything yet
  let explainer: Explainer = listingExplainer;
  const started = Promise.withResolvers<PlatformExplainer>();
  const gateway = consoleGateway(parts, {
    server,
    store,
    explainer: () => explainer,
    statuses: started.promise.then(({ statuses }) => statuses),
  });
  const client = server.clientFor(SYSTEM_USER, { isPatient: true });
  const doors = new Doors();
  onStep('making the first objects');
  const limits = await ensureFirstObjects(server.clientFor(STARTING_USER), {
    ...parts,
    settings: { nodeCount: config.nodes, config },
  }).then(
    () => [],
    (thrown: unknown) => whatIsMissing(thrown, log),
  );
  // why before anything acts: a port that can't be had ends the start, and pods that start know where the API is
  return {
    server,
    gateway,
    setExplainer: (ready) => {
      explainer = ready;
      started.resolve(ready);
    },
    client,
    pki,
    gateways,
    quotas,
    limits,
    doors,
    ...(await openPort(parts, { server, gateway, pki, doors })),
  };
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

/** Certificates of all parts; the server's is good for the addresses at which pods call it too. */
async function preparePki({ config, directory, clock, ids, exec, log }: Parts): Promise<Pick<OpenApi, 'pki' | 'gateways'>> {
  const nodeNames = furtherNodeNames(config.nodes);
  const nodeDirs = [NODE_NAME, ...nodeNames].map((name) => path.join(directory.nodes, name));
  const gateways = await claimBlocks({ range: config.podCidr, nodeDirs, exec, log });
  const pki = await ensurePki({ dir: directory.pki, clock, ids, hosts: [hostname(), config.listen, ...gateways], nodeNames });
  return { pki, gateways };
}

/** What it takes to check tokens of an OpenID provider is read where the flags name one. */
async function signOn(config: Parts['config'], means: Pick<Parts, 'clock' | 'log'>): Promise<ReturnType<typeof oidcAuthenticators>> {
  if (config.oidcIssuerUrl === undefined) return [];
  const oidc = await import('../oidc.ts');
  return oidc.oidcAuthenticators(config, means);
}

interface ApiParts {
  readonly quotas: QuotaLedgers;
  readonly caPem: string;
}

async function startApi(
  { config, metrics, directory, modules, atWork, clock, ids, log, version, onStop }: Parts,
  store: Store,
  { quotas, caPem }: ApiParts,
): Promise<ApiServer> {
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
  // why later: the server is made with what looks at its writes
  const mayDo = (attributes: Attributes): boolean => server.mayDo(attributes);
  const server: ApiServer = createApiServer({
    store,
    kinds: BUILT_IN_KINDS,
    clock,
    ids,
    log,
    version,
    metrics,
    authorizers: [nodeAuthorizer(nodeGraph), rbac],
    admission: ownAdmission({ modules, atWork, rbac, serviceAddresses, quotas, clock, ids, metrics, mayDo }),
    accountTokens: tokens,
    authenticators: [tokenAuthenticator([{ token, user: ADMIN_USER }]), ...(await signOn(config, { clock, log }))],
    audit,
  });
  onStop(() => server.close());
  const tokenSecrets = new TokenSecrets({ store, client: server.clientFor(SYSTEM_USER), tokens, caPem, log });
  onStop(() => tokenSecrets.close());
  return server;
}

function consoleGateway(parts: Parts, { server, store, explainer, statuses }: StartedApi): ConsoleGateway {
  const { modules, directory, clock, ids, log, onStop } = parts;
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
    userOf: async (request) => {
      const user = await server.userOf(request);
      return isAuthenticated(user) ? user : undefined;
    },
    explainer,
    explainedKinds: explainedKinds(modules),
    statuses,
    knownDrivers: knownDrivers(parts, server),
    rightsOf: (user) => consoleRights(rights, user),
    distDir: path.join(import.meta.dirname, '..', '..', '..', '..', 'dist', 'console'),
    sessionFile: sessionFile(directory.sessions, log),
    clock,
    ids,
    log,
  });
  onStop(() => gateway.close());
  return gateway;
}

/** What the modules' drivers say of themselves, and what ConfigMaps say of others. */
function knownDrivers({ modules, atWork, clock, log, onStop }: Parts, server: ApiServer): KnownDrivers {
  const { namespace, label, type } = DESCRIPTIONS;
  const client = server.clientFor(SYSTEM_USER);
  const informer = createInformer({ client, clock, log, resource: configMaps, namespace, labelSelector: `${label}=${type}` });
  onStop(() => informer.stop());
  void informer.start();
  return {
    own: () => driversOf(modules, atWork),
    descriptions: () => [...informer.all()],
    onChange: (listener) => informer.subscribe({ onUpsert: listener, onDelete: listener }),
  };
}

interface StartedApi {
  readonly server: ApiServer;
  readonly store: Store;
  readonly explainer: () => Explainer;
  readonly statuses: Promise<ClaimStatuses>;
}

interface Behind {
  readonly server: ApiServer;
  readonly gateway: ConsoleGateway;
  readonly pki: Pki;
  readonly doors: Doors;
}

/** Opens the one port, and writes the kubeconfig that names it. On loopback the console also answers plain HTTP there, so that a browser needs no exception for our CA. */
async function openPort(
  { config, directory }: Parts,
  { server, gateway, pki, doors }: Behind,
): Promise<{ readonly port: number; readonly scheme: string }> {
  const isLoopback = LOOPBACK.has(config.listen);
  const { port } = await server.listen({
    host: config.listen,
    port: config.port,
    tls: { keyPem: pki.server.keyPem, certificatePem: pki.server.certificatePem, caPem: pki.caPem },
    fallback: (request, response) => {
      if (!doors.answer(request, response)) gateway.handle(request, response);
    },
    plain: isLoopback ? (request, response) => gateway.handle(request, response) : undefined,
    upgrade: (request, socket, head) => gateway.upgrade(request, socket, head),
  });
  writeKubeconfig(directory.kubeconfig, { server: `https://${displayHost(config.listen)}:${port}`, caPem: pki.caPem, identity: pki.admin });
  return { port, scheme: isLoopback ? 'http' : 'https' };
}
