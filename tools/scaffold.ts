import { moduleFolders } from './scaffold-module.ts';
import { camel, pascal, readme } from './scaffold-words.ts';

/** What can be scaffolded. */
export const SCAFFOLDS = ['module', 'controller', 'driver', 'page'] as const;

/** One of {@link SCAFFOLDS}. */
export type Scaffold = (typeof SCAFFOLDS)[number];

/** Folders to write, and what is left to do by hand. */
export interface ScaffoldPlan {
  /** Path in the project → file name → text. None of them is there yet. */
  readonly folders: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Files that are there, and what becomes of their text. */
  readonly changes?: Readonly<Record<string, (text: string) => string>>;
  readonly next: readonly string[];
}

/** Folder names are kebab-case nouns; the last group are names that say nothing (STYLE 4). */
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const SAYS_NOTHING = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'manager', 'misc']);

/** Words of the language that a module's constant can't be called (ECMAScript, ReservedWord). */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in ' +
    'instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'
  ).split(' '),
);

/** What is wrong with `name`; undefined where nothing is. */
export function nameFault(name: string): string | undefined {
  if (!NAME.test(name)) return `the name ${JSON.stringify(name)} must be kebab-case, for example volume-groups`;
  if (RESERVED.has(name))
    return `the name ${JSON.stringify(name)} is a word of the language: add what it is of, for example volume-${name}`;
  if (name.split('-').some((part) => SAYS_NOTHING.has(part)))
    return `the name ${JSON.stringify(name)} says nothing about what is inside; use a noun of the domain`;
  return undefined;
}

/** The folders of a new module, controller, driver or page: the files of STYLE 23 with a test that fails until somebody says what is wanted. */
export function planScaffold(scaffold: Scaffold, name: string): ScaffoldPlan {
  switch (scaffold) {
    case 'module':
      return modulePlan(name);
    case 'controller':
      return controllerPlan(name);
    case 'driver':
      return driverPlan(name);
    case 'page':
      return pagePlan(name);
  }
}

const MODULES = 'src/apps/server/modules';

/** A system: its kind, controller, driver, verb and flag, and the manifest that names them. */
function modulePlan(name: string): ScaffoldPlan {
  return {
    folders: { ...moduleFolders(name), ...driverPlan(name).folders },
    changes: { [`${MODULES}/modules.ts`]: (text) => listed(text, name) },
    next: [
      'npm run generate, for the pages of reasons',
      'make its kind, flag, verb and reason its own, or take them out of its manifest',
      'a page for it in docs/en and docs/zh, a row in ARCHITECTURE.md',
    ],
  };
}

/** The list of modules with one more at its end. */
function listed(text: string, name: string): string {
  const from = `./${name}/manifest.ts`;
  const line = `import { ${camel(name)} } from '${from}';`;
  const imports = [...text.matchAll(/^import .*$/gm)].map(([found]) => found);
  const after = imports.findLast((found) => (/'(.*)'/.exec(found)?.[1] ?? '') < from);
  const withImport = after === undefined ? `${line}\n${text}` : text.replace(after, `${after}\n${line}`);
  return withImport.replace(/,?\n\]\);\n$/, `,\n  ${camel(name)},\n]);\n`);
}

function controllerPlan(name: string): ScaffoldPlan {
  const type = pascal(name);
  const files = {
    'controller.ts': `import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { Controller } from '#machinery/runtime/controller.ts';
import { reconcile${type} } from './reconcile.ts';

/** Keys that are worked on at a time. */
const CONCURRENCY = 16;

/** Says in one sentence what it brings about. */
export function create${type}Controller({ informers }: { readonly informers: InformerFactory }): Controller<PersistentVolumeClaim> {
  return {
    name: '${name}',
    resource: persistentVolumeClaims,
    informer: informers.for(persistentVolumeClaims),
    triggers: [],
    concurrency: CONCURRENCY,
    reconcile: reconcile${type},
  };
}
`,
    'reconcile.ts': `import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { plan${type} } from './plan.ts';

/** In this order: not ours → done; deleting → finalize; finalizer before the first outside effect; observe → plan → apply → one status patch. */
export async function reconcile${type}(ctx: Ctx, claim: PersistentVolumeClaim): Promise<Outcome> {
  for (const action of plan${type}(claim, ctx.clock.nowMs())) {
    ctx.events.record({ about: claim, ...action });
  }
  return done;
}
`,
    'plan.ts': `import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** One step towards what is wanted; idempotent when it is applied. */
export type ${type}Action = Omit<EventDraft, 'about'>;

/** What is left to do, from what is wanted and what was seen. Pure; \`nowMs\` is the time in milliseconds since the Unix epoch. */
export function plan${type}(_claim: PersistentVolumeClaim, _nowMs: number): readonly ${type}Action[] {
  return [];
}
`,
    'plan.test.ts': `import { describe, expect, it } from 'vitest';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { plan${type} } from './plan.ts';

describe('plan${type}', () => {
  it('does what ${name} is for', () => {
    // Say what is wanted here, see it fail, then make it true.
    expect(plan${type}(aStoredClaim(), 0)).not.toEqual([]);
  });
});
`,
    'events.ts': `import type { KubeObject } from '#api/meta/object.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** Says when it is recorded; reason and message are listed in src/api/reasons. */
export function ${camel(name)}Failed(about: KubeObject, why: string): EventDraft {
  return { about, type: 'Warning', reason: '${type}Failed', message: why };
}
`,
    'README.md': readme(`controllers/stowage/${name}`, '| state | outcome |\n|---|---|\n| nothing to do | done |'),
  };
  return {
    folders: { [`src/controllers/stowage/${name}`]: files },
    next: [
      'name it among the parts of its module in src/apps/server/modules',
      'list its reasons in src/api/reasons, then npm run generate',
    ],
  };
}

function driverPlan(name: string): ScaffoldPlan {
  const type = pascal(name);
  const files = {
    'identity.ts': `import type * as csi from '#protocols/csi/generated/messages.ts';

/** Name of the driver, as StorageClass.provisioner and CSIDriver have it. */
export const DRIVER_NAME = '${name}.stowage.dev';

/** The identity service of \`${name}.stowage.dev\` (CSI specification, "Identity Service RPC"); all of it reads only. */
export class ${type}Identity implements csi.IdentityService {
  readonly #version: string;

  constructor(version: string) {
    this.#version = version;
  }

  async getPluginInfo(): Promise<csi.GetPluginInfoResponse> {
    return { name: DRIVER_NAME, vendorVersion: this.#version };
  }

  async getPluginCapabilities(): Promise<csi.GetPluginCapabilitiesResponse> {
    return { capabilities: [{ service: { type: 'CONTROLLER_SERVICE' } }] };
  }

  async probe(): Promise<csi.ProbeResponse> {
    return { ready: true };
  }
}
`,
    'controller.ts': `import type * as csi from '#protocols/csi/generated/messages.ts';
import { UnimplementedController } from '#protocols/csi/unimplemented.ts';

/** The controller service: override the RPCs that its capabilities claim; each says its idempotency rule and the section of the specification. */
export class ${type}Controller extends UnimplementedController {
  override async controllerGetCapabilities(): Promise<csi.ControllerGetCapabilitiesResponse> {
    return { capabilities: [] };
  }
}
`,
    'node.ts': `import type * as csi from '#protocols/csi/generated/messages.ts';
import { UnimplementedNode } from '#protocols/csi/unimplemented.ts';

/** The node service: override the RPCs that its capabilities claim; each says its idempotency rule and the section of the specification. */
export class ${type}Node extends UnimplementedNode {
  override async nodeGetCapabilities(): Promise<csi.NodeGetCapabilitiesResponse> {
    return { capabilities: [] };
  }
}
`,
    'controller.test.ts': `import { describe, expect, it } from 'vitest';
import { ${type}Controller } from './controller.ts';

describe('${name}.stowage.dev', () => {
  it('creates a volume', async () => {
    const created = await new ${type}Controller().createVolume({ name: 'pvc-1' }, {});
    expect(created.volume?.volumeId).toBeDefined();
  });
});
`,
    'README.md': readme(`drivers/${name}`, '| RPC | idempotency | section |\n|---|---|---|'),
  };
  return {
    folders: { [`src/drivers/${name}`]: files },
    next: ['name it among the parts of its module in src/apps/server/modules', 'let it pass the CSI contract suite in testing/conformance'],
  };
}

function pagePlan(name: string): ScaffoldPlan {
  const type = pascal(name);
  const files = {
    [`${name}-page.tsx`]: `import { useTranslation } from 'react-i18next';
import type { StorageClass } from '#api/generated/kubernetes.ts';
import { storageClasses } from '#api/resources.ts';
import { useLink, useLiveList } from '../../data/live-context.tsx';
import { ListPage, type ListSearch } from '../../ui/list-page.tsx';
import { ${camel(name)}Columns } from './${name}-columns.tsx';

/** Says where in the menu it is. */
export function ${type}Page({ search, onSearch }: { readonly search: ListSearch; readonly onSearch: (change: Partial<ListSearch>) => void }) {
  const { t } = useTranslation();
  const list = useLiveList(storageClasses);
  const link = useLink();
  return (
    <ListPage
      title={t('classes.title')}
      placeholder={t('classes.searchPlaceholder')}
      columns={${camel(name)}Columns}
      rows={list.items}
      rowKey={nameOf}
      searchText={nameOf}
      defaultSort="name"
      search={search}
      onSearch={onSearch}
      isLoading={list.state === 'loading' && list.problem === undefined}
      isStale={list.state === 'stale' || link.state === 'offline'}
      problem={list.problem}
      empty={{ title: t('classes.emptyTitle'), help: t('classes.emptyHelp') }}
    />
  );
}

function nameOf(item: StorageClass): string {
  return item.metadata.name;
}
`,
    [`${name}-columns.tsx`]: `import type { StorageClass } from '#api/generated/kubernetes.ts';
import { compareText } from '../../ui/compare.ts';
import type { Column } from '../../ui/resource-table.tsx';

/** The columns of the page. */
export const ${camel(name)}Columns: readonly Column<StorageClass>[] = [
  { key: 'name', title: 'name', width: '100%', cell: (item) => item.metadata.name, compare: (a, b) => compareText(a.metadata.name, b.metadata.name) },
];
`,
    [`${name}-columns.test.ts`]: `import { describe, expect, it } from 'vitest';
import { ${camel(name)}Columns } from './${name}-columns.tsx';

describe('columns of ${name}', () => {
  it('shows what the page is for', () => {
    // Say which columns are wanted here, see it fail, then make it true; titles come from i18n/en.ts and i18n/zh.ts.
    expect(${camel(name)}Columns.map((column) => column.key)).not.toEqual(['name']);
  });
});
`,
  };
  return {
    folders: { [`src/apps/console/pages/${name}`]: files },
    next: ['add its route to src/apps/console/router.tsx and its link to shell/shell.tsx', 'add its texts to i18n/en.ts and i18n/zh.ts'],
  };
}
