import type { AdmissionPlugin } from '#machinery/apiserver/contract/admission.ts';
import type { Module } from '../modules/manifest.ts';
import type { ModulesAtWork } from '../modules-at-work.ts';

/** The rule of a module that can be absent: nothing is asked of it while the module is not at work. */
export function whileAtWork(
  plugin: AdmissionPlugin,
  { atWork, module }: { readonly atWork: ModulesAtWork; readonly module: Pick<Module, 'name' | 'plugin'> },
): AdmissionPlugin {
  if (module.plugin === undefined) return plugin;
  const isAtWork = (): boolean => atWork.has(module.name);
  return {
    name: plugin.name,
    ...(plugin.isLast === undefined ? {} : { isLast: plugin.isLast }),
    ...(plugin.isAskedOfSent === undefined ? {} : { isAskedOfSent: plugin.isAskedOfSent }),
    ...(plugin.mutate === undefined ? {} : { mutate: (request, view) => (isAtWork() ? plugin.mutate?.(request, view) : undefined) }),
    ...(plugin.validate === undefined ? {} : { validate: (request, view) => (isAtWork() ? plugin.validate?.(request, view) : undefined) }),
    ...(plugin.validateToken === undefined
      ? {}
      : {
          validateToken: (request, spec, view) => {
            if (isAtWork()) plugin.validateToken?.(request, spec, view);
          },
        }),
  };
}
