import { moduleInfoes } from '#api/generated/definitions.ts';
import { infoOf } from '#api/plugins/plugin-info.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';

/** A plugin is not there. */
export class PluginNotInstalled extends PlatformError {
  constructor(name: string) {
    const message = `the plugin ${JSON.stringify(name)} is not installed: stowage plugin install ${name}`;
    super({ code: 'FailedPrecondition', reason: 'PluginNotInstalled', message });
  }
}

/** For verbs of a plugin. An API without plugins has whatever it has. @throws PluginNotInstalled */
export async function requirePlugin(client: Pick<Client, 'list'>, name: string): Promise<void> {
  const infos = await client.list(moduleInfoes).catch((thrown: unknown) => {
    if (hasCode(thrown, 'NotFound', 'PermissionDenied')) return undefined;
    throw thrown;
  });
  if (infos !== undefined && infoOf(name, infos.items) === undefined) throw new PluginNotInstalled(name);
}
