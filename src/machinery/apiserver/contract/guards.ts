import type { ApiRequest } from './request.ts';

/** Keeps new objects out of namespaces that are missing or going away. */
export interface NamespaceGuard {
  /** To be called inside the store's decision. @throws ApiError `NotFound` or `PermissionDenied` (NamespaceTerminating) */
  requireOpen(request: ApiRequest, name: string): void;
  /** The termination of the namespace with `uid` was decided and waits for the disk; call the answer when that ended, well or not. */
  terminationDecided(uid: string): () => void;
}

/** Keeps new objects out of kinds whose definition is missing or going away. */
export interface DefinitionGuard {
  /** To be called inside the store's decision. @throws ApiError `Unimplemented` (405) */
  requireOpen(request: ApiRequest): void;
  /** The termination of the definition `name` was decided and waits for the disk; call the answer when that ended, well or not. */
  terminationDecided(name: string): () => void;
}
