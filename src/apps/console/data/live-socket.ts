import { type ClientFrame, LIVE_HEARTBEAT_MS, parseServerFrame, type ServerFrame } from '#api/console-frames.ts';
import type { Clock, Timer } from './clock.ts';

/** An open or opening connection. */
export interface SocketLike {
  send(text: string): void;
  close(): void;
}

/** What a connection tells; never before `open` has returned. */
export interface SocketHandlers {
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
  readonly onClose: () => void;
}

/** Opens the browser's WebSocket at `url`. */
export function openWebSocket(url: string, handlers: SocketHandlers): SocketLike {
  const socket = new WebSocket(url);
  socket.addEventListener('open', handlers.onOpen);
  socket.addEventListener('message', (event) => handlers.onText(String(event.data)));
  socket.addEventListener('close', handlers.onClose);
  return socket;
}

/** Whether data flows. */
export type LinkState =
  | { readonly state: 'connecting' }
  | { readonly state: 'online' }
  /** `lostAtMs`: since when nothing new arrives. */
  | { readonly state: 'offline'; readonly lostAtMs: number };

/** What the link is made of and whom it tells. */
export interface LiveSocketOptions {
  readonly open: (handlers: SocketHandlers) => SocketLike;
  readonly clock: Clock;
  /** A fraction in [0, 1), for jitter. */
  readonly fraction: () => number;
  readonly onFrame: (frame: Exclude<ServerFrame, { type: 'ping' }>) => void;
  readonly onState: (state: LinkState) => void;
}

/** A socket that heard nothing for this long is dead, in milliseconds: one heartbeat and five seconds. */
const SILENCE_MS = LIVE_HEARTBEAT_MS + 5_000;
/** First and longest delay before connecting again, in milliseconds; it never gives up. */
const RETRY_FIRST_MS = 500;
const RETRY_LONGEST_MS = 15_000;

/** One socket that is always either open or on its way. */
export class LiveSocket {
  readonly #options: LiveSocketOptions;
  #socket: SocketLike | undefined;
  #isOpen = false;
  #attempt = 0;
  #lostAtMs: number | undefined;
  #retry: Timer | undefined;
  #silence: Timer | undefined;
  #heartbeat: Timer | undefined;

  constructor(options: LiveSocketOptions) {
    this.#options = options;
  }

  /** Connects now, also when the next try was still to come. */
  connect(): void {
    if (this.#socket !== undefined) return;
    this.#retry?.cancel();
    const socket = this.#options.open({
      onOpen: () => {
        if (socket !== this.#socket) return;
        this.#isOpen = true;
        this.#beat();
      },
      onText: (text) => {
        if (socket === this.#socket) this.#receive(text);
      },
      onClose: () => this.#lose(socket),
    });
    this.#socket = socket;
    this.#listen();
  }

  /** Drops `frame` while there is no connection: whoever subscribed does so again at the next `online`. */
  send(frame: ClientFrame): void {
    if (this.#isOpen) this.#socket?.send(JSON.stringify(frame));
  }

  close(): void {
    this.#forget();
    this.#retry?.cancel();
  }

  #receive(text: string): void {
    const frame = parseServerFrame(text);
    this.#listen();
    if (frame === undefined || frame.type === 'ping') return;
    if (frame.type === 'hello') {
      this.#attempt = 0;
      this.#lostAtMs = undefined;
      this.#options.onState({ state: 'online' });
    }
    this.#options.onFrame(frame);
  }

  #listen(): void {
    this.#silence?.cancel();
    this.#silence = this.#options.clock.after(SILENCE_MS, () => {
      const socket = this.#socket;
      if (socket !== undefined) this.#lose(socket);
    });
  }

  #beat(): void {
    this.#heartbeat?.cancel();
    this.#heartbeat = this.#options.clock.after(LIVE_HEARTBEAT_MS, () => {
      this.send({ type: 'ping' });
      this.#beat();
    });
  }

  #lose(socket: SocketLike): void {
    if (socket !== this.#socket) return;
    this.#forget();
    const { clock, fraction, onState } = this.#options;
    this.#lostAtMs ??= clock.nowMs();
    const delayMs = Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** Math.min(this.#attempt, 10)) * (0.5 + fraction() / 2);
    this.#attempt += 1;
    this.#retry = clock.after(delayMs, () => this.connect());
    onState({ state: 'offline', lostAtMs: this.#lostAtMs });
  }

  #forget(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#isOpen = false;
    this.#silence?.cancel();
    this.#heartbeat?.cancel();
    socket?.close();
  }
}
