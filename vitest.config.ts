import { defineConfig } from 'vitest/config';

/** How the outside judges are read; what they judge is run by hand (`npm run conformance`). */
const JUDGES = 'testing/conformance/kubernetes/**/*.test.ts';

/** What the API and its clients hold to, in one process each. */
const CONTRACTS = 'testing/{conformance/{api,client},simulator}/**/*.test.ts';

/**
 * Unit and contract tests lie beside their sources; scenarios lie in testing/, two files at a time, and want a built console and system packages.
 * Unit tests share the processes that run them, one for each core: what a test sets outside its own objects, it sets back.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    // why as long as a test: how fast a machine is decides nothing
    expect: { poll: { timeout: 50_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'tools/**/*.test.ts', 'testing/{unit,fakes}/**/*.test.ts', JUDGES],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // why: a unit test shares nothing with another, and half of the time went into importing the same sources for each file
          isolate: false,
          maxWorkers: '100%',
          // why: what strips the types in the product does so here, and Vite has nothing to add to sources without JSX
          experimental: { viteModuleRunner: false, nodeLoader: false },
        },
      },
      {
        extends: true,
        test: { name: 'unit-jsx', include: ['src/**/*.test.tsx'], testTimeout: 60_000, maxWorkers: '100%' },
      },
      {
        extends: true,
        // why a lane of its own: these need neither root nor the machine, so that they go side by side
        test: {
          name: 'contract',
          include: [CONTRACTS],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: '100%',
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'scenarios',
          include: ['testing/scenarios/**/*.test.ts', 'testing/conformance/**/*.test.ts'],
          exclude: [JUDGES, CONTRACTS],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // why two: each file has a platform of its own, and mostly waits; those of a third would wait for the processors
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
