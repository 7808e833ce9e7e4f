import type { KindDefinition } from '#api/meta/kind.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import type { StoreKey } from '../../store/store.ts';
import type { AuditNotes, RequestOrigin } from './audit.ts';
import type { UserInfo } from './user.ts';

/** Who asks for what, whichever way the request came. */
export interface ApiRequest {
  readonly user: UserInfo;
  readonly kind: KindDefinition;
  /** `''` = cluster-scoped, or all namespaces. */
  readonly namespace: string;
  /** `''` = the collection. */
  readonly name: string;
  /** `''` = the object itself. */
  readonly subresource: string;
  /** Of a list or watch, in text form: it may narrow what is asked for to what one may see. */
  readonly fieldSelector?: string | undefined;
  /** Absent = this process asks. */
  readonly origin?: RequestOrigin | undefined;
}

/** What the server does about fields that the schema does not have: refuse, warn, or drop them silently. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/**
 * What becomes of `metadata.managedFields`: the manager owns what it changes; `kept` = they stay as they are (components of this process);
 * `decided` = the body carries them already (apply).
 */
export type FieldOwnership = { readonly manager: string } | 'kept' | 'decided';

/** A request that changes something. */
export interface WriteRequest extends ApiRequest {
  readonly isDryRun: boolean;
  readonly fieldValidation: FieldValidation;
  readonly ownership: FieldOwnership;
  /** Tells the client something that did not stop the request (`Warning: 299`). */
  readonly warn: (text: string) => void;
  /** For the audit log. */
  readonly notes: AuditNotes;
  /** Nobody waits for the answer: the write may wait a little to share a commit. */
  readonly canWait?: boolean | undefined;
}

/** The key of the object that a request names. */
export function storeKeyOf(request: Pick<ApiRequest, 'kind' | 'namespace' | 'name'>): StoreKey {
  return storeKey(request.kind, request);
}

/** The key of an object of `kind`. */
export function storeKey(kind: KindDefinition, key: ObjectKey): StoreKey {
  return { resource: storedResourceOf(kind), namespace: key.namespace, name: key.name };
}

/** The name under which the store holds objects of `kind`. */
export function storedResourceOf(kind: KindDefinition): string {
  return groupResourceOf(kind.storedWith ?? kind.resource);
}
