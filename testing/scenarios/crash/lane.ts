import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SystemClock } from '#kit/clock.ts';
import type { Client } from '#machinery/client/client.ts';
import { createHttpClient } from '#machinery/client/http-client.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { seededRoll } from '#testing/fakes/weather.ts';
import { pick, type Roll } from '#testing/fuzz/random-json.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { Agreement } from './agreement.ts';
import { Churn } from './churn.ts';
import { Records } from './records.ts';

/**
 * What is killed: the platform; with the programs that it runs; with processes that wait for containers; while it stops by itself;
 * or the process of the second node alone, under a platform that goes on.
 */
export type Killing = 'platform' | 'group' | 'shims' | 'stopping' | 'node';

/** How one platform is treated. */
export interface LaneOptions {
  readonly seed: number;
  /** Answers whether so many kills are enough. */
  readonly until: (kills: number) => boolean;
  readonly nodes: number;
  readonly killings: readonly [Killing, ...Killing[]];
  /** Everything is counted after each so many kills. */
  readonly countEvery: number;
}

/** One in so many starts is killed before it is ready, within about the time that a start takes. */
const KILLED_STARTS = 2;
const START_MS = 700;
/** The churn goes on for up to this long. */
const WORK_MS = 300;
/** It goes on until up to so many operations were acknowledged, but not for ever. */
const OPERATIONS = 6;
const LONGEST_WORK_MS = 2_000;
const POLL_MS = 5;
/** A stop is cut off within this time. */
const STOP_MS = 500;
/** Of the log, where a test fails. */
const LOG_LINES = 60;

/** One platform, killed again and again. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #roll: Roll;
  readonly #platform: PlatformProcess;
  readonly #churn: Churn;
  readonly #records: Records;
  readonly #agreement: Agreement;
  #kills = 0;
  #killedStarts = 0;
  #longestStartMs = 0;
  readonly #settledMs: number[] = [];

  private constructor(platform: PlatformProcess, options: LaneOptions) {
    this.#options = options;
    this.#platform = platform;
    this.#roll = seededRoll(options.seed);
    const hostDir = path.join(path.dirname(platform.dataDir), 'host');
    mkdirSync(hostDir);
    this.#records = new Records(platform.dataDir);
    this.#churn = new Churn({ roll: seededRoll(options.seed + 1), hostDir, nodes: options.nodes, records: this.#records });
    this.#agreement = new Agreement({ platform, churn: this.#churn, records: this.#records, nodes: options.nodes });
  }

  static async start(options: LaneOptions): Promise<Lane> {
    const platform = await PlatformProcess.start({ flags: ['--no-demo', '--nodes', String(options.nodes)], processGroup: 'own' });
    const lane = new Lane(platform, options);
    await lane.#churn.prepare(await lane.#client());
    return lane;
  }

  /** All kills, with everything counted now and then, and at the end when all was deleted. @throws AssertionError */
  async run(): Promise<void> {
    const { until, countEvery } = this.#options;
    let counted = 0;
    for (let isOver = false; !isOver;) {
      await this.#round();
      isOver = until(this.#kills);
      if (this.#kills - counted < countEvery && !isOver) continue;
      counted = this.#kills;
      const beforeMs = performance.now();
      await this.#agreement.check(await this.#client());
      this.#settledMs.push(Math.round(performance.now() - beforeMs));
    }
    await this.#agreement.checkNothingLeft(await this.#client());
  }

  /** What it did, for the log of the test. */
  report(): Record<string, unknown> {
    return {
      seed: this.#options.seed,
      kills: this.#kills,
      operations: Object.fromEntries(this.#churn.done),
      records: this.#records.found,
      killedStarts: this.#killedStarts,
      longestStartMs: Math.round(this.#longestStartMs),
      settledMs: this.#settledMs,
      slow: this.#agreement.slow,
    };
  }

  /** What there is, for whoever looks for the reason of a failure. */
  async describe(): Promise<string> {
    const { kubectl, dataDir } = this.#platform;
    const objects = await kubectl.try(['get', 'pods,persistentvolumeclaims,persistentvolumes', '-A', '-o', 'wide']);
    const events = await kubectl.try(['get', 'events', '-A', '--field-selector', 'type=Warning', '--sort-by', '.lastTimestamp']);
    const log = readFileSync(path.join(dataDir, 'logs', 'stowage.log'), 'utf8')
      .split('\n')
      // why: each start says much that is in order
      .filter((line) => !line.startsWith('{"level":30,'))
      .slice(-LOG_LINES)
      .join('\n');
    const found = JSON.stringify(await inspectMachine(dataDir, this.#platform.pid), undefined, 1);
    return [objects.stdout, events.stdout.split('\n').slice(-LOG_LINES).join('\n'), log, found].join('\n\n');
  }

  async remove(): Promise<void> {
    await this.#platform.remove();
  }

  async #round(): Promise<void> {
    const working = this.#churn.work(await this.#client());
    // why: it is awaited after the kill, and what went wrong is told there
    working.catch(() => {});
    await pause(this.#roll(WORK_MS));
    await this.#untilDone(this.#roll(OPERATIONS));
    const killing = pick(this.#roll, this.#options.killings);
    await this.#kill(killing);
    if (killing === 'node') {
      await pause(this.#roll(WORK_MS));
      await this.#kill('platform');
    }
    await working;
    this.#records.readAcknowledged();
    await this.#restart();
    await this.#agreement.checkNothingLost(await this.#client(), `kill ${this.#kills}`);
  }

  /** On a slow machine the churn needs longer for as much. */
  async #untilDone(operations: number): Promise<void> {
    const until = this.#churn.count + operations;
    for (let waited = 0; this.#churn.count < until && waited < LONGEST_WORK_MS; waited += POLL_MS) await pause(POLL_MS);
  }

  async #kill(killing: Killing): Promise<void> {
    this.#kills += 1;
    if (killing === 'node') return this.#killNode();
    if (killing === 'group') return this.#platform.killGroup();
    if (killing === 'stopping') {
      const stopped = this.#platform.end('SIGTERM');
      await pause(this.#roll(STOP_MS));
      await this.#platform.killGroup();
      await stopped;
      return;
    }
    await this.#platform.end('SIGKILL');
    if (killing === 'shims') await this.#killShims();
  }

  async #killNode(): Promise<void> {
    const { processes } = await inspectMachine(this.#platform.dataDir, this.#platform.pid);
    for (const line of processes) if (line.includes(' node --name=node-2 ')) kill(Number(line.split(' ')[0]));
  }

  /** Kills a few of the processes that wait for containers, with the OCI runtime that is their child. */
  async #killShims(): Promise<void> {
    const { processes } = await inspectMachine(this.#platform.dataDir);
    for (const line of processes) {
      if (!line.includes('stowage-shim') || this.#roll(3) > 0) continue;
      const pid = Number(line.split(' ')[0]);
      kill(this.#roll(2) === 0 ? pid : -pid);
    }
  }

  async #restart(): Promise<void> {
    while (this.#roll(KILLED_STARTS) === 0) {
      const starting = this.#platform.start().catch(() => {});
      await pause(this.#roll(START_MS));
      await this.#kill(pick(this.#roll, this.#options.killings));
      await this.#platform.end('SIGKILL');
      await starting;
      this.#killedStarts += 1;
    }
    const beforeMs = performance.now();
    await this.#platform.start();
    this.#longestStartMs = Math.max(this.#longestStartMs, performance.now() - beforeMs);
  }

  async #client(): Promise<Client> {
    return createHttpClient({ config: await loadKubeconfig(this.#platform.kubeconfig), clock: new SystemClock() });
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // why: it may have ended meanwhile
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
