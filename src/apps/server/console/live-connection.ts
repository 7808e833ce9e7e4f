import type { RawData, WebSocket } from 'ws';
import {
  type ClientFrame,
  LIVE_BATCH_MS,
  LIVE_HEARTBEAT_MS,
  LIVE_MAX_SUBSCRIPTIONS,
  LIVE_SILENCE_MS,
  type LiveQuery,
  parseClientFrame,
  type ServerFrame,
} from '#api/console-frames.ts';
import { words } from '#api/explanation.ts';
import type { Clock, Timer } from '#kit/clock.ts';
import type { FeedHub } from './feed-hub.ts';
import { LiveSubscription } from './live-subscription.ts';
import type { Session } from './sessions.ts';

/** Nothing more is handed to a socket that has this many unsent bytes. */
const MAX_UNSENT_BYTES = 1_048_576;
/** A session's credential is asked about again this often, in milliseconds. */
const SESSION_CHECK_MS = 60_000;
/** WebSocket close codes (RFC 6455 section 7.4.1): going away, policy violation. */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

/** What a socket is served from. */
export interface LiveConnectionOptions {
  readonly socket: WebSocket;
  readonly session: Session;
  readonly hub: FeedHub;
  readonly clock: Clock;
}

/** One browser tab: its subscriptions, batched onto its socket. */
export class LiveConnection {
  readonly #options: LiveConnectionOptions;
  readonly #subscriptions = new Map<number, LiveSubscription>();
  readonly #dirty = new Set<LiveSubscription>();
  #flushTimer: Timer | undefined;
  #heartbeat: Timer | undefined;
  #sessionCheck: Timer | undefined;
  #heardAtMs: number;
  #isClosed = false;

  constructor(options: LiveConnectionOptions) {
    this.#options = options;
    const { socket, session, clock } = options;
    this.#heardAtMs = clock.nowMs();
    const forgetSession = session.onEnd(() => this.close('signed out'));
    socket.on('message', (data) => this.#receive(data));
    socket.on('error', () => socket.terminate()); // the close event follows and cleans up
    socket.once('close', () => {
      forgetSession();
      this.#dispose();
    });
    this.#send({ type: 'hello', nowMs: this.#heardAtMs });
    this.#beat();
    this.#checkSession();
  }

  /** Says goodbye; the browser comes back by itself if it may. */
  close(why: string): void {
    this.#dispose();
    this.#options.socket.close(GOING_AWAY, why);
  }

  #receive(data: RawData): void {
    this.#heardAtMs = this.#options.clock.nowMs();
    const text = Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(new Uint8Array(data)).toString('utf8');
    const frame = parseClientFrame(text);
    if (frame.ok) this.#handle(frame.value);
    else this.#options.socket.close(POLICY_VIOLATION, frame.error);
  }

  #handle(frame: ClientFrame): void {
    switch (frame.type) {
      case 'ping':
        break;
      case 'unsubscribe':
        this.#drop(frame.id);
        break;
      case 'subscribe': {
        this.#drop(frame.id);
        if (this.#subscriptions.size >= LIVE_MAX_SUBSCRIPTIONS) {
          const why = words('tooManyLists', { limit: String(LIVE_MAX_SUBSCRIPTIONS) });
          this.#send({ type: 'error', id: frame.id, reason: 'TooManySubscriptions', words: why });
          break;
        }
        const subscription: LiveSubscription = new LiveSubscription(frame.id, () => this.#markDirty(subscription));
        this.#subscriptions.set(frame.id, subscription);
        void this.#open(subscription, frame);
        break;
      }
    }
  }

  /** Nothing is shown to whose account has gone: the end of the session closes this connection. */
  async #open(subscription: LiveSubscription, query: LiveQuery): Promise<void> {
    const { session, hub } = this.#options;
    if ((await session.isStillGood()) && !this.#isClosed && this.#isHeld(subscription)) subscription.open(hub, session.user, query);
  }

  #isHeld(subscription: LiveSubscription): boolean {
    return [...this.#subscriptions.values()].includes(subscription);
  }

  #checkSession(): void {
    this.#sessionCheck = this.#options.clock.after(SESSION_CHECK_MS, () => {
      void this.#options.session.isStillGood();
      if (!this.#isClosed) this.#checkSession();
    });
  }

  #drop(id: number): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined) return;
    this.#subscriptions.delete(id);
    this.#dirty.delete(subscription);
    subscription.close();
  }

  #markDirty(subscription: LiveSubscription): void {
    if (this.#isClosed) return;
    this.#dirty.add(subscription);
    this.#flushTimer ??= this.#options.clock.after(LIVE_BATCH_MS, () => {
      this.#flushTimer = undefined;
      this.#flush();
    });
  }

  #flush(): void {
    const { socket } = this.#options;
    for (const subscription of this.#dirty) {
      while (socket.bufferedAmount < MAX_UNSENT_BYTES) {
        const frame = subscription.take();
        if (frame === undefined) {
          this.#dirty.delete(subscription);
          break;
        }
        this.#send(frame);
      }
      if (socket.bufferedAmount >= MAX_UNSENT_BYTES) break;
    }
    // what the socket had no room for waits for the next round
    const [first] = this.#dirty;
    if (first !== undefined) this.#markDirty(first);
  }

  #beat(): void {
    const { clock, socket } = this.#options;
    this.#heartbeat = clock.after(LIVE_HEARTBEAT_MS, () => {
      if (clock.nowMs() - this.#heardAtMs > LIVE_SILENCE_MS) {
        socket.terminate();
        return;
      }
      this.#send({ type: 'ping' });
      this.#beat();
    });
  }

  #send(frame: ServerFrame): void {
    const { socket } = this.#options;
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame));
  }

  #dispose(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#flushTimer?.cancel();
    this.#heartbeat?.cancel();
    this.#sessionCheck?.cancel();
    for (const subscription of this.#subscriptions.values()) subscription.close();
    this.#subscriptions.clear();
    this.#dirty.clear();
  }
}
