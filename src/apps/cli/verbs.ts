import type { Verb } from './verb.ts';

/** All verbs, in the order of the help. What one needs is loaded when it runs, so that the others cost nothing. */
export const VERBS: readonly Verb[] = [
  { name: 'up', summary: 'start the platform on this machine', load: async () => (await import('./up.ts')).up },
  { name: 'down', summary: 'stop the platform of a data directory', load: async () => (await import('./down.ts')).down },
  {
    name: 'explain',
    summary: 'say why a claim, pod, volume, class, node or namespace is as it is, and what helps',
    load: async () => (await import('./explain.ts')).explainVerb,
  },
  {
    name: 'status',
    summary: 'show all claims and pods that wait, by what they wait for',
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'reason',
    summary: 'say what a reason of an event, a condition or an error means, and what to do',
    load: async () => (await import('./reason.ts')).reason,
  },
  {
    name: 'recover',
    summary: 'take a claim whose growth failed back to the size that it has',
    load: async () => (await import('./recover.ts')).recover,
  },
  { name: 'driver', summary: 'see and connect CSI drivers', load: async () => (await import('./driver/driver.ts')).driverVerb },
  { name: 'image', summary: 'bring images for pods from archives', load: async () => (await import('./image/image.ts')).imageVerb },
  {
    name: 'bundle',
    summary: 'write an archive that helps others to help you, without secrets',
    load: async () => (await import('./bundle/bundle.ts')).bundle,
  },
  {
    name: 'completion',
    summary: 'print what makes a shell complete verbs, flags and names',
    load: async () => (await import('./completion.ts')).completion,
  },
  { name: 'version', summary: 'print the version', load: async () => (await import('./version.ts')).version },
  { name: 'node', summary: 'run a further node', isInternal: true, load: async () => (await import('./node.ts')).nodeVerb },
  { name: 'complete', summary: 'answer a shell', isInternal: true, load: async () => (await import('./complete.ts')).completeAmong(VERBS) },
];
