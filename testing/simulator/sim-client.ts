import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { UserInfo } from '#machinery/apiserver/contract/user.ts';
import type { ApiServer } from '#machinery/apiserver/api-server.ts';
import { ApiError } from '#machinery/client/api-error.ts';
import type { Client, WatchEvent, WatchOptions } from '#machinery/client/client.ts';
import { ApiTimedOut, ApiUnreachable } from '#machinery/client/transport.ts';
import type { SimProcess } from './sim-process.ts';

/** The API as it is reached now; undefined while it is down. */
export interface OpenDoor {
  readonly server: ApiServer;
  readonly process: SimProcess;
}

/** Who is told of writes, and decides what becomes of them. */
export interface ApiListener {
  door(caller: string): OpenDoor | undefined;
  /** Resolves when the caller is cut off. */
  broken(caller: string): Promise<void>;
  apiFateOf(process: string): 'conflict' | 'lostAnswer' | 'unreachable' | undefined;
  /** A write meets a fate. */
  onApiFate(fate: 'conflict' | 'lostAnswer' | 'unreachable'): void;
  onWrite(process: string, write: { readonly verb: string; readonly kind: string; readonly name: string; readonly outcome: string }): void;
  /** The process is about to write, or has written and not heard yet; never resolves where it dies of it. */
  pass(process: SimProcess, moment: 'before' | 'after'): Promise<void>;
}

interface Write {
  readonly verb: string;
  readonly kind: string;
  readonly name: string;
}

const ADDRESS = 'https://simulation';
const TIMEOUT_MS = 60_000;

/** The API as a process of the simulation reaches it: it may be down, be overtaken by others, or lose an answer. */
export function simClient(caller: SimProcess, user: UserInfo, listener: ApiListener): Client {
  const reach = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const { server, process } = open(caller, listener);
    const gone = Promise.race([process.end, listener.broken(caller.name)]).then(() =>
      Promise.reject(new ApiUnreachable(ADDRESS, 'the connection broke')),
    );
    return Promise.race([gone, work(server.clientFor(user))]);
  };
  const read = <T>(work: (client: Client) => Promise<T>): Promise<T> => caller.awaits(() => reach(work));
  const write = <T>(what: Write, work: (client: Client) => Promise<T>): Promise<T> =>
    caller.awaits(async () => {
      const fate = listener.apiFateOf(caller.name);
      const isMet = fate !== undefined && (fate !== 'conflict' || what.verb === 'update' || what.verb === 'patch');
      if (isMet) listener.onApiFate(fate);
      if (fate === 'unreachable') throw new ApiUnreachable(ADDRESS, 'connection refused');
      if (fate === 'conflict' && isMet) throw conflict(what);
      await listener.pass(caller, 'before');
      let outcome = 'OK';
      try {
        const answer = await reach(work);
        await listener.pass(caller, 'after');
        if (fate === 'lostAnswer') throw new ApiTimedOut(ADDRESS, TIMEOUT_MS);
        return answer;
      } catch (thrown) {
        outcome = thrown instanceof ApiError ? thrown.reason : 'lost';
        throw thrown;
      } finally {
        listener.onWrite(caller.name, { ...what, outcome });
      }
    });
  return {
    get: (resource, key) => read((client) => client.get(resource, key)),
    list: (resource, options) => read((client) => client.list(resource, options)),
    watch: (resource, options) => watch(resource, options, { caller, user, listener }),
    create: (resource, draft, options) =>
      write({ verb: 'create', kind: resource.kind, name: draft.metadata.name ?? '' }, (client) => client.create(resource, draft, options)),
    update: (resource, object, options) =>
      write({ verb: 'update', kind: resource.kind, name: object.metadata.name }, (client) => client.update(resource, object, options)),
    patch: (resource, target, options) =>
      write({ verb: 'patch', kind: resource.kind, name: target.key.name }, (client) => client.patch(resource, target, options)),
    delete: (resource, key, options) =>
      write({ verb: 'delete', kind: resource.kind, name: key.name }, (client) => client.delete(resource, key, options)),
    bindPod: (pod) => write({ verb: 'bind', kind: 'Pod', name: pod.key.name }, (client) => client.bindPod(pod)),
  };
}

async function* watch<K extends KubeObject>(
  resource: Resource<K>,
  options: WatchOptions,
  { caller, user, listener }: { readonly caller: SimProcess; readonly user: UserInfo; readonly listener: ApiListener },
): AsyncGenerator<WatchEvent<K>> {
  const { server, process } = open(caller, listener);
  const events = server.clientFor(user).watch(resource, options)[Symbol.asyncIterator]();
  const gone = Promise.race([process.end, listener.broken(caller.name)]).then(() => 'gone' as const);
  for (;;) {
    const next = await caller.awaits(() => Promise.race([gone, events.next()]));
    if (next === 'gone') throw new ApiUnreachable(ADDRESS, 'the connection broke');
    if (next.done === true) return;
    yield next.value;
  }
}

function open(caller: SimProcess, listener: ApiListener): OpenDoor {
  const door = listener.door(caller.name);
  if (door === undefined || door.process.isDead) throw new ApiUnreachable(ADDRESS, 'connection refused');
  return door;
}

function conflict({ kind, name }: Write): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason: 'Conflict',
    code: 409,
    message: `Operation cannot be fulfilled on ${kind} ${JSON.stringify(name)}: the object has been modified`,
  });
}
