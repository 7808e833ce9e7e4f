/** What is said of plugins: why one is not at work, what holds it, what helps. */
export const PLUGIN_SENTENCES = {
  pluginRuns: { en: '{object}: the plugin {plugin} {version} is at work', zh: '{object}：插件 {plugin} {version} 正在运行' },
  pluginAwaitsYes: {
    en: '{object}: the plugin {plugin} {version} is at work, and version {newer} waits for a yes',
    zh: '{object}：插件 {plugin} {version} 正在运行，版本 {newer} 等待批准',
  },
  pluginUnlooked: { en: '{object}: nobody has looked at it since it was changed', zh: '{object}：更改之后尚未被处理' },
  pluginComes: { en: '{object}: the plugin {plugin} is being installed', zh: '{object}：插件 {plugin} 正在安装' },
  pluginUpgrades: {
    en: '{object}: the plugin {plugin} is being upgraded to {version}',
    zh: '{object}：插件 {plugin} 正在升级到 {version}',
  },
  pluginGoes: { en: '{object}: the plugin {plugin} is being uninstalled', zh: '{object}：插件 {plugin} 正在卸载' },
  pluginHeld: {
    en: '{object}: the plugin {plugin} is to be uninstalled, and is at work until nothing uses it any more',
    zh: '{object}：插件 {plugin} 等待卸载，在不再被使用之前仍会运行',
  },
  pluginCanNotCome: { en: '{object}: the plugin {plugin} can not come: {reason}', zh: '{object}：插件 {plugin} 无法安装：{reason}' },
  pluginStays: {
    en: '{object}: the plugin {plugin} is at work in version {version}, and not as its ModuleInfo says: {reason}',
    zh: '{object}：插件 {plugin} 以版本 {version} 运行，与其 ModuleInfo 不一致：{reason}',
  },
  pluginReady: {
    en: '{object}: the plugin {plugin} {version} can be installed, and is not',
    zh: '{object}：插件 {plugin} {version} 可以安装，但尚未安装',
  },
  pluginAbsent: { en: '{object}: this Stowage has no plugin {plugin}', zh: '{object}：此 Stowage 没有插件 {plugin}' },
  pluginUnusable: {
    en: '{object}: no version of the plugin {plugin} may be installed: {reason}',
    zh: '{object}：插件 {plugin} 没有可安装的版本：{reason}',
  },
  pluginConfigOf: {
    en: '{object}: the settings that {plugin} {version} begins with; what is set of it is in ModuleInfo {info}',
    zh: '{object}：{plugin} {version} 的初始设置；其实际设置在 ModuleInfo {info} 中',
  },
  pluginConfigOfNone: {
    en: '{object}: the settings that {plugin} {version} begins with; this version is not installed',
    zh: '{object}：{plugin} {version} 的初始设置；该版本未安装',
  },

  pluginVersions: { en: '{versions}', zh: '{versions}' },
  pluginFollows: { en: '{channel}, {approval}', zh: '{channel}，{approval}' },
  pluginPinned: { en: '{version} and no other', zh: '仅 {version}' },
  pluginFromTo: {
    en: 'of {before} or of {after}: what is there may be of either',
    zh: '{before} 或 {after}：现有内容可能属于其中任一版本',
  },
  pluginNeedRuns: { en: 'is needed, and at work', zh: '被依赖，正在运行' },
  pluginNeedComes: { en: 'is needed, and not at work yet', zh: '被依赖，尚未运行' },
  pluginNeedMissing: { en: 'is needed, and not installed', zh: '被依赖，未安装' },
  pluginNeedLeaves: { en: 'is needed, and being uninstalled', zh: '被依赖，正在卸载' },
  pluginNeededBy: { en: 'needs it', zh: '依赖它' },
  pluginSetTo: { en: '{value}', zh: '{value}' },

  pluginApprove: {
    en: 'stowage plugin approve {plugin}; what it changes says stowage plugin upgrade {plugin} --dry-run',
    zh: '运行 stowage plugin approve {plugin}；stowage plugin upgrade {plugin} --dry-run 说明会改变什么',
  },
  pluginInstall: { en: 'stowage plugin install {plugin}', zh: '运行 stowage plugin install {plugin}' },
  pluginInstallFirst: {
    en: 'stowage plugin install {needed}; it follows by itself',
    zh: '运行 stowage plugin install {needed}；之后会自动继续',
  },
  pluginMendLabel: {
    en: 'correct the label that is named, or delete the ModuleInfo; stowage plugin list shows the plugins',
    zh: '更正所指出的标签，或删除该 ModuleInfo；stowage plugin list 列出所有插件',
  },
  pluginDeleteOne: { en: 'delete one of the two ModuleInfos', zh: '删除两个 ModuleInfo 中的一个' },
  pluginMendVersion: {
    en: 'ask for a version that there is, or leave spec.version and spec.channel out; stowage plugin packages shows all',
    zh: '指定存在的版本，或删除 spec.version 和 spec.channel；stowage plugin packages 列出所有版本',
  },
  pluginMendSettings: {
    en: 'correct spec.config, or spec.namespace; stowage plugin show {plugin} lists the settings',
    zh: '更正 spec.config 或 spec.namespace；stowage plugin show {plugin} 列出所有设置',
  },
  pluginMendNodes: {
    en: 'do on the nodes what is said; they are looked at again every 30 seconds, and at once with stowage plugin install {plugin}',
    zh: '按提示处理节点；每 30 秒会重新检查，stowage plugin install {plugin} 会立即检查',
  },
  pluginRemoveUses: { en: 'remove what is listed as using it; it follows by itself', zh: '删除所列的使用者；之后会自动继续' },
  pluginTrustKey: {
    en: 'compare the fingerprint with what its owner says, then stowage plugin trust add NAME FILE.pub; or uninstall it',
    zh: '与其所有者核对指纹，然后运行 stowage plugin trust add 名称 文件.pub；或者卸载它',
  },
  pluginOtherPackage: { en: 'upload the package for this version of Stowage', zh: '上传适用于此 Stowage 版本的软件包' },
  pluginTriedAgain: {
    en: 'mend what is said; it is tried again by itself, and at once with stowage plugin install {plugin}',
    zh: '解决所说的问题；之后会自动重试，stowage plugin install {plugin} 会立即重试',
  },
} as const satisfies Readonly<Record<string, { readonly en: string; readonly zh: string }>>;
