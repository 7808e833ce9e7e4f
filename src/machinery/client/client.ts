import type { Draft, KubeList, KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';

/** What a list covers. Selectors are in their text form (`app=web`, `spec.nodeName=node-1`). */
export interface ListOptions {
  /** Absent or `''` = all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Page size; the client follows continue tokens and answers everything. */
  readonly pageSize?: number;
  /** At most so many objects; absent = all. */
  readonly limit?: number;
}

/** What a watch covers and where it starts. */
export interface WatchOptions extends Omit<ListOptions, 'pageSize' | 'limit'> {
  /** Events after this; from a list's or an object's resourceVersion. */
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
}

/** A change seen by a watch. */
export type WatchEvent<K extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: K }
  /** Nothing changed up to this version. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** A partial change. */
export type Patch =
  | { readonly type: 'merge'; readonly body: unknown }
  | { readonly type: 'json'; readonly body: readonly unknown[] }
  | { readonly type: 'strategic'; readonly body: unknown };

/** Which part of an object a write goes to. */
export type Subresource = 'status' | 'finalize';

/** Options of every write. */
export interface WriteOptions {
  readonly subresource?: Subresource;
  readonly isDryRun?: boolean;
}

/** Options of a deletion. */
export interface DeleteOptions {
  readonly gracePeriodSec?: number;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  /** Refused with `Conflict` where the object has another UID. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Asks whether it would be done, and does nothing. */
  readonly isDryRun?: boolean;
}

/**
 * The Kubernetes API as controllers see it: the same semantics over HTTPS to any cluster and in process to the embedded server, admission included.
 * Every method throws an {@link ApiError} (see api-error.ts), with code `NotFound`, `AlreadyExists`, `Aborted` (conflict), `FailedPrecondition` (invalid), `OutOfRange` (410), …
 * Objects that come back are deeply frozen and may be shared.
 */
export interface Client {
  get<K extends KubeObject>(resource: Resource<K>, key: ObjectKey): Promise<K>;
  list<K extends KubeObject>(resource: Resource<K>, options?: ListOptions): Promise<KubeList<K>>;
  /** Ends without an error when `signal` aborts or the server closes it. @throws ApiError `OutOfRange` when the version is gone: list again */
  watch<K extends KubeObject>(resource: Resource<K>, options: WatchOptions): AsyncIterable<WatchEvent<K>>;
  /** The namespace comes from the draft's metadata. */
  create<K extends KubeObject>(resource: Resource<K>, draft: Draft<K>, options?: WriteOptions): Promise<K>;
  /** Replaces; refused with `Aborted` when `metadata.resourceVersion` is not the newest. */
  update<K extends KubeObject>(resource: Resource<K>, object: K, options?: WriteOptions): Promise<K>;
  patch<K extends KubeObject>(resource: Resource<K>, target: PatchTarget, options?: WriteOptions): Promise<K>;
  /** Succeeds as soon as the deletion is accepted; finalizers and grace may keep the object. */
  delete<K extends KubeObject>(resource: Resource<K>, key: ObjectKey, options?: DeleteOptions): Promise<void>;
  /** Puts a pod on a node (`POST pods/NAME/binding`). @throws ApiError `Aborted` when it is on one already or has another UID */
  bindPod(pod: PodBinding): Promise<void>;
}

/** Which pod goes to which node. */
export interface PodBinding {
  readonly key: ObjectKey;
  readonly uid: string;
  readonly nodeName: string;
}

/** An object and the change to make to it. */
export interface PatchTarget {
  readonly key: ObjectKey;
  readonly patch: Patch;
}
