import { camel, kindWords, pascal, readme } from './scaffold-words.ts';

/** Text of files by folder and file name. */
type Folders = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A new system: a folder of its name in each layer but that of drivers. Its kind, controller, roles, flag, verb and reason work and are to be made its own. */
export function moduleFolders(name: string): Folders {
  return {
    [`src/api/${name}`]: apiFiles(name),
    [`src/controllers/stowage/${name}`]: controllerFiles(name),
    [`src/apps/cli/${name}`]: cliFiles(name),
    [`src/apps/server/modules/${name}`]: moduleFiles(name),
  };
}

function apiFiles(name: string): Readonly<Record<string, string>> {
  const { kind, plural, singular, group } = kindWords(name);
  return {
    [`${kindFile(name)}.ts`]: `import type { CustomResourceDefinition } from '../generated/kubernetes.ts';
import type { Draft, KubeObject } from '../meta/object.ts';
import type { Resource } from '../meta/resource.ts';

/** Says in one sentence what it is. */
export interface ${kind} extends KubeObject {
  readonly spec: {
    /** A quantity of bytes. */
    readonly size: string;
  };
}

/** How it is named in paths. */
export const ${camelPlural(name)}: Resource<${kind}> = {
  group: '${group}',
  version: 'v1alpha1',
  kind: '${kind}',
  listKind: '${kind}List',
  plural: '${plural}',
  singular: '${singular}',
  shortNames: [],
  categories: [],
  isNamespaced: true,
};

/** Its definition, which the module brings. */
export const ${constant(name)}_DEFINITION: Draft<CustomResourceDefinition> = {
  metadata: { name: '${plural}.${group}' },
  spec: {
    group: '${group}',
    scope: 'Namespaced',
    names: { kind: '${kind}', listKind: '${kind}List', plural: '${plural}', singular: '${singular}' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'Says in one sentence what it is.',
            required: ['spec'],
            properties: {
              spec: {
                type: 'object',
                description: 'What is wanted.',
                required: ['size'],
                properties: { size: { type: 'string', description: 'A quantity of bytes, for example 10Gi.' } },
              },
            },
          },
        },
        additionalPrinterColumns: [
          { name: 'Size', jsonPath: '.spec.size', type: 'string' },
          { name: 'Age', jsonPath: '.metadata.creationTimestamp', type: 'date' },
        ],
      },
    ],
  },
};
`,
    'reasons.ts': `import type { ReasonSection } from '../reasons/reason-section.ts';

/** Of the module ${name}. */
export const ${constant(name)}_REASONS: ReasonSection = {
  title: { en: '${pascal(name)}', zh: '${pascal(name)}' },
  tables: [
    {
      rows: [
        {
          names: ['${kind}Failed'],
          means: { en: 'A ${kind} can not be what it asks for: the message says why.', zh: '${kind} 无法满足其要求：消息说明原因。' },
          remedy: { en: 'Correct its spec as the message says.', zh: '按消息修正其 spec。' },
        },
      ],
    },
  ],
};
`,
  };
}

function controllerFiles(name: string): Readonly<Record<string, string>> {
  const type = pascal(name);
  const { kind, singular, group } = kindWords(name);
  const kindImport = `#api/${name}/${kindFile(name)}.ts`;
  return {
    'controller.ts': `import { type ${kind}, ${camelPlural(name)} } from '${kindImport}';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { Controller } from '#machinery/runtime/controller.ts';
import { reconcile${kind} } from './reconcile.ts';

/** What it is made with. */
export interface ${type}Options {
  readonly informers: InformerFactory;
  /** Keys that are worked on at a time. */
  readonly concurrency: number;
}

/** Says in one sentence what it brings about. */
export function create${type}Controller({ informers, concurrency }: ${type}Options): Controller<${kind}> {
  return {
    name: '${name}',
    resource: ${camelPlural(name)},
    informer: informers.for(${camelPlural(name)}),
    triggers: [],
    concurrency,
    reconcile: reconcile${kind},
  };
}
`,
    'reconcile.ts': `import type { ${kind} } from '${kindImport}';
import { type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { ${camel(name)}Failed } from './events.ts';
import { problemOf } from './plan.ts';

/** In this order: not ours → done; deleting → finalize; finalizer before the first outside effect; observe → plan → apply → one status patch. */
export async function reconcile${kind}(ctx: Ctx, object: ${kind}): Promise<Outcome> {
  const problem = problemOf(object);
  if (problem !== undefined) ctx.events.record(${camel(name)}Failed(object, problem));
  return done;
}
`,
    'plan.ts': `import type { ${kind} } from '${kindImport}';
import { parseQuantity } from '#kit/quantity.ts';

/** What keeps it from what it asks for, for people: the controller's event and \`stowage explain\` say the same. Pure; undefined where nothing does. */
export function problemOf({ spec }: Pick<${kind}, 'spec'>): string | undefined {
  const size = parseQuantity(spec.size);
  return size.ok ? undefined : \`spec.size: \${size.error}\`;
}
`,
    'plan.test.ts': `import { describe, expect, it } from 'vitest';
import { problemOf } from './plan.ts';

describe('problemOf', () => {
  it.each([
    { size: '10Gi', problem: undefined },
    { size: '10GB', problem: expect.stringContaining('spec.size: "10GB" is not a quantity') },
  ])('$size: $problem', ({ size, problem }) => {
    expect(problemOf({ spec: { size } })).toEqual(problem);
  });

  it('says what ${name} is for', () => {
    // Say what is wanted here, see it fail, then make it true.
    expect(problemOf({ spec: { size: '1Gi' } })).toBe('what is wanted of ${group} is not said yet');
  });
});
`,
    'events.ts': `import type { KubeObject } from '#api/meta/object.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** Says when it is recorded; the reason is listed in src/api/${name}/reasons.ts. */
export function ${camel(name)}Failed(about: KubeObject, why: string): EventDraft {
  return { about, type: 'Warning', reason: '${kind}Failed', message: why };
}
`,
    [`explain-${kindFile(name)}.ts`]: `import { ${camelPlural(name)} } from '${kindImport}';
import { type Explanation, words } from '#api/explanation.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import { hasCode } from '#kit/errors.ts';
import type { AskedBy, KindExplainer } from '../explain/explained-kind.ts';
import { blocked, fine } from '../explain/states.ts';
import { problemOf } from './plan.ts';

/** Why a ${kind} is as it is, by the same plan that the controller acts on. */
export const ${camel(kind)}Explainer: KindExplainer = { resource: ${camelPlural(name)}, explain };

async function explain(key: ObjectKey, { client }: AskedBy): Promise<Explanation> {
  const object = await client.get(${camelPlural(name)}, key).catch((thrown: unknown) => {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
    return undefined;
  });
  const name = \`${singular} \${key.namespace}/\${key.name}\`;
  if (object === undefined) return blocked(words('notThere', { object: name }), [], [words('createOrLookElsewhere')]);
  const problem = problemOf(object);
  if (problem === undefined) return fine(words('inBoth', { en: \`\${name} asks for nothing that is missing\`, zh: \`\${name} 没有缺少任何东西\` }));
  const remedy = words('inBoth', { en: 'correct its spec', zh: '修正其 spec' });
  return blocked(words('inBoth', { en: \`\${name}: \${problem}\`, zh: \`\${name}：\${problem}\` }), [], [remedy]);
}
`,
    'README.md': readme(`controllers/stowage/${name}`, '| state | outcome |\n|---|---|\n| nothing to do | done |'),
  };
}

function cliFiles(name: string): Readonly<Record<string, string>> {
  return {
    [`${name}.ts`]: `import { ${camelPlural(name)} } from '#api/${name}/${kindFile(name)}.ts';
import { problemOf } from '#controllers/stowage/${name}/plan.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi, objectConfig } from '../object-config.ts';
import { formatJson, outputConfig } from '../output-config.ts';
import { formatTable } from '../table.ts';
import { NO_WORDS } from '../verb.ts';

/** \`stowage ${name}\`. */
export const ${camel(name)}Verb = defineCommand({
  about: 'Says what it shows.',
  examples: [['stowage ${name} -n shop', 'those of the namespace shop']],
  flags: { ...objectConfig, ...outputConfig },
  words: NO_WORDS,
  run: async ({ print }, { config }) => {
    const { client, namespace } = await connectApi(config);
    try {
      const { items } = await client.list(${camelPlural(name)}, { namespace });
      const found = items.map(({ metadata, spec }) => ({ name: metadata.name, size: spec.size, problem: problemOf({ spec }) }));
      if (config.output === 'json') return print(formatJson(found));
      const rows = found.map(({ name, size, problem = '-' }) => [name, size, problem]);
      for (const line of formatTable([['NAME', 'SIZE', 'PROBLEM'], ...rows])) print(line);
    } finally {
      client.close();
    }
  },
});
`,
  };
}

function moduleFiles(name: string): Readonly<Record<string, string>> {
  const type = pascal(name);
  const { kind, plural, singular, group } = kindWords(name);
  return {
    'manifest.ts': `import type { ModuleManifest } from '../manifest.ts';
import { ${camel(name)}Flags } from './flags.ts';

/** Says in one sentence what it is for. */
export const ${camel(name)}: ModuleManifest = {
  name: '${name}',
  needs: ['csi'],
  flags: ${camel(name)}Flags,
  verbs: [
    {
      name: '${name}',
      summary: 'say in one line what it shows',
      load: async () => (await import('../../../cli/${name}/${name}.ts')).${camel(name)}Verb,
    },
  ],
  explanations: [
    {
      type: '${singular}',
      aliases: ['${plural}'],
      load: async () => (await import('#controllers/stowage/${name}/explain-${kindFile(name)}.ts')).${camel(kind)}Explainer,
    },
  ],
  load: async () => (await import('./parts.ts')).${camel(name)}Parts,
};
`,
    'flags.ts': `import { type ConfigSchema, parsers } from '#kit/config.ts';

/** Settings of \`stowage up\` that are its own; those that further nodes need are \`nodeFlags\` of the manifest too. */
export const ${camel(name)}Flags = {
  ${camel(name)}Concurrency: {
    flag: '${name}-concurrency',
    env: 'STOWAGE_${constant(name)}_CONCURRENCY',
    default: 16,
    placeholder: 'N',
    doc: 'how many ${plural} are worked on at a time; 1 to 256',
    parse: parsers.integer(1, 256),
  },
} as const satisfies ConfigSchema;
`,
    'parts.ts': `import { ${constant(name)}_DEFINITION } from '#api/${name}/${kindFile(name)}.ts';
import { ${constant(name)}_REASONS } from '#api/${name}/reasons.ts';
import { part } from '#controllers/component.ts';
import { create${type}Controller } from '#controllers/stowage/${name}/controller.ts';
import { ${type}Controller } from '#drivers/${name}/controller.ts';
import { DRIVER_NAME, ${type}Identity } from '#drivers/${name}/identity.ts';
import { ${type}Node } from '#drivers/${name}/node.ts';
import { settingsOf } from '#kit/config.ts';
import { connectCsi } from '#protocols/csi/client.ts';
import { serveCsi } from '#protocols/csi/server.ts';
import type { ModuleParts, NodeDriver, NodeDriverOptions } from '../module.ts';
import { userRoles } from '../user-roles.ts';
import { ${camel(name)}Flags } from './flags.ts';

/** What the module ${name} is at work with. */
export const ${camel(name)}Parts: ModuleParts = {
  definitions: () => [${constant(name)}_DEFINITION],
  roles: () => userRoles('${name}', { '${group}': ['${plural}'] }),
  reasons: [${constant(name)}_REASONS],
  controllers: ({ informers, config }) => {
    const { ${camel(name)}Concurrency: concurrency } = settingsOf(${camel(name)}Flags, config);
    return { always: [part('stowage-${name}', create${type}Controller({ informers, concurrency }))] };
  },
  driver: {
    driverName: DRIVER_NAME,
    describe: () => ({ snapshot: false, volumeModes: ['Filesystem'], accessModes: ['ReadWriteOnce'] }),
    start: serve${type},
    // why the first: its volumes lie outside, so that each node's driver speaks for all of them
    join: ([first]) => first.client,
  },
};

async function serve${type}({ socketPath, version, log }: NodeDriverOptions): Promise<NodeDriver> {
  const services = { identity: new ${type}Identity(version), controller: new ${type}Controller(), node: new ${type}Node() };
  const server = await serveCsi({ socketPath, ...services, log });
  const client = connectCsi({ socketPath });
  return {
    client,
    problem: () => undefined,
    onChange: () => {},
    stop: async () => {
      client.close();
      await server.close();
    },
  };
}
`,
  };
}

/** `tape-robot` for `tape-robots`: the file of the kind. */
function kindFile(name: string): string {
  return kindWords(name).plural === pascal(name).toLowerCase() ? name.slice(0, -1) : name;
}

/** `tapeRobots`: the constant of the kind's resource. */
function camelPlural(name: string): string {
  const { kind, singular, plural } = kindWords(name);
  return camel(kind) + plural.slice(singular.length);
}

/** `TAPE_ROBOTS` */
function constant(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
