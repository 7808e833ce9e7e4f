import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type Clock, sleep } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import { backoffMs, type BackoffPolicy } from '#kit/retry.ts';
import { type NodeAnswer, type NodeOrder, parseAnswer } from './node-orders.ts';

/** How a process is started, and started again. */
export interface NodeProcessOptions {
  readonly nodeName: string;
  readonly argv: readonly string[];
  /** Called each time that the node has said that it works. */
  readonly onReady: () => void;
  /** What it is to serve of plugins, as of now. */
  readonly standing: () => Pick<NodeOrder, 'wanted' | 'code'>;
  /** It said what of that it can't; absent = nobody cares. */
  readonly onFaults?: (faults: NonNullable<NodeAnswer['faults']>) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Waits before a node that ended is started again. */
const BACKOFF: BackoffPolicy = { initialMs: 500, maxMs: 30_000, factor: 2 };
/** A node that ran this long starts anew without a long wait. */
const STEADY_MS = 60_000;
/** A node that has not ended this long after it was asked to is killed: pods have ten seconds to end, and some things come after. */
const PATIENCE_MS = 30_000;
/** An order that is not answered for this long is given up; the node may carry it out all the same. */
const ORDER_MS = 90_000;
/** Characters of a line of its output that go into the log. */
const MAX_LINE = 2_000;

/** A further node's process: started, started again when it ends, ended with the platform. */
export class NodeProcess {
  readonly #options: NodeProcessOptions;
  readonly #stopping = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  #child: ChildProcess | undefined;
  #complaint: string | undefined;
  #running: Promise<void> = Promise.resolve();
  #isUp = false;
  #lastId = 0;
  readonly #asked = new Map<number, (answer: NodeAnswer | undefined) => void>();

  constructor(options: NodeProcessOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#keepRunning();
  }

  /** Resolves when the node has said for the first time that it works. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** What it said last on its error output: why it does not come up. */
  get complaint(): string | undefined {
    return this.#complaint;
  }

  get nodeName(): string {
    return this.#options.nodeName;
  }

  /** What it answers to an order; undefined where it is not up, or ends first: it is given the newest orders when it starts. @throws PlatformError `DeadlineExceeded` */
  async order(order: Omit<NodeOrder, 'id'>): Promise<NodeAnswer | undefined> {
    return this.#isUp ? this.#ask(order) : undefined;
  }

  /** Asks it to end, and resolves when it has. */
  async stop(): Promise<void> {
    const { clock, log, nodeName } = this.#options;
    this.#stopping.abort();
    const patience = clock.after(PATIENCE_MS, () => {
      log.warn('a node did not stop in time and was killed', { node: nodeName });
      this.#child?.kill('SIGKILL');
    });
    this.#child?.kill('SIGTERM');
    // why: a process that was stopped hears nothing
    this.#child?.kill('SIGCONT');
    await this.#running;
    patience.cancel();
  }

  async #keepRunning(): Promise<void> {
    const { clock, log, nodeName } = this.#options;
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; failures += 1) {
      const startedMs = clock.nowMs();
      const how = await this.#runOnce();
      if (signal.aborted) return;
      log.warn('a node ended and is started again', { node: nodeName, reason: how });
      if (clock.nowMs() - startedMs >= STEADY_MS) failures = 0;
      await sleep(clock, backoffMs(BACKOFF, failures), signal).catch(() => {});
    }
  }

  #runOnce(): Promise<string> {
    const [program = '', ...args] = this.#options.argv;
    // why detached: Ctrl-C in a terminal is for the platform, which then ends its nodes in order. Why an input: its end tells the node that the platform is gone
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.#child = child;
    child.stdin.on('error', () => {});
    // why at once: the drivers of plugins are there before the first pod looks for them
    void this.#tellWanted();
    this.#follow(child.stdout, (line) => this.#hear(line));
    this.#follow(child.stderr, (line) => {
      // why: a cause's stack follows what it says
      if (!/^\s+at /.test(line)) this.#complaint = line;
      this.#options.log.warn('a node says', { node: this.#options.nodeName, reason: line });
    });
    return new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
    }).finally(() => this.#loseOrders());
  }

  #hear(line: string): void {
    const answer = parseAnswer(line);
    if (answer !== undefined) this.#asked.get(answer.id)?.(answer);
    if (line !== 'ready') return;
    this.#isUp = true;
    // why again: what is wanted may have changed while it started
    void this.#tellWanted();
    this.#ready.resolve();
    this.#options.onReady();
  }

  async #tellWanted(): Promise<void> {
    const { standing, onFaults, log, nodeName } = this.#options;
    try {
      const { faults = {} } = (await this.#ask(standing())) ?? {};
      if (Object.keys(faults).length > 0) onFaults?.(faults);
    } catch (thrown) {
      log.warn('a node has not answered', { node: nodeName, err: PlatformError.from(thrown) });
    }
  }

  #ask(order: Omit<NodeOrder, 'id'>): Promise<NodeAnswer | undefined> {
    const { clock, nodeName } = this.#options;
    const id = (this.#lastId += 1);
    const { promise, resolve, reject } = Promise.withResolvers<NodeAnswer | undefined>();
    const message = `${nodeName} has not answered for ${ORDER_MS / 1_000} s: see its log`;
    const timer = clock.after(ORDER_MS, () => reject(new PlatformError({ code: 'DeadlineExceeded', reason: 'DeadlineExceeded', message })));
    this.#asked.set(id, resolve);
    this.#child?.stdin?.write(`${JSON.stringify({ ...order, id })}\n`);
    return promise.finally(() => {
      timer.cancel();
      this.#asked.delete(id);
    });
  }

  #loseOrders(): void {
    this.#isUp = false;
    for (const answer of this.#asked.values()) answer(undefined);
  }

  #follow(stream: Readable, onLine: (line: string) => void): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n');
      rest = (lines.pop() ?? '').slice(0, MAX_LINE);
      for (const line of lines) onLine(line.slice(0, MAX_LINE));
    });
  }
}
