import type { AdmissionPlugin } from '#machinery/apiserver/contract/admission.ts';
import type { Module } from '../modules/manifest.ts';
import type { ModulesAtWork } from '../modules-at-work.ts';

/** The rule of a module that can be absent: nothing is asked of it while nothing of the module is there. */
export function whileAtWork(
  plugin: AdmissionPlugin,
  { atWork, module }: { readonly atWork: ModulesAtWork; readonly module: Pick<Module, 'name' | 'plugin'> },
): AdmissionPlugin {
  if (module.plugin === undefined) return plugin;
  const holds = (): boolean => atWork.hasRules(module.name);
  return {
    name: plugin.name,
    ...(plugin.isLast === undefined ? {} : { isLast: plugin.isLast }),
    ...(plugin.isAskedOfSent === undefined ? {} : { isAskedOfSent: plugin.isAskedOfSent }),
    ...(plugin.mutate === undefined ? {} : { mutate: (request, view) => (holds() ? plugin.mutate?.(request, view) : undefined) }),
    ...(plugin.validate === undefined ? {} : { validate: (request, view) => (holds() ? plugin.validate?.(request, view) : undefined) }),
    ...(plugin.validateToken === undefined
      ? {}
      : {
          validateToken: (request, spec, view) => {
            if (holds()) plugin.validateToken?.(request, spec, view);
          },
        }),
  };
}
