/** How long a campaign goes on: for so many rounds where that is asked for, else for a time. */
export interface CampaignLength {
  /** For the names of tests: `90 s` or `1000 kills`. */
  readonly words: string;
  /** More than it may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Begins now: answers whether it is over after so many rounds. */
  begin(): (rounds: number) => boolean;
}

/** What an ordinary run spends on each campaign; `npm run soak` has more. */
const ORDINARY_SEC = 90;
/** Everything is counted at least once, however slow the machine is. */
const FEWEST_ROUNDS = 4;
const TELL_MS = 60_000;
/** More than starting, the last counting and taking down take. */
const AROUND_MS = 600_000;

/** `rounds` where it is set, else `seconds`, else the ordinary time (`ordinarySec`). `roundMs` is more than a round takes. */
export function campaignLength(
  { rounds, seconds }: { readonly rounds: string | undefined; readonly seconds: string | undefined },
  { unit, roundMs, ordinarySec = ORDINARY_SEC }: { readonly unit: string; readonly roundMs: number; readonly ordinarySec?: number },
): CampaignLength {
  if (rounds !== undefined && rounds !== '') {
    const wanted = countIn(rounds);
    const begin = () => telling(unit, (done) => done >= wanted);
    return { words: `${wanted} ${unit}`, timeoutMs: AROUND_MS + wanted * roundMs, begin };
  }
  const lastsMs = (seconds === undefined || seconds === '' ? ordinarySec : countIn(seconds)) * 1_000;
  return {
    words: `${lastsMs / 1_000} s of ${unit}`,
    timeoutMs: AROUND_MS + lastsMs + FEWEST_ROUNDS * roundMs,
    begin: () => {
      const endMs = performance.now() + lastsMs;
      return telling(unit, (done) => done >= FEWEST_ROUNDS && performance.now() >= endMs);
    },
  };
}

/** @throws TypeError */
function countIn(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new TypeError(`${JSON.stringify(text)}: must be a whole number of at least 1`);
  return Number(text);
}

/** Says once a minute how far it is. */
function telling(unit: string, isOver: (done: number) => boolean): (done: number) => boolean {
  const startMs = performance.now();
  let toldMs = startMs;
  return (done) => {
    const nowMs = performance.now();
    if (nowMs - toldMs >= TELL_MS) {
      toldMs = nowMs;
      console.log(`${Math.floor(done)} ${unit} in ${Math.round((nowMs - startMs) / 1_000)} s, nothing lost so far`);
    }
    return isOver(done);
  };
}

/** The seed that was asked for, else that of the day: everybody tries the same today, and others tomorrow. */
export function campaignSeed(text: string | undefined): number {
  return text === undefined ? Math.floor(Date.now() / 86_400_000) : Number(text);
}
