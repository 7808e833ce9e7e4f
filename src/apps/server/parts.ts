import type { SystemClock } from '#kit/clock.ts';
import type { SystemExec } from '#kit/exec.ts';
import type { SystemIds } from '#kit/ids.ts';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import { MASTERS, type UserInfo } from '#machinery/apiserver/contract/user.ts';
import type { ServerConfig } from './config.ts';
import type { DataDirectory } from './data-directory.ts';
import type { Module } from './modules/manifest.ts';
import type { ModulesAtWork } from './modules-at-work.ts';
import type { StopSteps } from './stop-steps.ts';

/** What every part of a platform is started with. */
export interface Parts {
  readonly config: ServerConfig;
  readonly version: string;
  readonly directory: DataDirectory;
  /** All that there are, in order. */
  readonly modules: readonly Module[];
  /** Which of them are at work. */
  readonly atWork: ModulesAtWork;
  readonly log: Logger;
  readonly clock: SystemClock;
  readonly ids: SystemIds;
  readonly exec: SystemExec;
  readonly metrics: Metrics;
  readonly onStop: StopSteps['add'];
  /** Is told what is done from now on: `reading the objects`. */
  readonly onStep: (step: string) => void;
}

/** The platform's own identity in the API. */
export const SYSTEM_USER: UserInfo = { name: 'system:stowage', groups: [MASTERS] };
/** Who signs in with the token of the data directory. */
export const ADMIN_USER: UserInfo = { name: 'stowage-admin', groups: [MASTERS] };
/** Addresses that only this machine reaches. */
export const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/** The address as it stands in a URL; an address that means all is shown as loopback. */
export function displayHost(address: string): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1';
  return address.includes(':') ? `[${address}]` : address;
}
