import type { SimProcess } from './sim-process.ts';
import type { DriverName, Fate, Part, Step } from './step.ts';

type ApiFate = Extract<Step, { do: 'apiFate' }>['fate'];

interface ArmedKill {
  effects: number;
  readonly moment: 'before' | 'after';
}

/** What waits for the next call, write or effect. */
export class Fates {
  readonly #drivers = new Map<string, { readonly method: string; readonly fate: Fate }[]>();
  readonly #api = new Map<string, ApiFate[]>();
  readonly #kills = new Map<string, ArmedKill>();

  ofNextCall(driver: DriverName, call: { readonly method: string; readonly fate: Fate }): void {
    this.#drivers.set(driver, [...(this.#drivers.get(driver) ?? []), call]);
  }

  ofNextWrite(part: string, fate: ApiFate): void {
    this.#api.set(part, [...(this.#api.get(part) ?? []), fate]);
  }

  killAt(part: Part, kill: ArmedKill): void {
    this.#kills.set(part, kill);
  }

  /** Nothing waits any more. */
  clear(): void {
    this.#drivers.clear();
    this.#api.clear();
    this.#kills.clear();
  }

  forCall(driver: string, method: string): Fate | undefined {
    const waiting = this.#drivers.get(driver) ?? [];
    const index = waiting.findIndex((each) => each.method === method);
    return index < 0 ? undefined : waiting.splice(index, 1)[0]?.fate;
  }

  forWrite(part: string): ApiFate | undefined {
    return this.#api.get(part)?.shift();
  }

  /** True where the process dies at this effect. */
  isEnd({ name }: SimProcess, moment: 'before' | 'after'): boolean {
    const kill = this.#kills.get(name);
    if (kill === undefined) return false;
    if (moment === 'before') kill.effects -= 1;
    if (kill.effects > 0 || kill.moment !== moment) return false;
    this.#kills.delete(name);
    return true;
  }
}
