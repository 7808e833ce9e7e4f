import { constants } from 'node:os';

/** Number of SIGRTMIN where glibc and musl keep the first ones for themselves. */
const SIGRTMIN = 34;
const SIGRTMAX = 64;

/** The number of a signal by its name (`SIGUSR1`, `USR1`, `SIGRTMIN+3`, `10`); SIGTERM where there is none of that name. Pure. */
export function signalOf(name: string | undefined): number {
  if (name === undefined || name === '') return constants.signals.SIGTERM;
  if (/^\d+$/.test(name)) return Number(name);
  const full = name.startsWith('SIG') ? name : `SIG${name}`;
  const realTime = /^SIGRT(MIN|MAX)([+-]\d+)?$/.exec(full);
  if (realTime !== null) return (realTime[1] === 'MIN' ? SIGRTMIN : SIGRTMAX) + Number(realTime[2] ?? '0');
  return Object.entries(constants.signals).find(([known]) => known === full)?.[1] ?? constants.signals.SIGTERM;
}
