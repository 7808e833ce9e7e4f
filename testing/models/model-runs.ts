/** How many random cases a model test tries: `rounds`, or what `npm run soak -- models --rounds N` asks for. */
export function modelRounds(rounds: number): number {
  return numberOf('STOWAGE_MODEL_ROUNDS') ?? rounds;
}

/** Parameters for fast-check: the seed of `npm run soak -- models --seed N`; without one each run has its own, which a failure prints. */
export function modelSeed(): { readonly seed?: number } {
  const seed = numberOf('STOWAGE_MODEL_SEED');
  return seed === undefined ? {} : { seed };
}

function numberOf(name: string): number | undefined {
  const text = process.env[name];
  return text === undefined ? undefined : Number(text);
}
