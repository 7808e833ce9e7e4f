import type { ModuleManifest } from '../server/modules/manifest.ts';
import type { Runnable, Verb } from './verb.ts';

/** A verb of the platform itself, and how it asks which modules there are. */
interface PlatformVerb extends Omit<Verb, 'load'> {
  readonly load: (modules: () => Promise<readonly ModuleManifest[]>) => Promise<Runnable>;
}

/** Verbs of the platform itself that come before those of modules in the help. What one needs is loaded when it runs, so that the others cost nothing. */
const FIRST: readonly PlatformVerb[] = [
  { name: 'up', summary: 'start the platform on this machine', load: async () => (await import('./up.ts')).up },
  { name: 'down', summary: 'stop the platform of a data directory', load: async () => (await import('./down.ts')).down },
  {
    name: 'explain',
    summary: 'say why a claim, pod, volume, class, node, namespace or plugin is as it is, and what helps',
    load: async (modules) => {
      const { explainedKinds } = await import('../server/modules/manifest.ts');
      return (await import('./explain.ts')).explainAmong(explainedKinds(await modules()));
    },
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
const LAST: readonly PlatformVerb[] = [
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
    load: async (modules) => (await import('./complete.ts')).completeAmong(verbsWith(await modules())),
  },
];

/** The verb of that name. Modules are looked at only where the platform itself has none. */
export async function findVerb(name: string): Promise<Verb | undefined> {
  const own = [...FIRST, ...LAST].find((verb) => verb.name === name);
  return own === undefined ? (await allVerbs()).find((verb) => verb.name === name) : withModules(own, allModules);
}

/** All verbs, in the order of the help. */
export async function allVerbs(): Promise<readonly Verb[]> {
  return verbsWith(await allModules());
}

/** All verbs of a platform with these modules. @throws TypeError where two have one name */
export function verbsWith(modules: readonly ModuleManifest[]): readonly Verb[] {
  const bound = (verb: PlatformVerb): Verb => withModules(verb, async () => modules);
  const ofModules = modules.flatMap(({ verbs = [] }) => verbs.map((verb): Verb => ({ ...verb, load: () => verb.load(modules) })));
  const all = [...FIRST.map(bound), ...ofModules, ...LAST.map(bound)];
  const names = all.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`the verb ${twice} is there twice`);
  return all;
}

function withModules(verb: PlatformVerb, modules: () => Promise<readonly ModuleManifest[]>): Verb {
  return { ...verb, load: () => verb.load(modules) };
}

async function allModules(): Promise<readonly ModuleManifest[]> {
  // why here: most verbs of the platform itself need not know which modules there are
  return (await import('../server/modules/modules.ts')).MODULES;
}
