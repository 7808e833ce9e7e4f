import { theme as antdTheme, type ThemeConfig } from 'antd';
import { type Appearance, FONT, MONO, PALETTES } from './tokens.ts';

/** The component library in our palette. */
export function antdThemeOf(appearance: Appearance): ThemeConfig {
  const palette = PALETTES[appearance];
  return {
    algorithm: appearance === 'dark' ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
    token: {
      colorPrimary: palette.accent,
      colorLink: palette.accent,
      colorLinkHover: palette.accentHover,
      colorError: palette.tones.bad,
      colorWarning: palette.tones.waiting,
      colorSuccess: palette.tones.good,
      colorInfo: palette.tones.busy,
      colorText: palette.text,
      colorTextSecondary: palette.textSoft,
      colorTextTertiary: palette.textFaint,
      colorTextQuaternary: palette.textFaint,
      colorTextPlaceholder: palette.textFaint,
      colorTextDescription: palette.textFaint,
      colorBgLayout: palette.page,
      colorBgContainer: palette.surface,
      colorBgElevated: palette.raised,
      colorBorder: palette.lineStrong,
      colorBorderSecondary: palette.line,
      colorTextLightSolid: palette.onAccent,
      colorBgMask: appearance === 'dark' ? 'rgba(0, 0, 0, 0.45)' : 'rgba(24, 33, 43, 0.22)',
      borderRadius: 5,
      fontSize: 13,
      fontFamily: FONT,
      fontFamilyCode: MONO,
      controlHeight: 30,
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.18s',
      wireframe: false,
    },
    components: {
      Button: { primaryShadow: 'none', defaultShadow: 'none', primaryColor: palette.onAccent },
      Drawer: { paddingLG: 20 },
      Tabs: { horizontalItemPadding: '8px 0' },
      Tooltip: { colorBgSpotlight: appearance === 'dark' ? '#2b3642' : '#26313d', colorTextLightSolid: '#ffffff' },
    },
  };
}
