import type { KnownDrivers } from '#apps/server/console/capability-feed.ts';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ConsoleGateway, createConsoleGateway } from '#apps/server/console/gateway.ts';
import type { SessionFile } from '#apps/server/console/session-file.ts';
import type { ConsoleRights } from '#api/console-session.ts';
import { explainedKinds } from '#apps/server/modules/manifest.ts';
import { MODULES } from '#apps/server/modules/modules.ts';
import type { ClaimStatuses } from '#controllers/stowage/explain/claim-statuses.ts';
import { type Explainer, listingExplainer } from '#controllers/stowage/explain/explain.ts';
import type { Clock } from '#kit/clock.ts';
import { SystemClock } from '#kit/clock.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { trusted } from '#kit/json.ts';
import type { UserInfo } from '#machinery/apiserver/contract/user.ts';
import type { Client } from '#machinery/client/client.ts';

/** Sessions that end with the process. */
export const NO_SESSION_FILE: SessionFile = { read: () => [], write: () => {} };

/** The user of {@link SITE_TOKEN}. */
export const SITE_USER: UserInfo = { name: 'admin', groups: ['system:masters'] };
/** The one token that a {@link ConsoleSite} knows. */
export const SITE_TOKEN = 'a-token-for-tests';

/** A console on a loopback port of its own. */
export interface ConsoleSite {
  readonly url: string;
  readonly gateway: ConsoleGateway;
  /** Cuts every open connection, as a network does; new ones are accepted at once. */
  cutConnections(): void;
  close(): Promise<void>;
}

/** Serves the gateway over plain HTTP for tests. */
export async function startConsoleSite(options: {
  readonly client: Client;
  /** Instead of `client` for everybody. */
  readonly clientFor?: (user: UserInfo) => Client;
  readonly distDir: string;
  /** Instead of knowing {@link SITE_TOKEN} only. */
  readonly authenticateToken?: (token: string) => Promise<UserInfo | undefined>;
  /** Instead of knowing nobody. */
  readonly userOf?: () => Promise<UserInfo | undefined>;
  /** Instead of lists. */
  readonly explainer?: Explainer;
  /** Instead of a platform that has not started. */
  readonly statuses?: Promise<ClaimStatuses>;
  /** Instead of knowing no driver. */
  readonly knownDrivers?: KnownDrivers;
  /** Instead of everything for everybody. */
  readonly rightsOf?: (user: UserInfo) => ConsoleRights;
  readonly sessionFile?: SessionFile;
  readonly clock?: Clock;
  readonly port?: number;
}): Promise<ConsoleSite> {
  const gateway = createConsoleGateway({
    clientFor: options.clientFor ?? (() => options.client),
    authenticateToken: options.authenticateToken ?? (async (token) => (token === SITE_TOKEN ? SITE_USER : undefined)),
    userOf: options.userOf ?? (async () => undefined),
    explainer: () => options.explainer ?? listingExplainer,
    explainedKinds: explainedKinds(MODULES),
    statuses: options.statuses ?? new Promise(() => {}),
    knownDrivers: options.knownDrivers ?? { own: () => [], descriptions: () => [], onChange: () => () => {} },
    rightsOf: options.rightsOf ?? (() => ({ namespaces: 'all', seesAdministration: true })),
    distDir: options.distDir,
    sessionFile: options.sessionFile ?? NO_SESSION_FILE,
    clock: options.clock ?? new SystemClock(),
    ids: new SystemIds(),
    log: silentLogger,
  });
  const server = createServer((request, response) => gateway.handle(request, response));
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => gateway.upgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = trusted<AddressInfo>(server.address());
  const cutConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    gateway,
    cutConnections,
    close: async () => {
      gateway.close();
      const closed = new Promise((resolve) => server.close(resolve));
      cutConnections();
      await closed;
    },
  };
}
