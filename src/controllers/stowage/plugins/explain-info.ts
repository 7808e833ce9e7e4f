import { type ModuleInfo, type ModulePlugin } from '#api/generated/definitions.ts';
import { type Explanation, type Finding, said, type Words, words } from '#api/explanation.ts';
import { DEFAULT_CHANNEL, infoOf, isInstalled, pluginOf } from '#api/plugins/plugin-info.ts';
import { blocked, busy, fine } from '../explain/states.ts';
import type { VersionReason } from './choose-version.ts';
import type { PluginReason } from './plan.ts';

/** What is known of plugins. */
export interface PluginsView {
  readonly infos: readonly ModuleInfo[];
  readonly entries: readonly ModulePlugin[];
}

type Reason = PluginReason | VersionReason | 'PluginStepFailed';

/** What an explanation of one object is made from. */
interface Told {
  readonly object: string;
  readonly plugin: string;
  readonly info: ModuleInfo;
  readonly view: PluginsView;
}

/** Why a plugin is as it is, from the object that installs it: whether it is at work, what it waits for or what holds it, and what helps. Pure. */
export function explainInfo(object: string, info: ModuleInfo, view: PluginsView): Explanation {
  const told = { object, plugin: pluginOf(info), info, view };
  const { status, metadata } = info;
  const findings = findingsOf(told);
  if (status?.reason !== undefined) return explainRefusal(told, status.reason, findings);
  if (status === undefined || (status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    return busy(words('pluginUnlooked', { object }), findings);
  return explainPhase(told, status, findings);
}

function explainPhase(told: Told, status: NonNullable<ModuleInfo['status']>, findings: readonly Finding[]): Explanation {
  const { object, plugin } = told;
  const { targetVersion = '' } = status;
  switch (status.phase) {
    case 'Running':
      return explainRunning(told, status, findings);
    case 'Upgrading':
      return busy(words('pluginUpgrades', { object, plugin, version: targetVersion }), findings, remediesOfNeeds(told));
    case 'Uninstalling':
      return busy(words('pluginGoes', { object, plugin }), findings);
    default:
      return busy(words('pluginComes', { object, plugin }), findings, remediesOfNeeds(told));
  }
}

function explainRunning(
  { object, plugin }: Told,
  { version = '', availableVersion: newer }: NonNullable<ModuleInfo['status']>,
  findings: readonly Finding[],
): Explanation {
  if (newer === undefined) return fine(words('pluginRuns', { object, plugin, version }), findings);
  return {
    ...fine(words('pluginAwaitsYes', { object, plugin, version, newer }), findings),
    remedies: [words('pluginApprove', { plugin })],
  };
}

function explainRefusal(told: Told, reason: string, findings: readonly Finding[]): Explanation {
  const { object, plugin, info } = told;
  const { version, phase, message = reason } = info.status ?? {};
  const remedies = [remedyOf(told, reason)];
  if (phase === 'Uninstalling')
    return blocked(words('pluginHeld', { object, plugin }), [{ subject: reason, words: said(message) }, ...findings], remedies);
  const why = { reason: said(message) };
  if (version === undefined) return blocked(words('pluginCanNotCome', { object, plugin, ...why }), findings, remedies);
  return blocked(words('pluginStays', { object, plugin, version, ...why }), findings, remedies);
}

function remedyOf(told: Told, reason: string): Words {
  const { plugin } = told;
  if (reason === 'PluginDependencyMissing') return remediesOfNeeds(told)[0] ?? words('pluginTriedAgain', { plugin });
  return words(isKnown(reason) ? REMEDIES[reason] : 'pluginTriedAgain', { plugin });
}

const REMEDIES = {
  PluginUnknown: 'pluginMendLabel',
  PluginDuplicate: 'pluginDeleteOne',
  PluginVersionUnknown: 'pluginMendVersion',
  PluginChannelUnknown: 'pluginMendVersion',
  PluginDowngrade: 'pluginMendVersion',
  PluginConfigInvalid: 'pluginMendSettings',
  PluginDependencyMissing: 'pluginInstallFirst',
  PluginPreflightFailed: 'pluginMendNodes',
  PluginInUse: 'pluginRemoveUses',
  PluginUntrusted: 'pluginTrustKey',
  PluginPackageUnfit: 'pluginOtherPackage',
  PluginStepFailed: 'pluginTriedAgain',
} as const satisfies Readonly<Record<Reason, Words['code']>>;

function isKnown(reason: string): reason is keyof typeof REMEDIES {
  return Object.hasOwn(REMEDIES, reason);
}

/** What to do about plugins that it needs and that are not installed. */
function remediesOfNeeds({ plugin, view }: Pick<Told, 'plugin' | 'view'>): readonly Words[] {
  const missing = needsOf(plugin, view).filter((needed) => infoOf(needed, view.infos) === undefined);
  return missing.map((needed) => words('pluginInstallFirst', { needed }));
}

function needsOf(plugin: string, { entries }: PluginsView): readonly string[] {
  return entries.find(({ metadata }) => metadata.name === plugin)?.spec?.dependencies ?? [];
}

function findingsOf({ plugin, info, view }: Told): readonly Finding[] {
  const { spec = {}, status = {} } = info;
  const { version: before = '', targetVersion: after } = status;
  return [
    ...(after === undefined ? [] : [{ subject: 'versions', words: words('pluginFromTo', { before, after }) }]),
    {
      subject: 'follows',
      words:
        spec.version === undefined
          ? words('pluginFollows', { channel: spec.channel ?? DEFAULT_CHANNEL, approval: spec.installPlanApproval ?? 'Automatic' })
          : words('pluginPinned', { version: spec.version }),
    },
    ...relativesOf(plugin, view),
    ...Object.entries(spec.config ?? {}).map(([name, value]) => ({
      subject: `setting ${name}`,
      words: words('pluginSetTo', { value: JSON.stringify(value) }),
    })),
  ];
}

/** The plugins that it needs, and those that need it, with how far each is. Pure. */
export function relativesOf(plugin: string, view: PluginsView): readonly Finding[] {
  const needing = view.entries.filter(
    ({ metadata, spec }) => spec?.dependencies?.includes(plugin) === true && infoOf(metadata.name, view.infos) !== undefined,
  );
  return [
    ...needsOf(plugin, view).map((needed) => ({ subject: `plugin ${needed}`, words: words(stateOf(infoOf(needed, view.infos))) })),
    ...needing.map(({ metadata }) => ({ subject: `plugin ${metadata.name}`, words: words('pluginNeededBy') })),
  ];
}

function stateOf(info: ModuleInfo | undefined): Words['code'] {
  if (info === undefined) return 'pluginNeedMissing';
  if (info.metadata.deletionTimestamp !== undefined) return 'pluginNeedLeaves';
  return isInstalled(info) ? 'pluginNeedRuns' : 'pluginNeedComes';
}
