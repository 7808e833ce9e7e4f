import { type ConfigSchema, parsers } from '#kit/config.ts';

/** Whether there is a sample. */
export const demoFlags = {
  demo: { flag: 'demo', env: 'STOWAGE_DEMO', default: true, doc: 'no sample application', parse: parsers.boolean, isSwitch: true },
} as const satisfies ConfigSchema;
