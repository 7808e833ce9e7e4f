import type { ReasonSection } from './reason-section.ts';

/** Of packages of plugins and their versions: why one is not taken, or not used. */
export const PLUGIN_PACKAGE_REASONS: ReasonSection = {
  title: { en: 'Packages and versions of plugins', zh: '插件包与插件版本' },
  tables: [
    {
      rows: [
        {
          names: ['PluginPackageInvalid'],
          means: {
            en: 'A file is no whole package of a plugin: cut off, too large, with a wrong manifest, a path that leads elsewhere, or something that is not what its folder says. Nothing of it is kept.',
            zh: '文件不是完整的插件包：被截断、过大、清单有误、路径指向别处，或内容与所在目录不符。不会保留其任何内容。',
          },
          remedy: { en: 'Fetch it again; who made it corrects what the message names.', zh: '重新获取；制作者按消息更正。' },
        },
        {
          names: ['PluginPackageForeign'],
          means: {
            en: 'A package is of another product, or of a form that this Stowage does not know.',
            zh: '插件包属于其他产品，或其格式此 Stowage 不支持。',
          },
          remedy: { en: 'Take the package for Stowage, or upgrade Stowage.', zh: '使用为 Stowage 制作的包，或升级 Stowage。' },
        },
        {
          names: ['PluginPackageTampered'],
          means: { en: 'A package was changed after it was signed.', zh: '插件包在签名之后被修改。' },
          remedy: { en: 'Do not use it; fetch it again from who published it.', zh: '不要使用；从发布者处重新获取。' },
        },
        {
          names: ['PluginPackageUnfit'],
          means: { en: 'A package is for other versions of Stowage.', zh: '插件包适用于其他版本的 Stowage。' },
          remedy: { en: 'Take the one for this version.', zh: '使用适合此版本的包。' },
        },
        {
          names: ['PluginPackageOlder'],
          means: {
            en: 'A package is not newer than what Stowage brings itself, or than what is installed.',
            zh: '插件包不比 Stowage 自带的或已安装的版本新。',
          },
          remedy: { en: 'Upload a newer one.', zh: '上传更新的版本。' },
        },
        {
          names: ['PluginPackageInUse'],
          means: { en: 'A package can not be removed: its version is installed.', zh: '插件包无法删除：其版本已安装。' },
          remedy: { en: 'Upgrade or uninstall the plugin first.', zh: '先升级或卸载该插件。' },
        },
        {
          names: ['PluginUntrusted'],
          means: {
            en: 'A package is not signed, or with a key that is not trusted (any more). Nothing of it is installed or started; what is at work goes on until the next start.',
            zh: '插件包未签名，或签名密钥不受信任（或已取消信任）。不会安装或启动其任何内容；正在运行的部分持续到下次启动。',
          },
          remedy: {
            en: 'Compare the fingerprint with what its owner says, then `stowage plugin trust add NAME FILE.pub`.',
            zh: '与密钥所有者核对指纹，然后执行 `stowage plugin trust add 名称 文件.pub`。',
          },
        },
        {
          names: ['PluginSignerInvalid'],
          means: {
            en: 'What was given as a key is no ed25519 key in PEM form, or the wrong half of one.',
            zh: '给出的密钥不是 PEM 格式的 ed25519 密钥，或用错了公钥/私钥。',
          },
          remedy: { en: 'Give FILE.pub to trust, and FILE to sign.', zh: '信任时使用 文件.pub，签名时使用 文件。' },
        },
        {
          names: ['PluginChannelUnknown'],
          means: {
            en: 'A plugin has no version in the channel that its ModuleInfo names.',
            zh: 'ModuleInfo 指定的通道中没有该插件的版本。',
          },
          remedy: {
            en: 'Correct `spec.channel`; `stowage plugin packages` shows the channels.',
            zh: '更正 `spec.channel`；`stowage plugin packages` 列出各通道。',
          },
        },
        {
          names: ['PluginDowngrade'],
          means: { en: 'An older version was asked for than the one that is installed.', zh: '要求的版本比已安装的版本旧。' },
          remedy: { en: 'Uninstall the plugin, then install the older version.', zh: '先卸载该插件，再安装旧版本。' },
        },
        {
          names: ['PluginUpgrading'],
          means: { en: 'A plugin is being upgraded already.', zh: '插件正在升级。' },
          remedy: { en: 'Wait until it is at work.', zh: '等待升级完成。' },
        },
      ],
    },
  ],
};
