import type { ModulesAtWork } from '../modules-at-work.ts';
import type { Module } from './manifest.ts';
import type { DriverFactory } from './module.ts';

/** The drivers of the modules that are at work. */
export function driversOf(
  modules: readonly Pick<Module, 'name' | 'driver'>[],
  atWork: Pick<ModulesAtWork, 'has'>,
): readonly DriverFactory[] {
  return modules.flatMap(({ name, driver }) => (driver === undefined || !atWork.has(name) ? [] : [driver]));
}
