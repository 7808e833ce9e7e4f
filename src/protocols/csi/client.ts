import type { ControllerService, IdentityService, NodeService } from './generated/messages.ts';

/**
 * A connection to one CSI driver. Every method throws a PlatformError whose `code` is the gRPC status, kept as the driver sent it;
 * `Unavailable` where the socket does not answer, `DeadlineExceeded` after `timeoutMs`.
 */
export interface CsiClient {
  readonly identity: IdentityService;
  readonly controller: ControllerService;
  readonly node: NodeService;
  close(): void;
}
