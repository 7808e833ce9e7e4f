import type { StatusTone } from '#api/claim-status.ts';

/** The two appearances. */
export type Appearance = 'light' | 'dark';

/** Every colour of the console; text colours have a contrast of at least 4.5 on each surface (WCAG 2.2, 1.4.3). */
export interface Palette {
  readonly page: string;
  readonly surface: string;
  readonly raised: string;
  readonly hover: string;
  readonly selected: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly text: string;
  readonly textSoft: string;
  readonly textFaint: string;
  readonly accent: string;
  readonly accentHover: string;
  readonly onAccent: string;
  readonly tones: Readonly<Record<StatusTone, string>>;
  readonly badSurface: string;
  readonly waitingSurface: string;
}

/** Ink on paper with one petrol accent; at night the same with the lights turned round. */
export const PALETTES: Readonly<Record<Appearance, Palette>> = {
  light: {
    page: '#f4f5f7',
    surface: '#ffffff',
    raised: '#ffffff',
    hover: '#f3f6f8',
    selected: '#e6f0f3',
    line: '#e3e7eb',
    lineStrong: '#c9d0d8',
    text: '#18212b',
    textSoft: '#455262',
    textFaint: '#5f6b79',
    accent: '#17596b',
    accentHover: '#0f4453',
    onAccent: '#ffffff',
    tones: { good: '#1b7048', busy: '#1f5fa8', waiting: '#855700', bad: '#b0271d' },
    badSurface: '#fdf1f0',
    waitingSurface: '#fbf5e6',
  },
  dark: {
    page: '#0f1419',
    surface: '#151b22',
    raised: '#1b232c',
    hover: '#1a222b',
    selected: '#1a303a',
    line: '#242d37',
    lineStrong: '#3a4653',
    text: '#e3e8ee',
    textSoft: '#b3bdc9',
    textFaint: '#93a0ae',
    accent: '#74bdd0',
    accentHover: '#98d2e1',
    onAccent: '#0b1920',
    tones: { good: '#5fc492', busy: '#7fb3f0', waiting: '#dfae52', bad: '#f39087' },
    badSurface: '#2c1a1b',
    waitingSurface: '#2a2317',
  },
};

/** Fonts that the reader's system has; nothing is fetched. */
export const FONT =
  "'Inter', -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans', 'Liberation Sans', Arial, 'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif";
/** Names and YAML. */
export const MONO = "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";
