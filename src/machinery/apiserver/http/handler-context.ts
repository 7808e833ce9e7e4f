import type { PodLogSource } from '#api/pod-logs.ts';
import type { PodStreamSource } from '#api/pod-streams.ts';
import type { Credentials } from '../access/authentication.ts';
import type { AccountTokens } from '../access/service-accounts/account-tokens.ts';
import type { UserInfo } from '../contract/user.ts';
import type { ServerContext } from '../contract/context.ts';
import type { WatchLines } from '../representations/watch-encoder.ts';
import type { SessionLimit } from './session-limit.ts';
import type { Api } from '../verbs/api.ts';
import type { FlowControl } from './fairness/flow-control.ts';
import type { Precedence } from './precedence.ts';
import type { Health } from './health.ts';
import type { RequestMetrics } from './request-metrics.ts';

/** What HTTP handlers work with. */
export interface HandlerContext {
  readonly server: ServerContext;
  /** What is asked of the objects. */
  readonly api: Api;
  readonly lines: WatchLines;
  readonly metrics: RequestMetrics;
  readonly flows: FlowControl;
  readonly precedence: Precedence;
  /** All metrics of the process, in Prometheus' text form. */
  readonly scrape: () => string;
  readonly health: Health;
  /** What `/version` answers. */
  readonly version: VersionInfo;
  /** Who shows these credentials. @throws ApiError `Unauthenticated` */
  readonly authenticate: (credentials: Credentials) => Promise<UserInfo>;
  /** Absent = no tokens are issued. */
  readonly accountTokens: AccountTokens | undefined;
  readonly podLogs: () => PodLogSource | undefined;
  readonly podStreams: () => PodStreamSource | undefined;
  /** Connections into pods that are open. */
  readonly sessions: SessionLimit;
  /** Requests through pods' proxies that are under way. */
  readonly proxied: SessionLimit;
}

/** The version of the product and of the Kubernetes API that it serves. */
export interface VersionInfo {
  /** For example `0.1.0`. */
  readonly product: string;
  /** For example `1.36`. */
  readonly kubernetes: string;
}
