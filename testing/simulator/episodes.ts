import { pick, type Roll } from '#testing/fuzz/random-json.ts';
import { killSoon, randomFate } from './random-faults.ts';
import type { DriverName, Step } from './step.ts';
import { NODE_COUNT } from './world.ts';

/** A story whose steps follow each other at once: what chance alone brings together too seldom. */
export type Episode = (roll: Roll, claim: string) => readonly Step[];

/** A claim that is deleted while its volume is being made, and somebody does not hear how that ended. */
export function fleetingClaim(roll: Roll, name: string): readonly Step[] {
  const className = pick(roll, ['net', 'spread', 'kept'] as const);
  const driver: DriverName = className === 'spread' ? `driver-${roll(NODE_COUNT)}` : 'driver-net';
  return [
    { do: 'deleteClaim', name },
    { do: 'wait', ms: pick(roll, [1_000, 12_000]) },
    pick<Step>(roll, [
      killSoon(roll, 'controllers'),
      killSoon(roll, 'server'),
      { do: 'driverFate', driver, method: 'createVolume', fate: randomFate(roll) },
    ]),
    { do: 'createClaim', name, className, mib: 32 },
    { do: 'wait', ms: pick(roll, [1, 20, 200, 1_000, 3_000]) },
    { do: 'deleteClaim', name },
  ];
}

/** All of them. */
export const EPISODES: readonly Episode[] = [fleetingClaim];
