import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { trusted } from '#kit/json.ts';
import type { Clock } from '#kit/clock.ts';
import type { Ids } from '#kit/ids.ts';
import type { Logger } from '#kit/log.ts';
import type { Client } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import type { EventRecorder } from './event-recorder.ts';

/** How a reconcile ended well. A throw means backoff, or no retry where the error says `never`. */
export type Outcome =
  | { readonly kind: 'done' }
  /** Look again after `delayMs`; `why` is for people. */
  | { readonly kind: 'after'; readonly delayMs: number; readonly why: string };

/** Nothing more to do until something changes. */
export const done: Outcome = { kind: 'done' };

/** Look again after `delayMs` milliseconds. */
export function after(delayMs: number, why: string): Outcome {
  return { kind: 'after', delayMs, why };
}

/** What every reconcile gets. */
export interface Ctx {
  readonly client: Client;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly events: EventRecorder;
  /** Aborts when the controller stops. */
  readonly signal: AbortSignal;
}

/** Which other objects wake which items of a controller. */
export interface Trigger {
  /** Starts when the controller starts; the runtime waits for its first sync. */
  readonly informer: Informer<KubeObject>;
  /** Keys (`namespace/name`) of the controller's own kind to reconcile when `object` changed or went; `previous` is absent for new ones. Pure, indexed, never a scan. */
  keysFor(object: KubeObject, previous?: KubeObject): readonly string[];
}

/** A {@link Trigger} whose `keysFor` knows the kind of its informer. */
export function trigger<K extends KubeObject>(informer: Informer<K>, keysFor: (object: K, previous?: K) => readonly string[]): Trigger {
  // why trusted: the runtime calls `keysFor` with objects of this informer only
  return { informer, keysFor: trusted<Trigger['keysFor']>(keysFor) };
}

/** A controller: one kind, one reconcile function. */
export interface Controller<K extends KubeObject = KubeObject> {
  /** Unique, kebab-case; metric label and log component. */
  readonly name: string;
  readonly resource: Resource<K>;
  readonly informer: Informer<K>;
  readonly triggers: readonly Trigger[];
  /** Informers that are looked at and wake nothing: they have synced before the first reconcile. */
  readonly reads?: readonly Pick<Informer<KubeObject>, 'start'>[];
  /** A source of keys beside the triggers: called once at the start with the function that queues a key (also in the middle of a reconcile); answers a disposer. */
  readonly wakeUps?: (add: (key: string) => void) => () => void;
  /** How many keys are worked on at a time, with lanes of each lane; one key never twice at a time. */
  readonly concurrency: number;
  /** On whom the work on `object` waits, for example the driver that it calls: who hangs then holds up his own objects only. Pure. Absent = all are one lane. */
  laneOf?(object: K): string;
  /** Which waiting objects are worked on first: those with the larger number. Pure. Absent = in the order in which they came. */
  priorityOf?(object: K): number;
  /**
   * False where nothing can be to do for `object` as it stands: then its own changes don't wake it (triggers always do), but for the one after which it is so.
   * Pure, and cheaper than a look. Absent = every change does.
   */
  concerns?(object: K): boolean;
  /** The runtime reads `object` from the informer; for a key that is gone, `reconcileGone` is called where there is one. */
  reconcile(ctx: Ctx, object: K): Promise<Outcome>;
  reconcileGone?(ctx: Ctx, key: string): Promise<Outcome>;
}
