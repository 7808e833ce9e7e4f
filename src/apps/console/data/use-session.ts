import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ConsoleRights, ConsoleSession } from '#api/console-session.ts';
import { fetchSession, RequestFailed, signIn, signOut } from './session.ts';

const KEY = ['session'] as const;

/** A code that stands in the address once, from the link that the server printed. */
let arrivalCode: string | undefined;
let arrivalProblem: RequestFailed | undefined;

/** Takes the one-time code out of the address, so that it stays in no history. */
export function takeArrivalCode(): void {
  const match = /^#code=([A-Za-z0-9_-]+)$/.exec(location.hash);
  if (match === null) return;
  arrivalCode = match[1];
  history.replaceState(null, '', location.pathname + location.search);
}

/** Who is signed in: null = nobody. Uses up the arrival code first. */
export function useSession() {
  return useQuery({ queryKey: KEY, queryFn: arriveOrFetch, staleTime: Infinity, retry: 3, refetchOnWindowFocus: false });
}

/** What of the console is of use to who is signed in; everything until that is known. */
export function useRights(): ConsoleRights {
  return useSession().data?.rights ?? ALL_RIGHTS;
}

const ALL_RIGHTS: ConsoleRights = { namespaces: 'all', seesAdministration: true };

/** Why the link did not sign in, for the sign-in page. */
export function takeArrivalProblem(): RequestFailed | undefined {
  return arrivalProblem;
}

/** Signs in with a token. */
export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => signIn({ token }),
    onSuccess: (session) => {
      arrivalProblem = undefined;
      queries.setQueryData<ConsoleSession | null>(KEY, session);
    },
  });
}

/** Signs out; the sign-in page follows. */
export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (session: ConsoleSession) => signOut(session),
    onSettled: () => queries.setQueryData<ConsoleSession | null>(KEY, null),
  });
}

/** Asks the server again, for when its refusal shows that the session may have ended. */
export function useSessionCheck(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: KEY });
}

async function arriveOrFetch(): Promise<ConsoleSession | null> {
  const code = arrivalCode;
  arrivalCode = undefined;
  if (code === undefined) return fetchSession();
  try {
    return await signIn({ code });
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    // why: who is signed in already needs no link, and a used link must not lock him out
    const session = await fetchSession();
    if (session === null) arrivalProblem = error;
    return session;
  }
}
