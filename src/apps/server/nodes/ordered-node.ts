import { PlatformError } from '#kit/errors.ts';
import type { PackagedCode } from '../drivers/packaged-code.ts';
import type { FirstDrivers } from '../drivers/own-drivers.ts';
import type { ServedDrivers } from '../drivers/served-drivers.ts';
import type { NodeAnswer, NodeOrder, NodeOrders, WantedPlugins } from './node-orders.ts';

/** What orders are carried out with. */
export interface OrderTools {
  readonly served: Pick<ServedDrivers, 'ensure' | 'remove'>;
  /** What this node lacks for a module. */
  readonly preflight: (module: string, code?: PackagedCode) => Promise<readonly string[]>;
}

/** A further node as its platform orders it: the drivers of plugins come and go as it says. */
export class OrderedNode {
  readonly #orders: NodeOrders;
  readonly #answer: (answer: NodeAnswer) => void;
  #wanted: WantedPlugins = {};

  constructor(orders: NodeOrders, answer: (answer: NodeAnswer) => void) {
    this.#orders = orders;
    this.#answer = answer;
  }

  /** Aborts when the platform is gone. */
  get ended(): AbortSignal {
    return this.#orders.ended;
  }

  /** What is to be served from the start; its platform says so first of all. What of it does not start is told with the answer to the next order. @throws PlatformError `Canceled` when it is gone */
  async first(): Promise<FirstDrivers> {
    const { id, wanted = {} } = await this.#orders.next();
    this.#wanted = wanted;
    this.#answer({ id });
    return { wanted: new Map(Object.entries(wanted)), onFault: () => {} };
  }

  /** Carries orders out, one after the other, until there are no more. */
  async follow(tools: OrderTools): Promise<void> {
    while (!this.ended.aborted) {
      const order = await this.#orders.next().catch(() => undefined);
      if (order !== undefined) this.#answer(await this.#carryOut(order, tools));
    }
  }

  async #carryOut({ id, wanted, preflight, code = {} }: NodeOrder, { served, ...tools }: OrderTools): Promise<NodeAnswer> {
    if (preflight !== undefined)
      return { id, lacks: await tools.preflight(preflight, code[preflight]).catch((thrown: unknown) => [wordsOf(thrown)]) };
    if (wanted === undefined) return { id };
    const faults: Record<string, string> = {};
    const note = (module: string, work: Promise<void>): Promise<void> =>
      work.catch((thrown: unknown) => {
        faults[module] = wordsOf(thrown);
      });
    const gone = Object.keys(this.#wanted).filter((module) => !Object.hasOwn(wanted, module));
    this.#wanted = wanted;
    for (const module of gone) await note(module, served.remove(module));
    for (const [module, settings] of Object.entries(wanted)) await note(module, served.ensure(module, settings, code[module]));
    return { id, faults };
  }
}

function wordsOf(thrown: unknown): string {
  return PlatformError.from(thrown).message;
}
