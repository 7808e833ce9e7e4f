import type { ModuleManifest } from '../server/modules/manifest.ts';
import type { Verb } from './verb.ts';

/** Verbs of the platform itself that come before those of modules in the help. What one needs is loaded when it runs, so that the others cost nothing. */
const FIRST: readonly Verb[] = [
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
];

/** Those that come after them. */
const LAST: readonly Verb[] = [
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
  {
    name: 'complete',
    summary: 'answer a shell',
    isInternal: true,
    load: async () => (await import('./complete.ts')).completeAmong(await allVerbs()),
  },
];

/** The verb of that name. Modules are looked at only where the platform itself has none. */
export async function findVerb(name: string): Promise<Verb | undefined> {
  const isAsked = (verb: Verb): boolean => verb.name === name;
  return FIRST.find(isAsked) ?? LAST.find(isAsked) ?? (await allVerbs()).find(isAsked);
}

/** All verbs, in the order of the help. */
export async function allVerbs(): Promise<readonly Verb[]> {
  // why here: a verb of the platform itself need not know which modules there are
  const { MODULES } = await import('../server/modules/modules.ts');
  return verbsWith(MODULES);
}

/** All verbs of a platform with these modules. @throws TypeError where two have one name */
export function verbsWith(modules: readonly ModuleManifest[]): readonly Verb[] {
  const ofModules = modules.flatMap(({ verbs = [] }) => verbs.map((verb): Verb => ({ ...verb, load: () => verb.load(modules) })));
  const all = [...FIRST, ...ofModules, ...LAST];
  const names = all.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`the verb ${twice} is there twice`);
  return all;
}
