import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { tooManyRequests } from '../../contract/status-error.ts';

/** How many requests are worked on, and how many may wait. */
export interface FlowLimits {
  /** Requests of all flows together. */
  readonly seats: number;
  /** Requests of one flow, so that one alone never takes all seats. */
  readonly seatsPerFlow: number;
  /** Requests of one flow that start between two looks at the network, so that others are heard in between. */
  readonly startsPerTurn: number;
  /** Requests of one flow that may wait; one more is refused. */
  readonly waitingPerFlow: number;
  /** Requests of all flows that may wait. */
  readonly waiting: number;
  /** A request that waited this long is refused (kube-apiserver: a quarter of the request's time, 15 s). */
  readonly maxWaitMs: number;
}

/** More seats would only be more requests that share one processor; as many as one commit of the store takes well. */
export const FLOW_LIMITS: FlowLimits = {
  seats: 128,
  seatsPerFlow: 96,
  startsPerTurn: 64,
  waitingPerFlow: 1_000,
  waiting: 4_000,
  maxWaitMs: 15_000,
};

/** Ends the work on a request; to be called once. */
export type Leave = () => void;

/** Why a request was not taken. */
export type Rejection = 'queue-full' | 'time-out';

/** Told of what happens, for metrics. */
export interface FlowObserver {
  /** `waitedMs` = 0 for a request that did not wait. */
  dispatched(waitedMs: number): void;
  rejected(reason: Rejection): void;
}

/** What {@link FlowControl} is made of. */
export interface FlowControlOptions {
  readonly limits: FlowLimits;
  readonly clock: Clock;
  readonly observer: FlowObserver;
  /** Calls back after the next look at the network. */
  readonly nextTurn: (callback: () => void) => void;
}

interface Flow {
  readonly name: string;
  /** In the order in which they came. */
  readonly waiting: Set<Waiter>;
  executing: number;
  startedInTurn: number;
}

interface Waiter {
  readonly sinceMs: number;
  readonly admit: (leave: Leave) => void;
}

/**
 * Shares the server between flows (users): each has its own queue, and the queues take turns. A flow that floods waits behind itself only.
 * Where there is room, which is nearly always, a request passes without waiting.
 */
export class FlowControl {
  readonly #options: FlowControlOptions;
  readonly #flows = new Map<string, Flow>();
  /** Flows of which requests wait, the next one first. */
  readonly #turns = new Set<Flow>();
  /** Flows of which requests started in this turn. */
  #started: Flow[] = [];
  #executing = 0;
  #waiting = 0;

  constructor(options: FlowControlOptions) {
    this.#options = options;
  }

  get executing(): number {
    return this.#executing;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /**
   * A seat for a request of the flow `name`, at once or later; `onGone` is handed what to call when nobody waits for the answer any more.
   * @throws ApiError 429 (later: rejects) where too many wait, or for too long; `Canceled` when nobody waits any more
   */
  enter(name: string, onGone: (listener: () => void) => void): Leave | Promise<Leave> {
    const flow = this.#flows.get(name) ?? { name, waiting: new Set(), executing: 0, startedInTurn: 0 };
    this.#flows.set(name, flow);
    if (flow.waiting.size === 0 && this.#hasRoom(flow)) {
      this.#options.observer.dispatched(0);
      return this.#start(flow);
    }
    const { waitingPerFlow, waiting } = this.#options.limits;
    if (flow.waiting.size >= waitingPerFlow || this.#waiting >= waiting) {
      this.#options.observer.rejected('queue-full');
      throw tooManyRequests('too many requests wait already');
    }
    return this.#wait(flow, onGone);
  }

  #hasRoom({ executing, startedInTurn }: Flow): boolean {
    const { seats, seatsPerFlow, startsPerTurn } = this.#options.limits;
    return this.#executing < seats && executing < seatsPerFlow && startedInTurn < startsPerTurn;
  }

  #start(flow: Flow): Leave {
    this.#executing += 1;
    flow.executing += 1;
    if (flow.startedInTurn === 0) this.#noteStart(flow);
    flow.startedInTurn += 1;
    return () => {
      this.#executing -= 1;
      flow.executing -= 1;
      if (this.#turns.size > 0) this.#dispatch();
      this.#forgetIfIdle(flow);
    };
  }

  #noteStart(flow: Flow): void {
    if (this.#started.length === 0) this.#options.nextTurn(() => this.#endTurn());
    this.#started.push(flow);
  }

  #endTurn(): void {
    const started = this.#started;
    this.#started = [];
    for (const flow of started) {
      flow.startedInTurn = 0;
      this.#forgetIfIdle(flow);
    }
    this.#dispatch();
  }

  #wait(flow: Flow, onGone: (listener: () => void) => void): Promise<Leave> {
    const { clock, limits, observer } = this.#options;
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        sinceMs: clock.nowMs(),
        admit: (leave) => {
          timer.cancel();
          observer.dispatched(clock.nowMs() - waiter.sinceMs);
          resolve(leave);
        },
      };
      const giveUp = (error: PlatformError): boolean => {
        if (!flow.waiting.has(waiter)) return false;
        timer.cancel();
        this.#remove(flow, waiter);
        this.#forgetIfIdle(flow);
        reject(error);
        return true;
      };
      const timer = clock.after(limits.maxWaitMs, () => {
        if (giveUp(tooManyRequests('the request waited too long'))) observer.rejected('time-out');
      });
      flow.waiting.add(waiter);
      this.#turns.add(flow);
      this.#waiting += 1;
      onGone(
        () => void giveUp(new PlatformError({ code: 'Canceled', reason: 'ClientGone', message: 'the client went away before its turn' })),
      );
    });
  }

  /** Lets one request of each waiting flow in, and again, while there is room. */
  #dispatch(): void {
    let passedOver = 0;
    while (this.#executing < this.#options.limits.seats && passedOver < this.#turns.size) {
      const [flow] = this.#turns;
      if (flow === undefined) return;
      this.#turns.delete(flow);
      this.#turns.add(flow);
      const [waiter] = flow.waiting;
      if (waiter === undefined || !this.#hasRoom(flow)) {
        passedOver += 1;
        continue;
      }
      passedOver = 0;
      this.#remove(flow, waiter);
      waiter.admit(this.#start(flow));
    }
  }

  #remove(flow: Flow, waiter: Waiter): void {
    flow.waiting.delete(waiter);
    this.#waiting -= 1;
    if (flow.waiting.size === 0) this.#turns.delete(flow);
  }

  #forgetIfIdle(flow: Flow): void {
    if (flow.executing === 0 && flow.startedInTurn === 0 && flow.waiting.size === 0) this.#flows.delete(flow.name);
  }
}
