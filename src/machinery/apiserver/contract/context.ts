import type { Clock } from '#kit/clock.ts';
import type { Ids } from '#kit/ids.ts';
import type { KeyedLock } from '#kit/keyed-lock.ts';
import type { Logger } from '#kit/log.ts';
import type { Store } from '../../store/store.ts';
import type { AuditSink } from './audit.ts';
import type { Authorizer } from './authorizer.ts';
import type { AdmissionChain } from './admission.ts';
import type { DefinitionGuard, NamespaceGuard } from './guards.ts';
import type { KindRegistry } from './registry.ts';

/** What every verb works with. */
export interface ServerContext {
  readonly store: Store;
  readonly registry: KindRegistry;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly admission: AdmissionChain;
  readonly authorizer: Authorizer;
  readonly audit: AuditSink;
  readonly namespaces: NamespaceGuard;
  readonly definitions: DefinitionGuard;
  /** Changes of one object run one after the other. */
  readonly changes: KeyedLock;
  /** Aborts when the server closes: every watch and log ends. */
  readonly closing: AbortSignal;
}
