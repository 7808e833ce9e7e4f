import { moduleInfoes, pluginPackages, pluginSigners } from '#api/generated/definitions.ts';
import { installing } from '#api/plugins/plugin-info.ts';
import { storageClasses } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { ApiTimedOut, ApiUnreachable } from '#machinery/client/transport.ts';
import { pick, type Roll } from '#testing/fuzz/random-json.ts';
import { TAPE_MAKER, tapePackage, tapes, tapeVersion } from './tape-package.ts';

/** The class that belongs to a project while `isFenced`. */
export const FENCED = 'fenced';
/** Those that come and go. Of two of which one needs the other, that one is first. */
export const PLUGINS = [
  'snapshot',
  'volsync',
  'projects',
  'acp-cosi',
  'local-storage',
  'topolvm',
  'rook-ceph',
  'local-directory',
  'nfs',
  'tape',
] as const;

type PluginName = (typeof PLUGINS)[number];

const NEEDS: Readonly<Partial<Record<PluginName, PluginName>>> = { volsync: 'snapshot' };
const PAUSE_MS = 120;
/** What a user is told of a plugin that is not as it would have to be for what he does. */
const REFUSALS = ['AlreadyExists', 'NotFound', 'PermissionDenied', 'Aborted', 'FailedPrecondition'] as const;

/** Installs, upgrades, configures and uninstalls plugins while the server is killed, and remembers what was acknowledged. */
export class PluginChurn {
  /** What was asked for and acknowledged; absent = a kill came between. */
  readonly wanted = new Map<PluginName, boolean>();
  /** Acknowledged operations, by kind. */
  readonly done = new Map<string, number>();
  /** `onDelete` of nfs, where it was acknowledged. */
  setting: string | undefined;
  /** The newest version of the package that was acknowledged; 0 = the first. */
  version = 0;
  /** True where a label allocates the class, and that was acknowledged; undefined = a kill came between. */
  isFenced: boolean | undefined = false;
  /** Was sent and not acknowledged. */
  #uploading: number | undefined;
  readonly #roll: Roll;

  constructor(roll: Roll) {
    this.#roll = roll;
  }

  async prepare(client: Client): Promise<void> {
    await client.create(pluginSigners, { metadata: { name: 'maker' }, spec: { publicKey: TAPE_MAKER } });
    await this.#upload(client, 0);
    await client.create(storageClasses, { metadata: { name: FENCED }, provisioner: 'local.stowage.dev' });
    for (const name of PLUGINS) this.wanted.set(name, !['nfs', 'tape'].includes(name));
  }

  /** Works until the server is gone. @throws what is no break of the connection */
  async work(client: Client): Promise<void> {
    for (;;) {
      const { kind, run } = this.#choose();
      try {
        if (await run(client)) this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
      } catch (thrown) {
        // why: a connection that breaks is the kill; anything else is a fault of the product
        if (thrown instanceof ApiUnreachable || thrown instanceof ApiTimedOut) return;
        throw thrown;
      }
      await new Promise((resolve) => setTimeout(resolve, this.#roll(PAUSE_MS)));
    }
  }

  #choose(): { readonly kind: string; readonly run: (client: Client) => Promise<boolean> } {
    const name = pick(this.#roll, PLUGINS);
    switch (this.#roll(10)) {
      case 0:
        return { kind: 'upgrade', run: (client) => this.#upload(client, this.version + 1) };
      case 1:
        return { kind: 'configure', run: (client) => this.#configure(client) };
      case 2:
        return { kind: 'fence', run: (client) => this.#fence(client) };
      case 3:
        return { kind: 'use', run: (client) => this.#use(client) };
      default:
        return this.wanted.get(name) === true
          ? { kind: 'uninstall', run: (client) => this.#uninstall(client, name) }
          : { kind: 'install', run: (client) => this.#install(client, name) };
    }
  }

  async #install(client: Client, name: PluginName): Promise<boolean> {
    const needed = NEEDS[name];
    if (needed !== undefined && this.wanted.get(needed) !== true) return false;
    return this.#ask(name, true, () => client.create(moduleInfoes, installing(name)));
  }

  async #uninstall(client: Client, name: PluginName): Promise<boolean> {
    return this.#ask(name, false, () => client.delete(moduleInfoes, { namespace: '', name: `stowage-${name}` }));
  }

  /** Between the question and its answer nobody knows. */
  async #ask(name: PluginName, isWanted: boolean, write: () => Promise<unknown>): Promise<boolean> {
    const before = this.wanted.get(name);
    this.wanted.delete(name);
    // why: it comes without settings, and whether it came a kill may hide
    if (name === 'nfs') this.setting = undefined;
    const isDone = await accepted(write);
    if (isDone) this.wanted.set(name, isWanted);
    else if (before !== undefined) this.wanted.set(name, before);
    return isDone;
  }

  async #configure(client: Client): Promise<boolean> {
    if (this.wanted.get('nfs') !== true) return false;
    const onDelete = pick(this.#roll, ['delete', 'retain', 'archive']);
    const patch = { type: 'merge', body: { spec: { config: { onDelete } } } } as const;
    this.setting = undefined;
    const isDone = await accepted(() => client.patch(moduleInfoes, { key: { namespace: '', name: 'stowage-nfs' }, patch }));
    if (isDone) this.setting = onDelete;
    return isDone;
  }

  async #upload(client: Client, count: number): Promise<boolean> {
    const { name, archive } = await tapePackage(count);
    this.#uploading = count;
    try {
      await client.create(pluginPackages, { metadata: { name }, spec: { archive } });
    } catch (thrown) {
      // why: a kill came before the answer, and it is there
      if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
    }
    this.version = count;
    this.#uploading = undefined;
    return true;
  }

  /** After a start: what a kill has hidden of the last upload is looked up. */
  async resolveUpload(client: Client): Promise<void> {
    const count = this.#uploading;
    this.#uploading = undefined;
    if (count === undefined) return;
    const packages = (await client.list(pluginPackages)).items.map(({ metadata }) => metadata.name);
    if (packages.includes(`tape-${tapeVersion(count)}`)) this.version = count;
  }

  /** A class that is allocated is a use of projects, so that it does not go. */
  async #fence(client: Client): Promise<boolean> {
    const isFenced = this.isFenced === false;
    // why: a label that comes while the plugin goes would hold it until somebody takes it off
    if (isFenced && this.wanted.get('projects') !== true) return false;
    this.isFenced = undefined;
    const labels = { 'project.cpaas.io/other': isFenced ? 'true' : null };
    await client.patch(storageClasses, { key: { namespace: '', name: FENCED }, patch: { type: 'merge', body: { metadata: { labels } } } });
    this.isFenced = isFenced;
    return true;
  }

  /** A tape comes, or goes. */
  async #use(client: Client): Promise<boolean> {
    const key = { namespace: 'default', name: 'a' };
    if (await accepted(() => client.delete(tapes, key))) return true;
    return accepted(() => client.create(tapes, { metadata: key }));
  }

  /** The version that is to be at work. */
  get newest(): string {
    return tapeVersion(this.version);
  }
}

async function accepted(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (thrown) {
    if (hasCode(thrown, ...REFUSALS)) return false;
    throw thrown;
  }
}
