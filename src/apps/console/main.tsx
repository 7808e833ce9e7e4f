import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { takeArrivalCode } from './data/use-session.ts';
import { initialLanguage, initTexts } from './i18n/i18n.ts';
import { router } from './router.tsx';
import { ThemeProvider } from './theme/theme-context.tsx';
import './console.css';

takeArrivalCode();
initTexts(initialLanguage());

const container = document.getElementById('root');
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
if (container !== null) {
  createRoot(container).render(
    <StrictMode>
      <QueryClientProvider client={new QueryClient()}>
        <ThemeProvider nonce={nonce}>
          <RouterProvider router={router} />
        </ThemeProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
