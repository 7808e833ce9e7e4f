import { sleep, type Timer } from '#kit/clock.ts';
import type { ErrorCode } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { ControllerService, GroupControllerService, IdentityService, NodeService } from '#protocols/csi/generated/messages.ts';
import { CsiCallFailed } from '#protocols/csi/grpc-status.ts';
import { serviceDefinition } from '#protocols/csi/service-definitions.ts';
import { UnimplementedSnapshotMetadata } from '#protocols/csi/unimplemented.ts';
import type { SimClock } from './sim-clock.ts';
import type { SimProcess } from './sim-process.ts';
import type { Fate } from './step.ts';

/** What a driver's process serves. */
export interface SimServices {
  readonly identity: IdentityService;
  readonly controller: ControllerService;
  readonly groupController: GroupControllerService;
  readonly node: NodeService;
}

/** Who is told of calls. */
export interface EndpointListener {
  /** What becomes of this call; undefined where nothing is in its way. */
  fateOf(endpoint: string, method: string): Fate | undefined;
  /** A call waits until the process goes on. */
  onHalted(): void;
  /** The request takes the driver so long. */
  setLate(request: object, ms: number): void;
  /** A call ended at the driver. */
  onCall(endpoint: string, call: { readonly method: string; readonly request: unknown; readonly outcome: string }): void;
  /** The driver's process is about to act, or has acted; never resolves where the process dies of it. */
  pass(process: SimProcess, moment: 'before' | 'after'): Promise<void>;
}

type Service = Readonly<Record<string, (request: object, call: CallContext) => Promise<unknown>>>;

/** A driver's socket: what is behind it comes and goes. */
export class SimEndpoint {
  readonly name: string;
  readonly #clock: SimClock;
  readonly #listener: EndpointListener;
  #serving: Serving | undefined;
  /** While its process is halted: it hears calls, does nothing, and takes them up in their order when it goes on. */
  #halt: { readonly end: Promise<void>; readonly resume: () => void; timer: Timer } | undefined;

  constructor(name: string, options: { readonly clock: SimClock; readonly listener: EndpointListener }) {
    this.name = name;
    this.#clock = options.clock;
    this.#listener = options.listener;
  }

  get process(): SimProcess | undefined {
    return this.#serving?.process;
  }

  serve(process: SimProcess, services: SimServices): void {
    this.#serving = { process, services, heard: Promise.resolve() };
  }

  /** Halts its process for so long from now on. */
  halt(ms: number): void {
    this.#halt?.timer.cancel();
    const { promise: end, resolve: resume } = Promise.withResolvers<void>();
    const timer = this.#clock.after(ms, () => this.resume());
    this.#halt = this.#halt === undefined ? { end, resume, timer } : { ...this.#halt, timer };
  }

  /** Its process goes on. */
  resume(): void {
    this.#halt?.timer.cancel();
    this.#halt?.resume();
    this.#halt = undefined;
  }

  /** A connection of `caller`. */
  connect(caller: SimProcess): CsiClient {
    const service = (name: 'Identity' | 'Controller' | 'GroupController' | 'Node', key: keyof SimServices): Service =>
      Object.fromEntries(
        Object.keys(serviceDefinition(name)).map((method) => [
          method,
          (request: object, call: CallContext = {}) => caller.awaits(() => this.#call({ caller, key, method, request }, call)),
        ]),
      );
    return {
      // why trusted: each object has one method per row of the table from which the interfaces were generated
      identity: trusted<IdentityService>(service('Identity', 'identity')),
      controller: trusted<ControllerService>(service('Controller', 'controller')),
      node: trusted<NodeService>(service('Node', 'node')),
      groupController: trusted<GroupControllerService>(service('GroupController', 'groupController')),
      snapshotMetadata: new UnimplementedSnapshotMetadata(),
      close: () => {},
    };
  }

  #call(sent: SentCall, { timeoutMs = 10_000, signal }: CallContext): Promise<unknown> {
    const { caller, method } = sent;
    return new Promise((resolve, reject) => {
      const abort = new AbortController();
      const giveUp = (code: ErrorCode, why: string): void => {
        abort.abort();
        reject(callFailed(code, why));
      };
      if (signal?.aborted === true) return giveUp('Canceled', `${method}: the caller gave up before the call`);
      const timer = caller.clock.after(timeoutMs, () => giveUp('DeadlineExceeded', `the driver did not answer ${method} in time`));
      const onAbort = (): void => giveUp('Canceled', `${method}: the caller gave up`);
      signal?.addEventListener('abort', onAbort, { once: true });
      const end = (): void => {
        timer.cancel();
        signal?.removeEventListener('abort', onAbort);
      };
      this.#serve(sent, abort.signal).then(
        (answer) => {
          end();
          resolve(answer);
        },
        (thrown: unknown) => {
          end();
          reject(
            thrown instanceof CsiCallFailed ? thrown : callFailed(PlatformError.from(thrown).code, PlatformError.from(thrown).message),
          );
        },
      );
    });
  }

  async #serve(sent: SentCall, signal: AbortSignal): Promise<unknown> {
    const serving = this.#serving;
    if (serving === undefined || serving.process.isDead) throw callFailed('Unavailable', `no connection to ${this.name}`);
    const fate = this.#listener.fateOf(this.name, sent.method);
    await this.#untilResumed();
    if (serving.process.isDead) throw this.#broken();
    if (fate?.kind === 'refused') throw callFailed(fate.code, `${sent.method} was refused`);
    if (fate?.kind === 'late') this.#listener.setLate(sent.request, fate.ms);
    const lost = serving.process.end.then(() => Promise.reject(this.#broken()));
    return this.#deliver(fate, await Promise.race([lost, this.#act(serving, sent, signal)]));
  }

  async #deliver(fate: Fate | undefined, answer: unknown): Promise<unknown> {
    if (fate?.kind === 'lostAnswer') throw this.#broken();
    if (fate?.kind === 'slowAnswer') await sleep(this.#clock, fate.ms);
    return answer;
  }

  async #untilResumed(): Promise<void> {
    if (this.#halt === undefined) return;
    this.#listener.onHalted();
    await this.#halt.end;
  }

  #broken(): CsiCallFailed {
    return callFailed('Unavailable', `the connection to ${this.name} broke`);
  }

  async #act(serving: Serving, { key, method, request }: Omit<SentCall, 'caller'>, signal: AbortSignal): Promise<unknown> {
    const { process, services } = serving;
    // why in their order: what is sent over a connection arrives so; one that was given up and comes late must not be taken up after what was asked since
    serving.heard = serving.heard.then(() => this.#listener.pass(process, 'before'));
    await serving.heard;
    let outcome = 'OK';
    try {
      // why trusted: the methods are the generated ones, called by their names
      const answer = await trusted<Service>(services[key])[method]?.(request, { signal });
      await this.#listener.pass(process, 'after');
      return answer;
    } catch (thrown) {
      outcome = PlatformError.from(thrown).code;
      throw thrown;
    } finally {
      this.#listener.onCall(this.name, { method, request, outcome });
    }
  }
}

/** Who is behind the socket. */
interface Serving {
  readonly process: SimProcess;
  readonly services: SimServices;
  /** Resolves when all calls so far have been heard. */
  heard: Promise<void>;
}

interface SentCall {
  readonly caller: SimProcess;
  readonly key: keyof SimServices;
  readonly method: string;
  readonly request: object;
}

function callFailed(code: ErrorCode, message: string): CsiCallFailed {
  return new CsiCallFailed({ code, reason: code, message });
}
