import { hasCode } from '#kit/errors.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { ControllerServiceCapabilityRPCType } from '#protocols/csi/generated/messages.ts';

/** Asks each connected driver once what it can do. A new connection is asked anew; a failed question is asked again. */
export class DriverCapabilities<T> {
  readonly #ask: (driver: CsiClient, call: CallContext) => Promise<T>;
  readonly #known = new WeakMap<CsiClient, Promise<T>>();

  constructor(ask: (driver: CsiClient, call: CallContext) => Promise<T>) {
    this.#ask = ask;
  }

  /** @throws PlatformError what the driver answers */
  async of(driver: CsiClient, call: CallContext): Promise<T> {
    const known = this.#known.get(driver) ?? this.#ask(driver, call);
    this.#known.set(driver, known);
    try {
      return await known;
    } catch (thrown) {
      if (this.#known.get(driver) === known) this.#known.delete(driver);
      throw thrown;
    }
  }
}

/** What the controller service of `driver` can do; nothing where it has none. @throws PlatformError what the driver answers */
export async function askController(driver: CsiClient, call: CallContext): Promise<ReadonlySet<ControllerServiceCapabilityRPCType>> {
  const { capabilities = [] } = await orNothing(driver.controller.controllerGetCapabilities({}, call));
  return new Set(capabilities.flatMap(({ rpc }) => (rpc?.type === undefined ? [] : [rpc.type])));
}

/** The answer, or an empty one of a service that the socket does not serve. */
export async function orNothing<T extends object>(answer: Promise<T>): Promise<Partial<T>> {
  try {
    return await answer;
  } catch (thrown) {
    if (hasCode(thrown, 'Unimplemented')) return {};
    throw thrown;
  }
}
