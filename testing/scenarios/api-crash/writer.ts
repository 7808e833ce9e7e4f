import { expect } from 'vitest';
import type { Roll } from '#testing/fuzz/random-json.ts';
import { AnswerLost, type Answer, type Ask, type Connection } from './connection.ts';
import type { History } from './history.ts';
import { COLLECTION, type Content, objectOf, part } from './written-object.ts';

/** Objects of each writer, and objects that all of them change. */
const OWN = 5;
const SHARED = 2;
const MOST_BYTES = 3_000;

/** One write, as it is sent and, after an answer that was lost, sent again. */
interface Operation {
  readonly id: string;
  readonly verb: 'create' | 'update' | 'patch' | 'apply' | 'delete';
  readonly name: string;
  readonly ask: Ask;
  readonly isShared: boolean;
}

/** What the history must have of a write: it once, at that revision where the answer named one. */
interface Promised {
  readonly id: string;
  readonly revision: number | undefined;
}

/** Writes over and over, one at a time, and remembers what it was told. */
export class Writer {
  readonly #number: number;
  readonly #roll: Roll;
  /** Revisions of its own objects; absent where there is none. */
  readonly #own = new Map<string, number>();
  /** Own objects whose revision has to be read, because the answer that named it was lost. */
  readonly #unread = new Set<string>();
  #promised: Promised[] = [];
  #pending: Operation | undefined;
  #next = 0;
  /** Writes that were acknowledged. */
  acknowledged = 0;
  /** Writes that were sent again because their answer was lost, and what came of them. */
  readonly retried = { done: 0, wasDone: 0 };

  constructor(number: number, roll: Roll) {
    this.#number = number;
    this.#roll = roll;
  }

  /** The write whose answer was lost, and that will be sent again. */
  get unsettled(): string | undefined {
    return this.#pending?.id;
  }

  /** Writes until the server is gone. @throws AssertionError where it was refused what was right */
  async work(connection: Connection): Promise<void> {
    try {
      // why not all: a create names no version, so of a shared object it might be done once before and once after somebody has deleted that
      const again = this.#pending?.isShared === true && this.#pending.verb === 'create' ? undefined : this.#pending;
      if (again !== undefined) this.#settleAgain(again, await connection.send(again.ask));
      for (;;) {
        const operation = await this.#plan(connection);
        this.#pending = operation;
        this.#settle(operation, await connection.send(operation.ask));
        this.#pending = undefined;
      }
    } catch (error) {
      if (!(error instanceof AnswerLost)) throw error;
    }
  }

  /** Finds each acknowledged write in the history. */
  check(history: History): void {
    for (const { id, revision } of this.#promised) {
      const found = history.revisionOf(id);
      expect(found, `${id} was acknowledged and is not there`).toBeDefined();
      if (revision !== undefined) expect(found, id).toBe(revision);
    }
    this.#promised = [];
  }

  async #plan(connection: Connection): Promise<Operation> {
    this.#next += 1;
    const operation = `${this.#number}-${this.#next}`;
    const isShared = this.#roll(4) === 0;
    const name = isShared ? `shared-${this.#roll(SHARED)}` : `w${this.#number}-${this.#roll(OWN)}`;
    if (this.#unread.has(name)) await this.#read(connection, name);
    const revision = isShared ? await revisionOf(connection, name) : this.#own.get(name);
    const content = { name, operation, shade: this.#roll(2) === 0 ? 'light' : 'dark', sizeBytes: this.#roll(MOST_BYTES) } as const;
    if (revision === undefined) return { ...plan(this.#roll(3) === 0 && !isShared ? 'apply' : 'create', content, 0), isShared };
    const verb = (['update', 'update', 'patch', 'delete'] as const)[this.#roll(4)] ?? 'update';
    return { ...plan(verb, content, revision), isShared };
  }

  async #read(connection: Connection, name: string): Promise<void> {
    const revision = await revisionOf(connection, name);
    expect(revision, `${name} was written and is not there`).toBeDefined();
    if (revision !== undefined) this.#own.set(name, revision);
    this.#unread.delete(name);
  }

  /** The first answer to a write. */
  #settle(operation: Operation, answer: Answer): void {
    const said = `${operation.verb} ${operation.name} ${operation.id}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`;
    // why: somebody else was faster at a shared object
    if (operation.isShared && [404, 409].includes(answer.status)) return;
    expect([200, 201], said).toContain(answer.status);
    this.#acknowledge(operation, answer);
  }

  /** The answer to a write that was sent before and may have been done then. */
  #settleAgain(operation: Operation, answer: Answer): void {
    this.#pending = undefined;
    if (answer.status < 300) {
      this.retried.done += 1;
      this.#acknowledge(operation, answer);
      return;
    }
    expect([404, 409], `${operation.verb} again`).toContain(answer.status);
    // why nothing more of shared ones: another writer may be what the refusal is about
    if (operation.isShared) return;
    this.retried.wasDone += 1;
    this.#promised.push({ id: operation.id, revision: undefined });
    this.#own.delete(operation.name);
    if (operation.verb !== 'delete') this.#unread.add(operation.name);
  }

  #acknowledge({ id, verb, name, isShared }: Operation, { body }: Answer): void {
    this.acknowledged += 1;
    const revision = verb === 'delete' ? undefined : Number(part(body, 'metadata')['resourceVersion']);
    this.#promised.push({ id, revision });
    if (isShared) return;
    if (revision === undefined) this.#own.delete(name);
    else this.#own.set(name, revision);
  }
}

function plan(verb: Operation['verb'], content: Content, revision: number): Omit<Operation, 'isShared'> {
  const { name } = content;
  const at = `${COLLECTION}/${name}`;
  const id = verb === 'delete' ? `${name}@${revision}` : content.operation;
  const asks: Readonly<Record<Operation['verb'], Ask>> = {
    create: { method: 'POST', path: COLLECTION, body: objectOf(content) },
    update: { method: 'PUT', path: at, body: objectOf(content, revision) },
    patch: { method: 'PATCH', path: at, body: objectOf(content, revision), contentType: 'application/merge-patch+json' },
    apply: {
      method: 'PATCH',
      path: `${at}?fieldManager=writer&force=true`,
      body: objectOf(content),
      contentType: 'application/apply-patch+yaml',
    },
    delete: {
      method: 'DELETE',
      path: at,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { resourceVersion: String(revision) } },
    },
  };
  return { id, verb, name, ask: asks[verb] };
}

async function revisionOf(connection: Connection, name: string): Promise<number | undefined> {
  const { status, body } = await connection.send({ method: 'GET', path: `${COLLECTION}/${name}` });
  return status === 404 ? undefined : Number(part(body, 'metadata')['resourceVersion']);
}
