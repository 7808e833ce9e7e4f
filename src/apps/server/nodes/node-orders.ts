import type { Readable } from 'node:stream';
import type { PluginSettings } from '#api/plugins/plugin-settings.ts';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import { type PackagedCode, parseCode } from '../drivers/packaged-code.ts';

/** The plugins whose drivers a node is to serve: their settings, by module. */
export type WantedPlugins = Readonly<Record<string, PluginSettings>>;

/** What a platform asks of the process of a further node; one line of JSON on its standard input. */
export interface NodeOrder {
  /** The answer has the same. */
  readonly id: number;
  /** What is to be served from now on. */
  readonly wanted?: WantedPlugins;
  /** The module that is asked what the node lacks for it. */
  readonly preflight?: string;
  /** By module, what is run for it that the node does not have itself. */
  readonly code?: Readonly<Record<string, PackagedCode>>;
}

/** What the process says to it; one line of JSON on its standard output. */
export interface NodeAnswer {
  readonly id: number;
  /** By module, why its driver is not served. */
  readonly faults?: Readonly<Record<string, string>>;
  /** What the node lacks, a sentence with the remedy each. */
  readonly lacks?: readonly string[];
}

/** The line as an answer; undefined where it is something else that the process says. */
export function parseAnswer(line: string): NodeAnswer | undefined {
  const value = parseLine(line);
  if (value === undefined) return undefined;
  const { id, faults, lacks } = value;
  return {
    id,
    ...(isRecord(faults) ? { faults: Object.fromEntries(Object.entries(faults).map(([module, fault]) => [module, String(fault)])) } : {}),
    ...(Array.isArray(lacks) ? { lacks: lacks.map(String) } : {}),
  };
}

function parseOrder(line: string): NodeOrder | undefined {
  const value = parseLine(line);
  if (value === undefined) return undefined;
  const { id, wanted, preflight, code } = value;
  return {
    id,
    ...(isRecord(wanted) ? { wanted: wantedIn(wanted) } : {}),
    ...(isRecord(code) ? { code: codeIn(code) } : {}),
    ...(typeof preflight === 'string' ? { preflight } : {}),
  };
}

function wantedIn(value: Readonly<Record<string, unknown>>): WantedPlugins {
  return Object.fromEntries(Object.entries(value).map(([module, settings]) => [module, isRecord(settings) ? settings : {}]));
}

function codeIn(value: Readonly<Record<string, unknown>>): NonNullable<NodeOrder['code']> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([module, text]) => {
      const code = parseCode(text);
      return code === undefined ? [] : [[module, code]];
    }),
  );
}

function parseLine(line: string): (Readonly<Record<string, unknown>> & { readonly id: number }) | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) && typeof value['id'] === 'number' ? { ...value, id: value['id'] } : undefined;
  } catch {
    return undefined;
  }
}

/** The orders that come to this process, one after the other. */
export class NodeOrders {
  readonly #end = new AbortController();
  readonly #waiting: NodeOrder[] = [];
  #wake: () => void = () => {};
  #rest = '';

  constructor(input: Readable) {
    const end = (): void => {
      this.#end.abort();
      this.#wake();
    };
    input.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    input.once('end', end).once('error', end).once('close', end);
  }

  /** Aborts when nobody gives orders any more. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  /** The next one. @throws PlatformError `Canceled` when there are no more */
  async next(): Promise<NodeOrder> {
    for (;;) {
      const order = this.#waiting.shift();
      if (order !== undefined) return order;
      if (this.ended.aborted)
        throw new PlatformError({ code: 'Canceled', reason: 'Canceled', message: 'the platform of this node is gone' });
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #read(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const order = parseOrder(line);
      if (order !== undefined) this.#waiting.push(order);
    }
    this.#wake();
  }
}
