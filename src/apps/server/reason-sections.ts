import { API_REASONS } from '#api/reasons/api.ts';
import { CLIENT_REASONS } from '#api/reasons/clients.ts';
import { COMMAND_LINE_REASONS } from '#api/reasons/command-line.ts';
import { CONSOLE_REASONS } from '#api/reasons/console.ts';
import { NODE_REASONS } from '#api/reasons/node.ts';
import type { ReasonSection } from '#api/reasons/reason-section.ts';
import { STORE_REASONS } from '#api/reasons/store.ts';
import type { Module } from './modules/manifest.ts';

/** Every reason that the platform and its modules can give, in the order of the page of errors. */
export function reasonSections(modules: readonly Module[]): readonly ReasonSection[] {
  const ofModules = modules.flatMap(({ reasons = [] }) => reasons);
  return [COMMAND_LINE_REASONS, API_REASONS, STORE_REASONS, ...ofModules, NODE_REASONS, CONSOLE_REASONS, CLIENT_REASONS];
}
