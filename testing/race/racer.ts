import { expect } from 'vitest';
import type { ConfigMap } from '#api/generated/kubernetes.ts';
import { configMaps } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client, Patch } from '#machinery/client/client.ts';
import { before, type Change, revisionOf, stateAt } from './history.ts';

/** What a finished call has to agree with, once the whole history is known. */
export type Claim = (changes: readonly Change[]) => void;

const NAMES = ['a', 'b', 'c'];
const NAMESPACE = 'default';

/** One of many that write to the same few objects, fairly or with what is out of date, and remembers what it was told. */
export class Racer {
  readonly claims: Claim[] = [];
  readonly #client: Client;
  readonly #roll: (bound: number) => number;
  readonly #revision: () => number;
  /** Versions that it saw at any time; some are stale by now. */
  readonly #seen: ConfigMap[] = [];
  #writes = 0;

  constructor(options: { readonly client: Client; readonly roll: (bound: number) => number; readonly revision: () => number }) {
    this.#client = options.client;
    this.#roll = options.roll;
    this.#revision = options.revision;
  }

  /** Does something at random. */
  async act(): Promise<void> {
    for (let pause = this.#roll(3); pause > 0; pause -= 1) await new Promise((resolve) => setImmediate(resolve));
    const name = NAMES[this.#roll(NAMES.length)] ?? 'a';
    const actions = [
      () => this.#create(name),
      () => this.#create(name),
      () => this.#update(name),
      () => this.#updateStale(),
      () => this.#patch(name),
      () => this.#patch(name),
      () => this.#delete(name),
      () => this.#listInPages(),
    ];
    await actions[this.#roll(actions.length)]?.();
  }

  async #create(name: string): Promise<void> {
    const data = { value: this.#value() };
    const from = this.#revision();
    try {
      const made = this.#saw(await this.#client.create(configMaps, { metadata: { name, namespace: NAMESPACE }, data }));
      this.claims.push((changes) => {
        expect(changeAt(changes, made)).toMatchObject({ type: 'ADDED', object: { data } });
        expect(before(changes, name, revisionOf(made))).toBeUndefined();
      });
    } catch (thrown) {
      if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
      this.#claimSomeTime({ from, says: `${name} exists` }, (state) => state.has(name));
    }
  }

  async #update(name: string): Promise<void> {
    const object = await this.#get(name);
    if (object !== undefined) await this.#replace(object);
  }

  async #updateStale(): Promise<void> {
    const object = this.#seen[this.#roll(Math.max(1, this.#seen.length))];
    if (object !== undefined) await this.#replace(object);
  }

  /** An update stands on exactly the version that it names, or is refused. */
  async #replace(object: ConfigMap): Promise<void> {
    const { name, uid } = object.metadata;
    const data = { value: this.#value() };
    const from = this.#revision();
    try {
      const changed = this.#saw(await this.#client.update(configMaps, { ...object, data }));
      this.claims.push((changes) => {
        expect(changeAt(changes, changed)).toMatchObject({ type: 'MODIFIED', object: { data } });
        expect(before(changes, name, revisionOf(changed))?.revision).toBe(revisionOf(object));
      });
    } catch (thrown) {
      if (!hasCode(thrown, 'Aborted', 'NotFound')) throw thrown;
      this.#claimSomeTime({ from, says: `${name} is no longer at ${revisionOf(object)}` }, (state) => {
        const live = state.get(name);
        return live === undefined || live.object.metadata.uid !== uid || live.revision !== revisionOf(object);
      });
    }
  }

  /** A patch keeps what others wrote beside it. */
  async #patch(name: string): Promise<void> {
    const key = `k${this.#roll(3)}`;
    const value = this.#value();
    const patches: Patch[] = [
      { type: 'merge', body: { data: { [key]: value } } },
      { type: 'strategic', body: { data: { [key]: value } } },
      { type: 'json', body: [{ op: 'add', path: `/data/${key}`, value }] },
    ];
    const patch = patches[this.#roll(patches.length)];
    if (patch === undefined) return;
    const from = this.#revision();
    try {
      const changed = this.#saw(await this.#client.patch(configMaps, { key: { namespace: NAMESPACE, name }, patch }));
      this.claims.push((changes) => {
        const previous = before(changes, name, revisionOf(changed));
        expect(changeAt(changes, changed)).toMatchObject({ type: 'MODIFIED' });
        expect(changed.data).toEqual({ ...previous?.object.data, [key]: value });
      });
    } catch (thrown) {
      if (!hasCode(thrown, 'NotFound')) throw thrown;
      this.#claimSomeTime({ from, says: `${name} is not there` }, (state) => !state.has(name));
    }
  }

  async #delete(name: string): Promise<void> {
    const stale = this.#seen[this.#roll(Math.max(1, this.#seen.length))];
    const uid = this.#roll(2) === 0 && stale?.metadata.name === name ? stale.metadata.uid : undefined;
    const from = this.#revision();
    try {
      await this.#client.delete(configMaps, { namespace: NAMESPACE, name }, uid === undefined ? {} : { uid });
      const to = this.#revision();
      this.claims.push((changes) => {
        const gone = changes.filter(
          ({ type, revision, object }) => type === 'DELETED' && object.metadata.name === name && revision > from && revision <= to,
        );
        expect(gone.length, `${name} deleted in ${from}..${to}`).toBeGreaterThan(0);
        if (uid !== undefined) expect(gone.map(({ object }) => object.metadata.uid)).toContain(uid);
      });
    } catch (thrown) {
      if (!hasCode(thrown, 'NotFound', 'Aborted')) throw thrown;
      this.#claimSomeTime({ from, says: `${name} is not there, or another` }, (state) => {
        const live = state.get(name);
        return live === undefined || (uid !== undefined && live.object.metadata.uid !== uid);
      });
    }
  }

  /** All pages show one moment. */
  async #listInPages(): Promise<void> {
    const list = await this.#client.list(configMaps, { namespace: NAMESPACE, pageSize: 1 + this.#roll(2) });
    const revision = Number(list.metadata.resourceVersion);
    this.claims.push((changes) => {
      const state = stateAt(changes, revision);
      expect(list.items.map((item) => [item.metadata.name, revisionOf(item)])).toEqual(
        [...state].map(([name, change]) => [name, change.revision]).toSorted(([a], [b]) => String(a).localeCompare(String(b))),
      );
    });
  }

  /** A refusal was right if the world was so at some time during the call. */
  #claimSomeTime(
    { from, says }: { readonly from: number; readonly says: string },
    isTrue: (state: ReadonlyMap<string, Change>) => boolean,
  ): void {
    const to = this.#revision();
    this.claims.push((changes) => {
      const moments = Array.from({ length: to - from + 1 }, (_, index) => from + index);
      expect(
        moments.some((revision) => isTrue(stateAt(changes, revision))),
        `${says} some time in ${from}..${to}`,
      ).toBe(true);
    });
  }

  async #get(name: string): Promise<ConfigMap | undefined> {
    try {
      return this.#saw(await this.#client.get(configMaps, { namespace: NAMESPACE, name }));
    } catch (thrown) {
      if (hasCode(thrown, 'NotFound')) return undefined;
      throw thrown;
    }
  }

  #saw(object: ConfigMap): ConfigMap {
    this.#seen.push(object);
    return object;
  }

  #value(): string {
    this.#writes += 1;
    return `${this.#roll(1_000_000)}-${this.#writes}`;
  }
}

function changeAt(changes: readonly Change[], object: ConfigMap): Change | undefined {
  const found = changes.filter(({ revision }) => revision === revisionOf(object));
  expect(found.length, `changes at revision ${revisionOf(object)}`).toBe(1);
  return found[0];
}
