/** How many random cases a model test tries: `rounds`, or what `npm run soak -- models --rounds N` asks for. */
export function modelRounds(rounds: number): number {
  return numberOf('STOWAGE_MODEL_ROUNDS') ?? rounds;
}

/** Parameters for fast-check: the seed of `npm run soak -- models --seed N`; without one each run has its own, which a failure prints. */
export function modelSeed(): { readonly seed?: number } {
  const seed = numberOf('STOWAGE_MODEL_SEED');
  return seed === undefined ? {} : { seed };
}

/** How long a model test may take, in milliseconds: a campaign a day, a test in `npm test` long enough for a machine that is busy with others. */
export function modelTimeoutMs(): number {
  return numberOf('STOWAGE_MODEL_ROUNDS') === undefined ? 600_000 : 86_400_000;
}

function numberOf(name: string): number | undefined {
  const text = process.env[name];
  return text === undefined ? undefined : Number(text);
}
