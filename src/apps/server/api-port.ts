import { hasCode } from '#kit/errors.ts';
import type { Attributes } from '#machinery/apiserver/contract/authorizer.ts';
import { isAuthenticated, type UserInfo } from '#machinery/apiserver/contract/user.ts';
import type { ApiServer } from '#machinery/apiserver/api-server.ts';
import type { HttpRequest, HttpResponse } from '#machinery/apiserver/http/messages.ts';

/** Answers requests; never throws. */
export type Door = (request: HttpRequest, response: HttpResponse) => void;

/** What is asked of an API server about those who call. */
type Access = Pick<ApiServer, 'authenticate' | 'userOf' | 'mayDo'>;

/** The port of the API, where modules serve more than the API: over TLS alone, and wherever the platform listens. */
export interface ApiPort {
  /** `HOST:PORT`, as pods and programs of this machine call it. */
  readonly address: string;
  /** Requests for paths that begin so go through this door, until the answered function is called. */
  serve(prefix: string, door: Door): () => void;
  /** Who shows a token that is meant for this audience, as a TokenReview says it; undefined where nobody does. */
  whoIs(token: string, audience: string): Promise<UserInfo | undefined>;
  /** As whom the API would serve the request; undefined where it shows nothing. @throws ApiError `Unauthenticated`, `PermissionDenied` */
  userOf(request: HttpRequest): Promise<UserInfo | undefined>;
  /** True where the API allows it. */
  mayDo(attributes: Attributes): boolean;
}

/** The doors that modules have opened. */
export class Doors {
  readonly #doors = new Map<string, Door>();

  /** @throws TypeError where somebody serves that prefix already */
  open(prefix: string, door: Door): () => void {
    if (this.#doors.has(prefix)) throw new TypeError(`paths that begin with ${prefix} are served twice`);
    this.#doors.set(prefix, door);
    return () => void this.#doors.delete(prefix);
  }

  /** Answers the request, where there is a door for it. */
  answer(request: HttpRequest, response: HttpResponse): boolean {
    const url = request.url ?? '/';
    const found = [...this.#doors].find(([prefix]) => url.startsWith(prefix));
    found?.[1](request, response);
    return found !== undefined;
  }
}

/** The port with its doors. */
export function apiPort(doors: Doors, access: Access, address: string): ApiPort {
  return {
    address,
    serve: (prefix, door) => doors.open(prefix, door),
    whoIs: async (bearerToken, audience) => {
      try {
        const user = await access.authenticate({ bearerToken, audiences: [audience] });
        // why: a token that names no audience is one of the API itself
        return user.audiences?.includes(audience) === true ? user : undefined;
      } catch (thrown) {
        if (hasCode(thrown, 'Unauthenticated')) return undefined;
        throw thrown;
      }
    },
    userOf: async (request) => {
      const user = await access.userOf(request);
      return isAuthenticated(user) ? user : undefined;
    },
    mayDo: (attributes) => access.mayDo(attributes),
  };
}
