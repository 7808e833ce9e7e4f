import type { ReasonSection } from './reason-section.ts';

/** Of plugins: what keeps one from coming, or from going. */
export const PLUGIN_REASONS: ReasonSection = {
  title: { en: 'Plugins', zh: '插件' },
  tables: [
    {
      rows: [
        {
          names: ['PluginRunning'],
          means: {
            en: 'A plugin is installed and at work: its kinds are served and its controllers run.',
            zh: '插件已安装并运行：其资源类型可用，控制器正在运行。',
          },
          remedy: { en: 'Nothing to do.', zh: '无需处理。' },
        },
        {
          names: ['PluginUnknown'],
          means: {
            en: 'A ModuleInfo names a plugin or a cluster that this Stowage does not have.',
            zh: 'ModuleInfo 指定的插件或集群在此 Stowage 中不存在。',
          },
          remedy: {
            en: 'Correct the label that the message names; `stowage plugin list` shows the plugins.',
            zh: '更正消息中指出的标签；`stowage plugin list` 列出所有插件。',
          },
        },
        {
          names: ['PluginDuplicate'],
          means: {
            en: 'Two ModuleInfos install the same plugin. The older one counts.',
            zh: '两个 ModuleInfo 安装同一个插件，以较早创建的为准。',
          },
          remedy: { en: 'Delete one of the two.', zh: '删除其中一个。' },
        },
        {
          names: ['PluginVersionUnknown'],
          means: {
            en: 'A ModuleInfo asks for a version of a plugin that this Stowage does not have. What is at work stays as it is.',
            zh: 'ModuleInfo 要求的插件版本在此 Stowage 中不存在。正在运行的插件保持不变。',
          },
          remedy: {
            en: 'Leave `spec.version` out, or run `stowage plugin upgrade PLUGIN`; a newer version comes with a newer Stowage, or by `stowage plugin upload FILE`.',
            zh: '删除 `spec.version`，或运行 `stowage plugin upgrade 插件`；更新的版本随新版 Stowage 提供，或通过 `stowage plugin upload 文件` 上传。',
          },
        },
        {
          names: ['PluginConfigInvalid'],
          means: {
            en: '`spec.config` of a ModuleInfo has something that the plugin does not take.',
            zh: 'ModuleInfo 的 `spec.config` 包含插件不支持的内容。',
          },
          remedy: { en: 'Remove or correct the field that the message names.', zh: '删除或更正消息中指出的字段。' },
        },
        {
          names: ['PluginDependencyMissing'],
          means: {
            en: 'A plugin needs another one that is not installed, or that is being uninstalled.',
            zh: '插件依赖的另一个插件未安装，或正在卸载。',
          },
          remedy: {
            en: 'Install the plugin that the message names; the other one follows by itself.',
            zh: '安装消息中指出的插件，之后会自动继续。',
          },
        },
        {
          names: ['PluginNotInstalled'],
          means: {
            en: 'A verb was asked for whose plugin is not installed.',
            zh: '所用的命令属于未安装的插件。',
          },
          remedy: { en: 'Install it: `stowage plugin install PLUGIN`.', zh: '安装该插件：`stowage plugin install 插件`。' },
        },
        {
          names: ['PluginPreflightFailed'],
          means: { en: 'The machine lacks something that a plugin needs.', zh: '机器缺少插件所需的条件。' },
          remedy: {
            en: 'Do what the message says; it is looked at again every 30 seconds.',
            zh: '按消息提示处理；每 30 秒会重新检查一次。',
          },
        },
        {
          names: ['PluginNodeFailed'],
          means: {
            en: 'A node can not serve the driver of a plugin. One that was being installed is nowhere then.',
            zh: '某个节点无法运行插件的驱动。正在安装的插件此时不会留在任何节点上。',
          },
          remedy: { en: 'The message names the node and says why; it is tried again.', zh: '消息指出节点和原因；会自动重试。' },
        },
        {
          names: ['PluginStepFailed'],
          means: {
            en: 'A step of installing or uninstalling a plugin failed; it is tried again.',
            zh: '安装或卸载插件的某一步失败，将自动重试。',
          },
          remedy: { en: 'The message says what failed.', zh: '消息说明失败的原因。' },
        },
        {
          names: ['PluginInUse'],
          means: {
            en: 'A plugin can not be uninstalled or upgraded: objects of kinds that would go exist, or another plugin needs it.',
            zh: '插件无法卸载或升级：将被移除的类型仍有对象，或其他插件依赖它。',
          },
          remedy: {
            en: 'Remove what the message lists, then uninstall it.',
            zh: '删除消息中列出的内容，然后再卸载。',
          },
        },
        {
          names: ['PluginLeaving'],
          means: {
            en: 'Something is to be made of a kind whose plugin is being uninstalled.',
            zh: '要创建的对象所属的插件正在卸载。',
          },
          remedy: { en: 'Install the plugin again when it is gone.', zh: '待卸载完成后重新安装该插件。' },
        },
      ],
    },
  ],
};
