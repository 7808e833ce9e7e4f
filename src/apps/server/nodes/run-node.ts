import { FILL_PROGRAM } from '../fill-program.ts';
import { SystemClock } from '#kit/clock.ts';
import { SystemExec } from '#kit/exec.ts';
import { SystemIds } from '#kit/ids.ts';
import { createLogger } from '#kit/log.ts';
import { createHttpClient } from '#machinery/client/http-client.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { servePods } from '#node/remote/serve-pods.ts';
import { ensureDataDirectory } from '../data-directory.ts';
import { awaitedDriverObjects } from '../drivers/driver-objects.ts';
import { driverPlace } from '../drivers/driver-places.ts';
import { DriverCalls } from '../drivers/driver-calls.ts';
import { DriverRegistrar } from '../drivers/driver-registrar.ts';
import { DriverTable } from '../drivers/driver-table.ts';
import { OwnDrivers } from '../drivers/own-drivers.ts';
import { preflightOf } from '../drivers/preflight.ts';
import { ServedDrivers } from '../drivers/served-drivers.ts';
import { loadModules } from '../modules/manifest.ts';
import { MODULES } from '../modules/modules.ts';
import { startNode } from '../node.ts';
import { processMetrics } from '../process-metrics.ts';
import { type PodsAtStop, StopSteps } from '../stop-steps.ts';
import { nodePlaces } from './node-places.ts';
import type { NodeConfig } from './node-settings.ts';
import type { OrderedNode } from './ordered-node.ts';
import { becomeOnlyProcess } from './only-process.ts';

/** A further node at work in this process. */
export interface FurtherNode {
  stop(pods: PodsAtStop): Promise<void>;
}

/** Who starts it, and who gives it orders. */
export interface RunNodeOptions {
  readonly version: string;
  readonly orders: OrderedNode;
}

const MIB = 1024 * 1024;

/**
 * Runs a further node of a platform that is another process: its driver, and its agent, which reaches the API as any kubelet does.
 * @throws when a part can't start; what had started is stopped again
 */
export async function runNode(config: NodeConfig, { version, orders }: RunNodeOptions): Promise<FurtherNode> {
  const steps = new StopSteps();
  try {
    await startParts(config, { version, orders, steps });
  } catch (error) {
    // why the first failure: it says what is wrong, those of stopping follow from it
    await steps.run('keep').catch(() => {});
    throw error;
  }
  return { stop: (pods) => steps.run(pods) };
}

async function startParts(config: NodeConfig, { version, orders, steps }: RunNodeOptions & { readonly steps: StopSteps }): Promise<void> {
  const { name } = config;
  const directory = ensureDataDirectory(config.dataDir);
  const places = nodePlaces(directory, name);
  const base = toolsOf(config, { version, logFile: places.log });
  const markers = [`--name=${name}`, `--data-dir=${config.dataDir}`];
  steps.add(await becomeOnlyProcess({ file: places.pid, markers, clock: base.clock }));
  const cluster = await loadKubeconfig(places.kubeconfig);
  const client = createHttpClient({ config: cluster, clock: base.clock, userAgent: `stowage-node/${version}` });
  steps.add(() => client.close());
  const modules = await loadModules(MODULES);
  const first = await orders.first();
  const metrics = processMetrics(version);
  const own = await OwnDrivers.start({ ...base, metrics, modules, directory, nodeName: name, nodeCount: config.nodes, config }, first);
  steps.add((pods) => own.stop(pods === 'pause'));
  const drivers = new DriverTable(new DriverCalls({ metrics, clock: base.clock }));
  steps.add(() => drivers.close());
  const served = new ServedDrivers({
    own,
    table: drivers,
    socketsOf: ({ node: { client: driver } }) => [{ client: driver, servesController: true, servesNode: true, rank: 0 }],
    report: () => node.refreshDrivers(orders.ended),
  });
  const node = await startNode({
    ...base,
    name,
    directory,
    ownDrivers: own,
    client,
    claims: undefined,
    leaseDurationSec: config.nodeGrace,
    podPidsLimit: config.podPidsLimit,
    evictionHard: config.evictionHard,
    metrics,
    imageSettings: {
      insecureRegistries: config.insecureRegistries,
      fallback: config.imageFallback,
      program: FILL_PROGRAM,
      collection: { highPercent: config.imageGcHigh, lowPercent: config.imageGcLow },
    },
    drivers: drivers.onNode,
    podTokens: client,
    apiAddress: () => ({ host: cluster.server.hostname, port: Number(cluster.server.port) }),
  });
  steps.add((pods) => node.stop(pods));
  const registrar = new DriverRegistrar({
    ...base,
    table: drivers,
    objects: awaitedDriverObjects(client, base.clock),
    own: driverPlace(directory, config, name),
    others: [],
    reserved: () => own.names,
    onChange: (signal) => node.refreshDrivers(signal),
  });
  steps.add(() => registrar.stop());
  await registrar.start();
  const server = await servePods(node, { ...base, socketPath: places.podsSocket });
  steps.add(() => server.close());
  void orders.follow({ served, preflight: preflightOf(modules, base) });
}

function toolsOf(config: NodeConfig, { version, logFile }: { readonly version: string; readonly logFile: string }) {
  const rotation = { maxSizeBytes: config.logMaxSize * MIB, maxBackups: config.logMaxBackup };
  return {
    exec: new SystemExec(),
    clock: new SystemClock(),
    ids: new SystemIds(),
    version,
    log: createLogger({ level: config.logLevel, path: logFile, rotation }),
  };
}
