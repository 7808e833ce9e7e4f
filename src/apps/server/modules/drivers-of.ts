import type { Module } from './manifest.ts';
import type { DriverFactory } from './module.ts';

/** The drivers that the modules bring. */
export function driversOf(modules: readonly Pick<Module, 'driver'>[]): readonly DriverFactory[] {
  return modules.flatMap(({ driver }) => (driver === undefined ? [] : [driver]));
}
