import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { pluginOf } from '#api/plugins/plugin-info.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import type { Plugin } from './plugin.ts';
import type { PluginHost } from './plugin-host.ts';
import { reconcilePlugin } from './reconcile.ts';

/** What installing and uninstalling is done with. */
export interface PluginsDeps {
  readonly informers: InformerFactory;
  readonly host: PluginHost;
}

/** Installs and uninstalls plugins as ModuleInfos say (PLUG-1, PLUG-2). */
export function createPluginsController({ informers, host }: PluginsDeps): Controller<ModuleInfo> {
  const informer = informers.for(moduleInfoes, { plugin: (info) => [pluginOf(info)] });
  return {
    name: 'plugins',
    resource: moduleInfoes,
    informer,
    triggers: [
      trigger(informer, (info) =>
        relatives(pluginOf(info), host.plugins.now([...informer.all()])).flatMap((name) =>
          informer.byIndex('plugin', name).map((relative) => formatKey(keyOf(relative))),
        ),
      ),
    ],
    // why: a version that comes, or whose signer is no longer trusted, may be for it; and a node that starts anew may not serve its driver
    wakeUps: (add) => {
      const wake = (name: string): void => {
        for (const info of informer.byIndex('plugin', name)) add(formatKey(keyOf(info)));
      };
      const disposers = [
        host.plugins.onChange(wake),
        host.nodes?.onFault((module) => host.plugins.now([]).forEach((plugin) => plugin.module === module && wake(plugin.name))),
      ];
      return () => disposers.forEach((dispose) => dispose?.());
    },
    // why: one at a time, so that a plugin never comes while another that it needs goes
    concurrency: 1,
    reconcile: (ctx, info) => reconcilePlugin(ctx, info, host),
  };
}

/** Those that wait for it, or that it waits for; itself, as two objects may name one plugin. */
function relatives(name: string, plugins: readonly Plugin[]): readonly string[] {
  const needed = plugins.find((plugin) => plugin.name === name)?.dependencies ?? [];
  const needing = plugins.filter(({ dependencies }) => dependencies.includes(name)).map((plugin) => plugin.name);
  return [name, ...needed, ...needing];
}
