import { formatKey, keyOf, type KubeObject, parseKey } from '#api/meta/object.ts';
import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Ids } from '#kit/ids.ts';
import type { LogFields, Logger } from '#kit/log.ts';
import { isConflict } from '../client/api-error.ts';
import type { Client } from '../client/client.ts';
import type { Controller, Ctx, Outcome } from './controller.ts';
import { controllerMetrics, type ControllerMetrics } from './controller-metrics.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { Metrics } from '#kit/metrics.ts';
import { queueMetrics } from './queue-metrics.ts';
import { WorkQueue } from './work-queue.ts';

/** What controllers run with. */
export interface ControllerDeps {
  /** Best the one of the InformerFactory, so that a controller sees its own writes at once. */
  readonly client: Client;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly metrics: Metrics;
  /** Resolves when a reconcile may begin. Absent = at once. */
  readonly giveWay?: (() => Promise<void>) | undefined;
}

/** A controller at work. */
export interface RunningController {
  readonly name: string;
  /** Resolves when all informers have synced and every existing key is queued. @throws PlatformError `Canceled` when stopped before that */
  readonly ready: Promise<void>;
  /** Resolves when no key waits for a worker or is worked on; keys that wait for a time don't count. */
  idle(): Promise<void>;
  /** Takes no more keys, aborts `ctx.signal`, and resolves when the running reconciles have ended. Informers go on: they may be shared. */
  stop(): Promise<void>;
}

/** No outcome brings a key back earlier than this, so that a wrong delay can't make a loop without rest. */
const SHORTEST_AFTER_MS = 10;

/** Starts `controller`: its informers, then its workers. */
export function runController<K extends KubeObject>(controller: Controller<K>, deps: ControllerDeps): RunningController {
  return new ControllerRun(controller, deps);
}

class ControllerRun<K extends KubeObject> implements RunningController {
  readonly name: string;
  readonly ready: Promise<void>;
  readonly #controller: Controller<K>;
  readonly #deps: ControllerDeps;
  readonly #log: Logger;
  readonly #metrics: ControllerMetrics;
  readonly #abort = new AbortController();
  readonly #queue: WorkQueue;
  readonly #disposers: (() => void)[];

  constructor(controller: Controller<K>, deps: ControllerDeps) {
    this.name = controller.name;
    this.#controller = controller;
    this.#deps = deps;
    this.#log = deps.log.with({ component: controller.name });
    this.#metrics = controllerMetrics(deps.metrics, controller.name);
    this.#queue = new WorkQueue({
      clock: deps.clock,
      concurrency: controller.concurrency,
      laneOf: controller.laneOf && ((key) => this.#laneOf(key)),
      priorityOf: controller.priorityOf && ((key) => this.#priorityOf(key)),
      work: (key) => this.#work(key),
      observer: queueMetrics(deps.metrics, { name: controller.name, clock: deps.clock }),
    });
    this.#disposers = this.#subscribe();
    this.ready = this.#start();
    // why: nobody has to wait for readiness; a stop before it must not end the process
    this.ready.catch(() => {});
  }

  idle(): Promise<void> {
    return this.#queue.idle();
  }

  async stop(): Promise<void> {
    for (const dispose of this.#disposers) dispose();
    this.#abort.abort();
    await this.#queue.stop();
  }

  #subscribe(): (() => void)[] {
    const { informer, triggers, wakeUps } = this.#controller;
    const own = (object: K): void => this.#queue.add(formatKey(keyOf(object)));
    const onUpsert = (object: K, previous?: K): void => {
      // why also before: what was kept while there was something to do is put away by a last look
      if (this.#concerns(object) || (previous !== undefined && this.#concerns(previous))) own(object);
    };
    return [
      informer.subscribe({ onUpsert, onDelete: own }),
      ...triggers.map((trigger) => {
        const wake = (object: KubeObject, previous?: KubeObject): void => {
          for (const key of trigger.keysFor(object, previous)) this.#queue.add(key);
        };
        return trigger.informer.subscribe({ onUpsert: wake, onDelete: wake });
      }),
      ...(wakeUps === undefined ? [] : [wakeUps((key) => this.#queue.add(key))]),
    ];
  }

  async #start(): Promise<void> {
    const { informer, triggers, reads = [] } = this.#controller;
    const looked = [informer, ...triggers.map((trigger) => trigger.informer), ...reads];
    await Promise.all(looked.map((each) => each.start()));
    if (this.#abort.signal.aborted)
      throw new PlatformError({ code: 'Canceled', reason: 'Canceled', message: `the controller ${this.name} was stopped` });
    for (const object of informer.all()) if (this.#concerns(object)) this.#queue.add(formatKey(keyOf(object)));
    if (this.#controller.reconcileGone !== undefined) this.#primeGone();
    this.#queue.start();
    this.#log.info('controller started', { count: informer.size });
  }

  /** Queues the keys that others point to, so that what went away while the controller was down is noticed. */
  #primeGone(): void {
    for (const trigger of this.#controller.triggers) {
      for (const object of trigger.informer.all()) for (const key of trigger.keysFor(object)) this.#queue.add(key);
    }
  }

  #concerns(object: K): boolean {
    return this.#controller.concerns?.(object) ?? true;
  }

  #laneOf(key: string): string {
    const object = this.#controller.informer.get(parseKey(key));
    return object === undefined ? '' : (this.#controller.laneOf?.(object) ?? '');
  }

  #priorityOf(key: string): number {
    const object = this.#controller.informer.get(parseKey(key));
    return object === undefined ? 0 : (this.#controller.priorityOf?.(object) ?? 0);
  }

  async #work(key: string): Promise<void> {
    await this.#deps.giveWay?.();
    // why only now: what changed while others went first is seen
    if (!this.#abort.signal.aborted) await this.#workOn(key);
  }

  async #workOn(key: string): Promise<void> {
    const { clock, ids } = this.#deps;
    const object = this.#controller.informer.get(parseKey(key));
    if (object === undefined && this.#controller.reconcileGone === undefined) {
      this.#queue.forget(key);
      return;
    }
    const log = this.#log.with({ ...fieldsOf(this.#controller, key), reconcileId: ids.suffix(8) });
    const startMs = clock.nowMs();
    try {
      const outcome = await this.#reconcile(key, object, log);
      this.#succeed(key, outcome);
      log.debug('reconciled', { durationMs: clock.nowMs() - startMs, ...(outcome.kind === 'after' ? { reason: outcome.why } : {}) });
    } catch (thrown) {
      this.#fail(key, thrown, { object, log });
    } finally {
      this.#metrics.duration((clock.nowMs() - startMs) / 1000);
    }
  }

  async #reconcile(key: string, object: K | undefined, log: Logger): Promise<Outcome> {
    const { client, clock, ids, events } = this.#deps;
    const ctx: Ctx = { client, clock, ids, log, events, signal: this.#abort.signal };
    if (object !== undefined) return this.#controller.reconcile(ctx, object);
    return (await this.#controller.reconcileGone?.(ctx, key)) ?? { kind: 'done' };
  }

  #succeed(key: string, outcome: Outcome): void {
    this.#queue.forget(key);
    if (outcome.kind === 'after') this.#queue.addAfter(key, Math.max(SHORTEST_AFTER_MS, outcome.delayMs));
    this.#metrics.outcome(outcome.kind);
  }

  #fail(key: string, thrown: unknown, run: { readonly object: K | undefined; readonly log: Logger }): void {
    const error = PlatformError.from(thrown);
    if (this.#abort.signal.aborted && error.code === 'Canceled') return;
    if (error.retry === 'never') {
      this.#queue.forget(key);
      this.#metrics.outcome('terminal');
      run.log.warn('reconcile refused, waiting for a change', { err: error, reason: error.reason });
      if (run.object !== undefined)
        this.#deps.events.record({ about: run.object, type: 'Warning', reason: error.reason, message: error.message });
      return;
    }
    const attempt = this.#queue.retry(key);
    if (isConflict(error)) {
      // why: somebody else was faster; the next look sees it, and there is nothing that a person could do
      this.#metrics.outcome('conflict');
      run.log.debug('object changed meanwhile, trying again', { attempt });
      return;
    }
    this.#metrics.outcome('error');
    run.log.warn('reconcile failed, trying again', { err: error, reason: error.reason, attempt });
  }
}

function fieldsOf<K extends KubeObject>(controller: Controller<K>, key: string): LogFields {
  const { namespace, name } = parseKey(key);
  return { kind: controller.resource.kind, name, ...(namespace === '' ? {} : { namespace }) };
}
