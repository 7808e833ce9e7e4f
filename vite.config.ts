import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The console's bundle: served by the gateway below /console/, nothing from any other origin. */
export default defineConfig({
  root: 'src/apps/console',
  base: '/console/',
  plugins: [react()],
  // the gateway puts a fresh nonce in its place for every page (src/apps/server/console/static-files.ts)
  html: { cspNonce: 'stowage-nonce' },
  build: {
    outDir: '../../../dist/console',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'antd', test: /node_modules\/(antd|@ant-design|@rc-component|dayjs)\// },
            { name: 'vendor', test: /node_modules\/(react|react-dom|scheduler|@tanstack|i18next|react-i18next)\// },
          ],
        },
      },
    },
  },
});
