import { ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { antdThemeOf } from './antd-theme.ts';
import { type Appearance, FONT, MONO, PALETTES } from './tokens.ts';

/** What the user chose. */
export type ThemeChoice = 'system' | Appearance;

const STORED_AS = 'stowage.theme';
const darkQuery = matchMedia('(prefers-color-scheme: dark)');

const ThemeContext = createContext<{ readonly choice: ThemeChoice; readonly choose: (choice: ThemeChoice) => void } | undefined>(undefined);

/** Colours and component texts for everything inside. `nonce` lets the component library add its styles under the page's policy. */
export function ThemeProvider({ nonce, children }: { readonly nonce: string; readonly children: ReactNode }) {
  const [choice, setChoice] = useState<ThemeChoice>(storedChoice);
  const isSystemDark = useSyncExternalStore(subscribeToSystem, () => darkQuery.matches);
  const { i18n } = useTranslation();
  const appearance = choice === 'system' ? (isSystemDark ? 'dark' : 'light') : choice;
  useEffect(() => paintDocument(appearance), [appearance]);
  const theme = useMemo(() => antdThemeOf(appearance), [appearance]);
  const context = useMemo(() => {
    const choose = (next: ThemeChoice): void => {
      localStorage.setItem(STORED_AS, next);
      setChoice(next);
    };
    return { choice, choose };
  }, [choice]);
  return (
    <ThemeContext value={context}>
      <ConfigProvider theme={theme} locale={i18n.language === 'zh-CN' ? zhCN : enUS} csp={{ nonce }} button={{ autoInsertSpace: false }}>
        {children}
      </ConfigProvider>
    </ThemeContext>
  );
}

/** The user's choice of theme. @throws TypeError outside a ThemeProvider */
export function useThemeChoice(): { readonly choice: ThemeChoice; readonly choose: (choice: ThemeChoice) => void } {
  const context = useContext(ThemeContext);
  if (context === undefined) throw new TypeError('useThemeChoice must be used inside ThemeProvider');
  return context;
}

/** Gives the style sheet its colours as custom properties. */
function paintDocument(appearance: Appearance): void {
  const { tones, ...palette } = PALETTES[appearance];
  const { style, dataset } = document.documentElement;
  dataset['appearance'] = appearance;
  style.colorScheme = appearance;
  style.setProperty('--font', FONT);
  style.setProperty('--mono', MONO);
  for (const [name, colour] of Object.entries(palette)) style.setProperty(`--${name}`, colour);
  for (const [name, colour] of Object.entries(tones)) style.setProperty(`--tone-${name}`, colour);
}

function storedChoice(): ThemeChoice {
  const stored = localStorage.getItem(STORED_AS);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

function subscribeToSystem(listener: () => void): () => void {
  darkQuery.addEventListener('change', listener);
  return () => darkQuery.removeEventListener('change', listener);
}
