import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConsoleSession } from '#api/console-session.ts';
import type { Words } from '#api/explanation.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import { giveUpGrowth } from '../../data/recovery.ts';
import { useSession } from '../../data/use-session.ts';

/** How far giving up the growth of one claim is. */
export interface Recovery {
  readonly state: 'idle' | 'pending' | 'success' | 'error';
  /** What was done. */
  readonly steps: readonly Words[];
  readonly error: Error | null;
  readonly start: () => void;
}

/** Gives the growth of the claim `key` up when it is started. */
export function useRecovery(key: ObjectKey): Recovery {
  const session = useSession().data ?? undefined;
  const [steps, setSteps] = useState<readonly Words[]>([]);
  const { status, error, mutate } = useMutation({
    mutationFn: (signedIn: ConsoleSession) => giveUpGrowth(signedIn, key, (step) => setSteps((known) => [...known, step])),
    onMutate: () => setSteps([]),
  });
  const start = (): void => {
    if (session !== undefined) mutate(session);
  };
  return { state: status, steps, error, start };
}
