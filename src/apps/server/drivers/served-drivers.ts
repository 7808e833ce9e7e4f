import type { PluginSettings } from '#api/plugins/plugin-settings.ts';
import type { DriverSocket, DriverTable } from './driver-table.ts';
import type { OwnDriver, OwnDrivers } from './own-drivers.ts';
import type { PackagedCode } from './packaged-code.ts';

/** What the drivers of one process are served with. */
export interface ServedDriversOptions {
  readonly own: OwnDrivers;
  readonly table: DriverTable;
  /** How a driver is reached from this process. */
  readonly socketsOf: (driver: OwnDriver) => readonly DriverSocket[];
  /** The node of this process says which drivers it has. */
  readonly report: () => Promise<void>;
}

/** Stowage's own drivers as controllers and the node of one process reach them; those of plugins come and go. */
export class ServedDrivers {
  readonly #options: ServedDriversOptions;
  readonly #served = new Map<string, { readonly driver: OwnDriver; readonly sockets: readonly DriverSocket[] }>();

  /** Those that are there are served at once. */
  constructor(options: ServedDriversOptions) {
    this.#options = options;
    for (const driver of options.own.all) this.#connect(driver);
  }

  /** Starts the driver of a module and serves it, or gives other settings to one that is there. @throws what the driver throws */
  async ensure(module: string, settings: PluginSettings, code?: PackagedCode): Promise<void> {
    const driver = await this.#options.own.ensure(module, settings, code);
    const served = this.#served.get(module);
    if (served?.driver === driver) return;
    this.#disconnect(module);
    this.#connect(driver);
    await this.#options.report();
  }

  /** Nobody asks the driver of a module any more, then it is stopped. */
  async remove(module: string): Promise<void> {
    const { own, report } = this.#options;
    if (this.#disconnect(module)) await report();
    await own.remove(module);
  }

  #disconnect(module: string): boolean {
    const served = this.#served.get(module);
    if (served === undefined) return false;
    const { driver, sockets } = served;
    for (const { client } of sockets) this.#options.table.remove(driver.factory.driverName, client);
    return this.#served.delete(module);
  }

  #connect(driver: OwnDriver): void {
    const { table, socketsOf } = this.#options;
    const { driverName } = driver.factory;
    const sockets = socketsOf(driver);
    for (const socket of sockets) table.add(driverName, socket);
    this.#served.set(driver.module, { driver, sockets });
    driver.node.onChange(() => table.announce(driverName));
  }
}
