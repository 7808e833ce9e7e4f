import type { PodStreamSource } from '#api/pod-streams.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import type { PlatformError } from '#kit/errors.ts';
import type { ApiServer } from '#machinery/apiserver/api-server.ts';
import type { Client } from '#machinery/client/client.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { RemotePods } from '#node/remote/remote-pods.ts';
import { connectCsi, type CsiClient } from '#protocols/csi/client.ts';
import { apiPort } from '../api-port.ts';
import type { ServerConfig } from '../config.ts';
import { ownDriverObjects } from '../drivers/driver-objects.ts';
import { driverPlace } from '../drivers/driver-places.ts';
import { DriverCalls } from '../drivers/driver-calls.ts';
import { DriverRegistrar } from '../drivers/driver-registrar.ts';
import { type DriverSocket, DriverTable } from '../drivers/driver-table.ts';
import { type OwnDriver, OwnDrivers } from '../drivers/own-drivers.ts';
import { AllNodes } from '../drivers/plugin-nodes.ts';
import { preflightOf } from '../drivers/preflight.ts';
import { ServedDrivers } from '../drivers/served-drivers.ts';
import type { Plugin } from '#controllers/stowage/plugins/plugin.ts';
import type { OwnApi } from '../modules/module.ts';
import { type NodeOptions, type RunningNode, startNode } from '../node.ts';
import { startFurtherNodes } from '../nodes/further-nodes.ts';
import { FILL_PROGRAM } from '../fill-program.ts';
import { NODE_NAME } from '../nodes/node-names.ts';
import { nodePlaces } from '../nodes/node-places.ts';
import { type PodsOfNode, podsOfNodes } from '../nodes/pods-of-nodes.ts';
import { ADMIN_USER, displayHost, LOOPBACK, type Parts, SYSTEM_USER } from '../parts.ts';
import { addressForClients } from './client-address.ts';
import { type OpenApi, openApi } from './embedded-api.ts';
import type { World } from './world.ts';

/** A world of Stowage's own: its API, its console, and a node that runs pods, all in this process. */
export interface EmbeddedWorld extends World {
  readonly consoleUrl: string;
  /** Works once, within the gateway's time. */
  readonly signInUrl: string;
  /** What this machine can't do, each with the remedy. */
  readonly limits: readonly string[];
  /** Starts the processes of further nodes; answers what of them did not come up. */
  startFurtherNodes(): Promise<readonly string[]>;
}

/** Opens the API, then starts the drivers of this node and the node itself. */
export async function startEmbedded(parts: Parts): Promise<EmbeddedWorld> {
  const { config, onStop, onStep, clock, log } = parts;
  const opened = await openApi(parts);
  const { server, gateway, client, pki, port, scheme } = opened;
  onStep('opening the pool of volumes');
  const own = await startOwnDrivers(parts, client);
  onStop((pods) => own.stop(pods === 'pause'));
  const informers = new InformerFactory({ client, clock, log });
  onStop(() => informers.stop());
  const others = [...pki.nodes.keys()];
  const { drivers, served } = tableOfDrivers(parts, { own, others, report: (signal) => node.refreshDrivers(signal) });
  const nodes = nodesOfPlugins(parts, { own, served, drivers });
  onStep('starting the node');
  const node = await startOwnNode(parts, { opened, own, informers, drivers });
  const pods = reachPods(parts, server, { node, others });
  onStop((pods) => node.stop(pods));
  await followDrivers(parts, { client: informers.client, table: drivers, node, others, own });
  const host = displayHost(config.listen);
  return {
    client,
    informers,
    drivers,
    api: await ownApi(config, opened),
    nodes,
    pods,
    giveWay: server.giveWay,
    setExplainer: opened.setExplainer,
    // why at once: whoever has the store has the data directory, and nobody else acts on it
    lead: () => Promise.resolve(),
    modulesAtWork: (all) => all,
    consoleUrl: `${scheme}://${host}:${port}/console/`,
    signInUrl: `${scheme}://${host}:${port}${gateway.makeSignInLink(ADMIN_USER)}`,
    limits: [...opened.limits, ...node.limits],
    startFurtherNodes: async () => {
      const onReady = (): void => own.all.forEach(({ factory }) => drivers.announce(factory.driverName));
      const further = await startFurtherNodes({ ...parts, pki, client, apiUrl: `https://${host}:${port}`, onReady, plugins: nodes });
      onStop(() => further.stop());
      return further.limits;
    },
  };
}

async function ownApi({ listen }: ServerConfig, { server, pki, gateways, quotas, port, doors }: OpenApi): Promise<OwnApi> {
  return {
    rootCaPem: pki.caPem,
    endpoints: { addresses: LOOPBACK.has(listen) ? gateways : [displayHost(listen)], port },
    servedResources: () => server.resources(),
    quotaUsage: (resource) => quotas.of(resource),
    port: apiPort(doors, server, await addressForClients({ listen, port, gateways })),
  };
}

function startOwnDrivers(parts: Parts, client: Client): Promise<OwnDrivers> {
  const { atWork, log } = parts;
  const onFault = (module: string, err: PlatformError): void => {
    log.error('the driver of a plugin does not start', { name: module, err });
    // why: the plugin is brought anew by its controller, which says in its ModuleInfo what is wrong
    atWork.remove(module);
    atWork.holdRules(module);
  };
  return OwnDrivers.start({ ...parts, nodeName: NODE_NAME, nodeCount: parts.config.nodes, client }, { wanted: atWork.drivers(), onFault });
}

interface PluginParts {
  readonly own: OwnDrivers;
  readonly served: ServedDrivers;
  readonly drivers: DriverTable;
}

function nodesOfPlugins({ modules, atWork, exec, log }: Parts, { own, served, drivers }: PluginParts): AllNodes {
  const preflight = preflightOf(modules, { exec });
  return new AllNodes({
    first: atWork.drivers(),
    own: {
      ensure: (module, settings, code) => served.ensure(module, settings, code),
      remove: (module) => served.remove(module),
      preflight: async (plugin, code) => [...foreignDriver(plugin, { own, drivers }), ...(await preflight(plugin.module, code))],
    },
    ownName: NODE_NAME,
    log,
  });
}

/** Somebody else's driver of the name that a plugin brings. */
function foreignDriver(
  { module, driverName }: Pick<Plugin, 'module' | 'driverName'>,
  { own, drivers }: Omit<PluginParts, 'served'>,
): readonly string[] {
  if (driverName === undefined || own.find(module) !== undefined || drivers.find(driverName) === undefined) return [];
  return [`a driver of another vendor is connected as ${driverName}: take it away first (stowage driver list shows it)`];
}

interface NodeParts {
  readonly opened: OpenApi;
  readonly own: OwnDrivers;
  readonly informers: InformerFactory;
  readonly drivers: DriverTable;
}

function startOwnNode(parts: Parts, { opened: { server, port }, own, informers, drivers }: NodeParts): Promise<RunningNode> {
  return startNode({
    ...parts,
    client: informers.client,
    claims: informers.for(persistentVolumeClaims),
    podTokens: server.podTokensFor(SYSTEM_USER),
    apiAddress: () => ({ host: displayHost(parts.config.listen), port }),
    drivers: drivers.onNode,
    name: NODE_NAME,
    ownDrivers: own,
    ...nodeSettingsOf(parts.config),
  });
}

function nodeSettingsOf(config: ServerConfig): Pick<NodeOptions, 'imageSettings' | 'leaseDurationSec' | 'podPidsLimit' | 'evictionHard'> {
  const { insecureRegistries, imageFallback, imageGcHigh, imageGcLow, nodeGrace, podPidsLimit, evictionHard } = config;
  return {
    imageSettings: {
      insecureRegistries,
      fallback: imageFallback,
      program: FILL_PROGRAM,
      collection: { highPercent: imageGcHigh, lowPercent: imageGcLow },
    },
    leaseDurationSec: nodeGrace,
    podPidsLimit,
    evictionHard,
  };
}

/** Logs, exec, attach and port-forward of all nodes' pods. */
function reachPods(
  { directory, clock }: Parts,
  server: ApiServer,
  { node, others }: { readonly node: PodsOfNode; readonly others: readonly string[] },
): PodStreamSource {
  const nodes = new Map([[NODE_NAME, node]]);
  for (const nodeName of others) {
    const pods = new RemotePods({ nodeName, socketPath: nodePlaces(directory, nodeName).podsSocket, clock });
    nodes.set(nodeName, { logs: pods, streams: pods });
  }
  const { logs, streams } = podsOfNodes(nodes);
  server.setPodLogs(logs);
  server.setPodStreams(streams);
  return streams;
}

/** Stowage's own drivers: controllers reach those of all nodes, the node of this process its own. */
function tableOfDrivers(
  { clock, metrics, onStop }: Parts,
  {
    own,
    others,
    report,
  }: { readonly own: OwnDrivers; readonly others: readonly string[]; readonly report: (signal: AbortSignal) => Promise<void> },
): { readonly drivers: DriverTable; readonly served: ServedDrivers } {
  const drivers = new DriverTable(new DriverCalls({ metrics, clock }));
  const stopping = new AbortController();
  onStop(() => {
    stopping.abort();
    drivers.close();
  });
  const socketsOf = (driver: OwnDriver): readonly DriverSocket[] => [
    { client: ofAllNodes(driver, others, clock), servesController: true, servesNode: false, rank: 0 },
    { client: driver.node.client, servesController: false, servesNode: true, rank: 1 },
  ];
  return { drivers, served: new ServedDrivers({ own, table: drivers, socketsOf, report: () => report(stopping.signal) }) };
}

function ofAllNodes(driver: OwnDriver, others: readonly string[], clock: Parts['clock']): CsiClient {
  const first = driver.node.client;
  if (others.length === 0) return first;
  const further = others.map((nodeName) => ({ nodeName, client: connectCsi({ socketPath: driver.socketOn(nodeName) }) }));
  return driver.factory.join([{ nodeName: NODE_NAME, client: first }, ...further], clock);
}

interface DriverParts {
  readonly client: Client;
  readonly table: DriverTable;
  readonly node: RunningNode;
  readonly others: readonly string[];
  readonly own: OwnDrivers;
}

/** Drivers of other vendors come and go while the platform runs. */
async function followDrivers(
  { config, directory, clock, log, onStop }: Parts,
  { client, table, node, others, own }: DriverParts,
): Promise<void> {
  const registrar = new DriverRegistrar({
    table,
    objects: ownDriverObjects(client),
    clock,
    log: log.with({ component: 'drivers' }),
    own: driverPlace(directory, config, NODE_NAME),
    others: others.map((name) => driverPlace(directory, config, name)),
    reserved: () => own.names,
    onChange: (signal) => node.refreshDrivers(signal),
  });
  onStop(() => registrar.stop());
  await registrar.start();
}
