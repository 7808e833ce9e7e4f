import type { ErrorCode } from '#kit/error-codes.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import type { Ctx, Outcome } from '#machinery/runtime/controller.ts';
import type { StorageOperation } from '#protocols/csi/storage-operations.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { Attempt } from './attempts.ts';
import type { DriverCapabilities } from './driver-capabilities.ts';
import type { Failure, WorkRefused } from './failure.ts';
import type { Secrets } from './read-secret.ts';

/** What is to be done at a driver for one object, as it was planned: with this at hand nothing has to be decided again. */
export interface DriverOrder {
  readonly driverName: string;
  /** The volume is of a source that was part of Kubernetes once, and that the driver has taken over. */
  readonly isMigrated?: boolean;
  /** Under what its tries count. */
  readonly attempt: Attempt;
  /** True where the last try came to nothing after the driver had done its part: then this one counts as failed until something else is planned. */
  readonly hasFailedSince?: boolean;
}

/** What the steps of one kind of work hand to each other. */
export interface Work {
  readonly order: DriverOrder;
  /** What matters here of what the driver can do. */
  readonly capabilities: unknown;
  /** What is sent, secrets aside. */
  readonly message: unknown;
  /** What comes of it. */
  readonly answer: unknown;
}

/** After the trace is written: the order as it is from now on, or why the driver is not asked now. */
export type Prepared<Order> = { readonly kind: 'ready'; readonly order: Order } | { readonly kind: 'stop'; readonly outcome: Outcome };

/** What is asked of a driver that can do what it can do. */
export type Request<W extends Work> =
  | { readonly kind: 'send'; readonly message: W['message']; readonly secret?: SecretNeed | undefined }
  /** There is nothing to ask it for. */
  | { readonly kind: 'answered'; readonly answer: W['answer'] }
  /** It can't be asked for that. */
  | { readonly kind: 'refused'; readonly error: WorkRefused };

/** The secret that goes with a message. */
export interface SecretNeed {
  readonly key: ObjectKey;
  /** Where it does not exist: the call goes without it. */
  readonly isOptional?: boolean;
  /** How it is said that it can't be read; absent = as the API says it. */
  readonly refusal?: (cause: unknown) => WorkRefused;
}

/** What a message is sent with. */
export interface Sending<W extends Work> {
  readonly driver: CsiClient;
  readonly message: W['message'];
  /** Undefined where none was wanted, or an optional one is not there. */
  readonly secrets: Secrets | undefined;
  /** Has the deadline. */
  readonly call: CallContext;
}

/** How a try ended: as an outcome, or without success, so that it is tried again later. */
export type End = Outcome | { readonly kind: 'tryAgain' };

/** The steps of one kind of work, in the order in which the ladder takes them. */
export interface DriverSteps<W extends Work> {
  /** Under what its tries are counted; absent = they are not. */
  readonly operation?: StorageOperation;
  /** Codes after which the same is tried again only after the longest wait. */
  readonly infeasible: ReadonlySet<ErrorCode>;
  readonly capabilities: DriverCapabilities<W['capabilities']>;
  /** The driver is not connected: says so where nobody has, and when to look again beside the wake-up. */
  away(ctx: Ctx, order: W['order'], connected: readonly string[]): Outcome | Promise<Outcome>;
  /** Writes down what is about to be asked: after a crash this is the trace of it. */
  prepare(ctx: Ctx, order: W['order']): Promise<Prepared<W['order']>>;
  /** What is asked. Looks, and changes nothing. */
  request(order: W['order'], capabilities: W['capabilities']): Request<W>;
  /** The call. @throws PlatformError what the driver answers */
  send(order: W['order'], sending: Sending<W>): Promise<W['answer']>;
  /** Writes down what came of it. */
  finish(ctx: Ctx, order: W['order'], answer: W['answer']): Promise<End>;
  /** Says that it came to nothing. */
  fail(ctx: Ctx, order: W['order'], failure: Failure): Promise<End>;
}
