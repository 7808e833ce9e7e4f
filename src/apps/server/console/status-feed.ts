import { type ClaimStatus, claimStatuses, type DecidedStatus } from '#api/claim-status.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { apiVersionOf, type Resource } from '#api/meta/resource.ts';
import { events, persistentVolumeClaims, pods } from '#api/resources.ts';
import type { ClaimStatuses, WaitingClaim } from '#controllers/stowage/explain/claim-statuses.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import { LiveFeed } from './live-feed.ts';

/** What a feed of statuses is made of. */
export interface StatusFeedOptions {
  /** The API as the user may use it: what he may list decides on what he is told. */
  readonly client: Client;
  /** `''` = all. */
  readonly namespace: string;
  readonly statuses: Promise<ClaimStatuses>;
  readonly clock: Clock;
}

/** What a user may list is asked about again this often, in milliseconds: rights change rarely. */
const RIGHTS_MS = 30_000;

/** What else of the feed's namespace the user may list. */
interface Rights {
  readonly seesEvents: boolean;
  readonly seesPods: boolean;
}

/** The statuses of claims that wait, for those who may list the claims. */
export class StatusFeed extends LiveFeed {
  readonly #options: StatusFeedOptions;
  readonly #abort = new AbortController();
  readonly #objects = new Map<string, KubeObject>();
  #rights: Rights | undefined;
  #turn = 0;

  constructor(options: StatusFeedOptions) {
    super();
    this.#options = options;
    // why nothing: only the abort rejects
    this.#run().catch(() => {});
  }

  override get objects(): ReadonlyMap<string, KubeObject> {
    return this.#objects;
  }

  override stop(): void {
    this.#abort.abort();
    super.stop();
  }

  async #run(): Promise<void> {
    const { statuses: promised, clock } = this.#options;
    const { signal } = this.#abort;
    const statuses = await promised;
    if (signal.aborted) return;
    const unsubscribe = statuses.subscribe({
      onUpsert: (waiting) => this.#upsert(waiting),
      onDelete: (uid) => this.#delete(uid),
    });
    signal.addEventListener('abort', unsubscribe, { once: true });
    for (;;) {
      await this.#look(statuses);
      await sleep(clock, RIGHTS_MS, signal);
    }
  }

  /** Shows everything anew where the user's rights are others than before. */
  async #look(statuses: ClaimStatuses): Promise<void> {
    try {
      await this.#list(persistentVolumeClaims);
      const rights = { seesEvents: await this.#mayList(events), seesPods: await this.#mayList(pods) };
      if (deepEqual(rights, this.#rights)) return;
      this.#rights = rights;
      this.#objects.clear();
      for (const waiting of statuses.all()) this.#keep(waiting, rights);
      this.tellAll();
    } catch (thrown) {
      this.#rights = undefined;
      this.#objects.clear();
      this.tellProblem(PlatformError.from(thrown));
    }
  }

  async #mayList(resource: Resource): Promise<boolean> {
    try {
      await this.#list(resource);
      return true;
    } catch (thrown) {
      if (hasCode(thrown, 'PermissionDenied')) return false;
      throw thrown;
    }
  }

  async #list(resource: Resource): Promise<void> {
    const { client, namespace } = this.#options;
    await client.list(resource, { ...(namespace === '' ? {} : { namespace }), limit: 1 });
  }

  #upsert(waiting: WaitingClaim): void {
    const object = this.#rights === undefined ? undefined : this.#keep(waiting, this.#rights);
    if (object !== undefined) this.tell((listener) => listener.onUpsert(object));
  }

  #delete(uid: string): void {
    if (this.#objects.delete(uid)) this.tell((listener) => listener.onDelete(uid));
  }

  /** Undefined for a claim of another namespace. */
  #keep({ claim, status }: WaitingClaim, rights: Rights): DecidedStatus | undefined {
    const { name, namespace = '', uid, creationTimestamp } = claim.metadata;
    if (this.#options.namespace !== '' && this.#options.namespace !== namespace) return undefined;
    this.#turn += 1;
    // why the turn: what a claim waits for changes while the claim does not, and a browser takes the same version for the same object
    const resourceVersion = `${claim.metadata.resourceVersion}.${this.#turn}`;
    const object: DecidedStatus = {
      apiVersion: apiVersionOf(claimStatuses),
      kind: claimStatuses.kind,
      metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
      status: shownTo(rights, status),
    };
    this.#objects.set(uid, object);
    return object;
  }
}

/** What a user may know of a status: binding and provisioning tell it in the claim's events, but for pods that go past the scheduler. */
function shownTo({ seesEvents, seesPods }: Rights, status: ClaimStatus): ClaimStatus {
  if (!seesEvents) return { code: 'pending', tone: 'busy', values: {} };
  return seesPods || status.code !== 'podsBypassScheduler' ? status : { code: 'waitsForFirstPod', tone: 'waiting', values: {} };
}
