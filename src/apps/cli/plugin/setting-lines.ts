import { formatTable } from '../table.ts';
import type { ShownSetting } from './plugin-settings.ts';

/** The settings of a plugin as lines of what is shown. Pure. */
export function settingLines(settings: readonly ShownSetting[]): readonly string[] {
  if (settings.length === 0) return ['settings: none'];
  const rows = settings.map(({ name, value, from, description }) => [name, JSON.stringify(value) ?? '-', from, description]);
  return ['settings:', ...formatTable(rows).map((line) => `  ${line}`)];
}
