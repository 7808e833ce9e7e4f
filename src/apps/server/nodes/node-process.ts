import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type Clock, sleep } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import { backoffMs, type BackoffPolicy } from '#kit/retry.ts';

/** How a process is started, and started again. */
export interface NodeProcessOptions {
  readonly nodeName: string;
  readonly argv: readonly string[];
  /** Called each time that the node has said that it works. */
  readonly onReady: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Waits before a node that ended is started again. */
const BACKOFF: BackoffPolicy = { initialMs: 500, maxMs: 30_000, factor: 2 };
/** A node that ran this long starts anew without a long wait. */
const STEADY_MS = 60_000;
/** A node that has not ended this long after it was asked to is killed: pods have ten seconds to end, and some things come after. */
const PATIENCE_MS = 30_000;
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
    this.#follow(child.stdout, (line) => {
      if (line !== 'ready') return;
      this.#ready.resolve();
      this.#options.onReady();
    });
    this.#follow(child.stderr, (line) => {
      // why: a cause's stack follows what it says
      if (!/^\s+at /.test(line)) this.#complaint = line;
      this.#options.log.warn('a node says', { node: this.#options.nodeName, reason: line });
    });
    return new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
    });
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
