import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Clock } from '#kit/clock.ts';
import type { CallContext } from './call.ts';
import type { CsiClient } from './client.ts';

/** The same driver on one node. */
export interface DriverEndpoint {
  readonly nodeName: string;
  /** Its topology. */
  readonly segments: Readonly<Record<string, string>>;
  readonly client: CsiClient;
}

/** Nodes' drivers that do not answer, or do not say whether they have what is asked for: it may lie there. */
export class NodeDriverSilent extends PlatformError {
  constructor(silent: readonly DriverEndpoint[], refusals: ReadonlyMap<DriverEndpoint, string>, what: string) {
    const refusing = silent.filter((endpoint) => refusals.has(endpoint));
    const away = silent.filter((endpoint) => !refusals.has(endpoint)).map(({ nodeName }) => nodeName);
    const refused = refusing.map((endpoint) => `${endpoint.nodeName} (${refusals.get(endpoint)})`);
    const told = [
      ...(away.length === 0 ? [] : [`the driver on ${away.join(', ')} does not answer`]),
      ...(refused.length === 0 ? [] : [`the driver on ${refused.join(', ')} does not say what it has`]),
    ];
    super({
      code: 'Unavailable',
      reason: 'NodeDriverSilent',
      message: `${told.join(', ')}, and ${what} may lie there: it is looked for again until ${away.length === 0 ? 'it says so' : 'that node is back'}`,
      details: { nodes: silent.map(({ nodeName }) => nodeName) },
    });
  }
}

/** Who holds a volume answers at once; longer than this is silence. */
const LOOK_UP_MS = 1_000;
/** A driver that was silent is not asked again before this. */
const SILENCE_MS = 5_000;

/** A volume that is to be made. */
interface WantedVolume {
  readonly volumeId: string;
  /** Nobody can have it yet. */
  readonly isNew: boolean;
  readonly call: CallContext;
}

/** `refused`: to it the id is none. */
type Answer = 'here' | 'absent' | 'refused' | 'silent';
type Question = (endpoint: DriverEndpoint, call: CallContext) => Promise<boolean>;

/** Finds out which endpoint holds a volume, a snapshot or a group of them, by asking each. */
export class EndpointFinder {
  readonly #endpoints: readonly DriverEndpoint[];
  readonly #clock: Clock;
  readonly #silentUntilMs = new Map<DriverEndpoint, number>();
  /** What those answered last that live and do not say whether they have it. */
  readonly #refusals = new Map<DriverEndpoint, string>();

  constructor(endpoints: readonly DriverEndpoint[], clock: Clock) {
    this.#endpoints = endpoints;
    this.#clock = clock;
  }

  /** That these don't say whether they have it, in words. */
  silent(endpoints: readonly DriverEndpoint[], what: string): NodeDriverSilent {
    return new NodeDriverSilent(endpoints, this.#refusals, what);
  }

  /** Who has the volume; undefined where nobody has. @throws NodeDriverSilent where that can't be told */
  volume(volumeId: string | undefined, call: CallContext): Promise<DriverEndpoint | undefined> {
    return this.#find(this.#endpoints, { what: `the volume ${volumeId}`, question: hasVolume(volumeId), call });
  }

  /**
   * All of `endpoints` at which the volume is to be deleted, and all that don't say. Where the id is refused the deletion is asked too: it is fine where
   * nothing lies, and else says why it can't be.
   */
  async volumeHolders(
    volumeId: string,
    call: CallContext,
    endpoints = this.#endpoints,
  ): Promise<{ readonly holders: readonly DriverEndpoint[]; readonly silent: readonly DriverEndpoint[] }> {
    const answers = await Promise.all(endpoints.map((endpoint) => this.#ask(endpoint, hasVolume(volumeId), call)));
    return {
      holders: endpoints.filter((_, index) => answers[index] === 'here' || answers[index] === 'refused'),
      silent: endpoints.filter((_, index) => answers[index] === 'silent'),
    };
  }

  /** As {@link volume}. */
  snapshot(snapshotId: string | undefined, call: CallContext): Promise<DriverEndpoint | undefined> {
    return this.#find(this.#endpoints, { what: `the snapshot ${snapshotId}`, question: hasSnapshot(snapshotId), call });
  }

  /** As {@link volume}. */
  group(groupId: string | undefined, call: CallContext): Promise<DriverEndpoint | undefined> {
    return this.#find(this.#endpoints, { what: `the group snapshot ${groupId}`, question: hasGroup(groupId), call });
  }

  /**
   * Among `candidates` the one that has the volume, else the first that answers and has it not. A volume that is not new may lie where nobody answers.
   * @throws NodeDriverSilent where it can't be told, or none answers
   */
  async holderOrFree(candidates: readonly DriverEndpoint[], wanted: WantedVolume): Promise<DriverEndpoint> {
    const { volumeId, isNew, call } = wanted;
    const answers = await Promise.all(candidates.map((endpoint) => this.#ask(endpoint, hasVolume(volumeId), call)));
    const holder = candidates[answers.indexOf('here')];
    if (holder !== undefined) return holder;
    // why refused too: the id is one that the driver gives, and who refuses it does not say that the volume is not there
    const silent = candidates.filter((_, index) => answers[index] !== 'absent');
    const free = candidates[answers.indexOf('absent')];
    if (free === undefined || (silent.length > 0 && !isNew)) throw this.silent(silent, `the volume ${volumeId}`);
    return free;
  }

  async #find(
    endpoints: readonly DriverEndpoint[],
    { what, question, call }: { readonly what: string; readonly question: Question; readonly call: CallContext },
  ): Promise<DriverEndpoint | undefined> {
    const asked = endpoints.map(async (endpoint) => ({ endpoint, answer: await this.#ask(endpoint, question, call) }));
    const holder = await firstHolder(asked);
    if (holder !== undefined) return holder;
    const silent = (await Promise.all(asked)).filter(({ answer }) => answer === 'silent');
    if (silent.length === 0) return undefined;
    throw this.silent(
      silent.map(({ endpoint }) => endpoint),
      what,
    );
  }

  async #ask(endpoint: DriverEndpoint, question: Question, call: CallContext): Promise<Answer> {
    if ((this.#silentUntilMs.get(endpoint) ?? 0) > this.#clock.nowMs()) return 'silent';
    try {
      const isHere = await question(endpoint, { ...call, timeoutMs: LOOK_UP_MS });
      this.#silentUntilMs.delete(endpoint);
      return isHere ? 'here' : 'absent';
    } catch (thrown) {
      if (hasCode(thrown, 'NotFound')) return 'absent';
      const { code, message } = PlatformError.from(thrown);
      // why only then: another refusal comes from a driver that lives
      const isAway = code === 'DeadlineExceeded' || code === 'Unavailable';
      if (isAway) this.#silentUntilMs.set(endpoint, this.#clock.nowMs() + SILENCE_MS);
      if (isAway) this.#refusals.delete(endpoint);
      else this.#refusals.set(endpoint, message);
      return code === 'InvalidArgument' ? 'refused' : 'silent';
    }
  }
}

/** Does not wait for the silent ones where another says that it has it. */
async function firstHolder(
  asked: readonly Promise<{ readonly endpoint: DriverEndpoint; readonly answer: Answer }>[],
): Promise<DriverEndpoint | undefined> {
  return new Promise((resolve) => {
    let left = asked.length;
    for (const question of asked) {
      void question.then(({ endpoint, answer }) => {
        left -= 1;
        if (answer === 'here') resolve(endpoint);
        else if (left === 0) resolve(undefined);
      });
    }
  });
}

function hasVolume(volumeId: string | undefined): Question {
  return async ({ client }, call) => {
    await client.controller.controllerGetVolume({ volumeId }, call);
    return true;
  };
}

function hasGroup(groupSnapshotId: string | undefined): Question {
  return async ({ client }, call) => {
    await client.groupController.getVolumeGroupSnapshot({ groupSnapshotId }, call);
    return true;
  };
}

function hasSnapshot(snapshotId: string | undefined): Question {
  return async ({ client }, call) => {
    const { entries = [] } = await client.controller.listSnapshots({ snapshotId }, call);
    return entries.length > 0;
  };
}
