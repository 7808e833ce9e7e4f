import type { Controller } from '#machinery/runtime/controller.ts';
import type { Attempts } from './attempts.ts';
import type { ConnectedDrivers } from './drivers.ts';

/** What waits, for whom, and where that is heard of. */
export interface Waiting {
  readonly drivers: ConnectedDrivers;
  readonly attempts: Attempts;
  /** The driver of the object with this key; undefined where there is none. */
  readonly driverOf: (key: string) => string | undefined;
  /** Keys of the objects that could not be tried while the driver was away; absent where they look again by themselves soon enough. */
  readonly waitingFor?: (driverName: string) => readonly string[];
}

/** Wake-ups of a controller: what waits before its next try is tried as soon as its driver answers again. */
export function retryWhenBack({ drivers, attempts, driverOf, waitingFor }: Waiting): NonNullable<Controller['wakeUps']> {
  return (add) =>
    drivers.onBack((driverName) => {
      for (const key of attempts.keys()) {
        if (driverOf(key) !== driverName) continue;
        attempts.forget(key);
        add(key);
      }
      waitingFor?.(driverName).forEach(add);
    });
}
