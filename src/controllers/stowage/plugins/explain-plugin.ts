import {
  type ModuleConfig,
  moduleConfigs,
  type ModuleInfo,
  moduleInfoes,
  type ModulePlugin,
  modulePlugins,
} from '#api/generated/definitions.ts';
import { type Explanation, type Finding, said, words } from '#api/explanation.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { infoOf, pluginOf } from '#api/plugins/plugin-info.ts';
import { listed } from '#kit/listed.ts';
import type { AskedBy, KindExplainer } from '../explain/explained-kind.ts';
import { blocked, fine } from '../explain/states.ts';
import { explainInfo, type PluginsView, relativesOf } from './explain-info.ts';

/** Of the objects that install plugins. */
export const infoExplainer: KindExplainer = {
  resource: moduleInfoes,
  explain: async ({ name }, { client }) => {
    const view = await viewPlugins(client);
    return of(`moduleinfo ${name}`, view.infos, { name, explain: (info, object) => explainInfo(object, info, view) });
  },
};

/** Of what can be installed. */
export const entryExplainer: KindExplainer = {
  resource: modulePlugins,
  explain: async ({ name }, { client }) => {
    const view = await viewPlugins(client);
    return of(`moduleplugin ${name}`, view.entries, { name, explain: (entry, object) => explainEntry(object, entry, view) });
  },
};

/** Of the settings that a version of a plugin begins with. */
export const configExplainer: KindExplainer = {
  resource: moduleConfigs,
  explain: async ({ name }, { client }) => {
    const [{ items }, { items: infos }] = await Promise.all([client.list(moduleConfigs), client.list(moduleInfoes)]);
    return of(`moduleconfig ${name}`, items, { name, explain: (config, object) => explainConfig(object, config, infos) });
  },
};

// why lists: there are as many as plugins, and no informer holds them for users
async function viewPlugins(client: Pick<AskedBy['client'], 'list'>): Promise<PluginsView> {
  const [infos, entries] = await Promise.all([client.list(moduleInfoes), client.list(modulePlugins)]);
  return { infos: infos.items, entries: entries.items };
}

/** The explanation of the one of that name; else that there is none, and which there are. */
function of<K extends KubeObject>(
  object: string,
  all: readonly K[],
  { name, explain }: { readonly name: string; readonly explain: (found: K, object: string) => Explanation },
): Explanation {
  const found = all.find(({ metadata }) => metadata.name === name);
  if (found !== undefined) return explain(found, object);
  const names = listed(all.map(({ metadata }) => metadata.name));
  return blocked(words('notThere', { object }), [{ subject: object, words: words('missingThereAre', { names }) }], []);
}

/** Whether a plugin can be installed; of one that has a ModuleInfo, why it is as that says. Pure. */
function explainEntry(object: string, entry: ModulePlugin, view: PluginsView): Explanation {
  const plugin = entry.metadata.name;
  const info = infoOf(plugin, view.infos);
  const findings = [...versionsOf(entry), ...lacksOf(entry)];
  if (info !== undefined) {
    const explanation = explainInfo(object, info, view);
    const installedBy = { subject: 'installed by', words: said(`ModuleInfo ${info.metadata.name}`) };
    return { ...explanation, findings: [installedBy, ...explanation.findings, ...findings] };
  }
  return explainAbsent(object, entry, { view, findings: [...relativesOf(plugin, view), ...findings] });
}

/** Why one that nothing installs is not there, and what brings it. */
function explainAbsent(
  object: string,
  { metadata: { name: plugin }, spec = {}, status = {} }: ModulePlugin,
  { view, findings }: { readonly view: PluginsView; readonly findings: readonly Finding[] },
): Explanation {
  if (status.phase === 'Absent') return blocked(words('pluginAbsent', { object, plugin }), findings, []);
  if (status.reason !== undefined) {
    const reason = said(status.message ?? status.reason);
    const remedy = words(status.reason === 'PluginPackageUnfit' ? 'pluginOtherPackage' : 'pluginTrustKey');
    return blocked(words('pluginUnusable', { object, plugin, reason }), findings, [remedy]);
  }
  const missing = (spec.dependencies ?? []).filter((needed) => infoOf(needed, view.infos) === undefined);
  const lacks = status.preflight?.lacks ?? [];
  const remedies = [
    ...missing.map((needed) => words('pluginInstallFirst', { needed })),
    ...(lacks.length === 0 ? [] : [words('pluginMendNodes', { plugin })]),
    words('pluginInstall', { plugin }),
  ];
  return { ...fine(words('pluginReady', { object, plugin, version: spec.version ?? '' }), findings), remedies };
}

/** Of which version the settings are, and whether that is installed. Pure. */
function explainConfig(object: string, { spec = {} }: ModuleConfig, infos: readonly ModuleInfo[]): Explanation {
  const { moduleName: plugin = '', version = '', config = {} } = spec;
  const info = infos.find((each) => pluginOf(each) === plugin && each.status?.version === version);
  const findings = Object.entries(config).map(([name, value]) => ({
    subject: `setting ${name}`,
    words: words('pluginSetTo', { value: JSON.stringify(value) }),
  }));
  if (info === undefined) return fine(words('pluginConfigOfNone', { object, plugin, version }), findings);
  return fine(words('pluginConfigOf', { object, plugin, version, info: info.metadata.name }), findings);
}

function versionsOf({ status }: ModulePlugin): readonly Finding[] {
  const versions = (status?.versions ?? []).map(
    ({ version, channel = '', isTrusted }) => `${version} (${channel}${isTrusted === false ? ', not trusted' : ''})`,
  );
  return versions.length === 0
    ? []
    : [{ subject: 'versions that there are', words: words('pluginVersions', { versions: versions.join(', ') }) }];
}

/** What the nodes lacked when somebody asked last. */
function lacksOf({ status }: ModulePlugin): readonly Finding[] {
  return (status?.preflight?.lacks ?? []).map((lack) => ({ subject: 'nodes lack', words: said(lack) }));
}
