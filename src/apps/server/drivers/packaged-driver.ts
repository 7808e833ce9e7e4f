import { PackageRefused } from '#controllers/stowage/plugins/packages/package-refused.ts';
import { connectCsi } from '#protocols/csi/client.ts';
import type { DriverFactory, NodeDriver, NodeDriverOptions } from '../modules/module.ts';
import { loadCode, type PackagedDriver } from '../modules/plugins/load-code.ts';
import type { PackagedCode } from './packaged-code.ts';

/** How long a driver may take to say its name, in milliseconds. */
const NAME_TIMEOUT_MS = 10_000;

/** The driver that code of a package brings. @throws PackageRefused where it brings none */
export async function packagedDriver(code: PackagedCode): Promise<DriverFactory> {
  const { driverName = '', packageName } = code;
  const { driver } = await loadCode(code);
  if (driver === undefined) return wrong(packageName, `driver: plugin.yaml names ${driverName}, and load answers none`);
  return {
    driverName,
    // why nothing: what its volumes can do it says in a ConfigMap among its objects, as every vendor does
    describe: () => ({}),
    start: (options) => startPackaged(driver, options, code),
    // why the first alone: which of its nodes has what, only it could know
    join: ([first, ...others]) => {
      for (const { client } of others) client.close();
      return first.client;
    },
  };
}

async function startPackaged(
  driver: PackagedDriver,
  { socketPath, poolDir: workDir, nodeName, settings: first = {}, exec, log }: NodeDriverOptions,
  { packageName, driverName }: PackagedCode,
): Promise<NodeDriver> {
  const means = { socketPath, workDir, nodeName, exec, log };
  let work = await driver.start({ ...means, settings: first });
  const client = connectCsi({ socketPath });
  const stop = async (isReleasing: boolean): Promise<void> => {
    client.close();
    await work.stop(isReleasing);
  };
  const { name } = await client.identity.getPluginInfo({}, { timeoutMs: NAME_TIMEOUT_MS }).catch(async (thrown: unknown) => {
    await stop(true);
    throw thrown;
  });
  if (name !== driverName) {
    await stop(true);
    return wrong(packageName, `driver: plugin.yaml names ${driverName}, and the driver calls itself ${JSON.stringify(name)}`);
  }
  return {
    client,
    problem: () => undefined,
    onChange: () => {},
    async configure(settings) {
      if (work.configure !== undefined) return work.configure(settings);
      await work.stop(false);
      work = await driver.start({ ...means, settings });
    },
    stop,
  };
}

function wrong(packageName: string, fault: string): never {
  throw new PackageRefused({ reason: 'PluginPackageInvalid', message: `code/plugin.mjs of the package ${packageName}: ${fault}` });
}
