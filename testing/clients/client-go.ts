import { spawn } from 'node:child_process';
import { isRecord } from '#kit/json.ts';
import { eventually } from '../eventually.ts';

/** A run of the program: the JSON lines that it prints. */
export class ClientGo {
  readonly lines: Record<string, unknown>[] = [];
  readonly #child;
  readonly #ended: Promise<number | null>;
  #errors = '';

  /** `args` as its usage says, after the kubeconfig. */
  constructor(program: string, kubeconfig: string, args: readonly string[]) {
    this.#child = spawn(program, [kubeconfig, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    let rest = '';
    this.#child.stdout.on('data', (chunk: Buffer) => {
      const texts = (rest + chunk.toString()).split('\n');
      rest = texts.pop() ?? '';
      for (const text of texts) {
        const line: unknown = JSON.parse(text);
        if (isRecord(line)) this.lines.push(line);
      }
    });
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    this.#ended = new Promise((resolve) => this.#child.on('close', resolve));
  }

  /** Waits until it has printed a line with these members. */
  async saw(members: Record<string, unknown>): Promise<void> {
    const isSeen = (): boolean => this.lines.some((line) => Object.entries(members).every(([key, value]) => line[key] === value));
    await eventually(() => {
      if (!isSeen()) throw new Error(`no line with ${JSON.stringify(members)} in ${JSON.stringify(this.lines)}\n${this.#errors}`);
    });
  }

  /** Waits for its end. @throws Error with everything it said where that is no success */
  async done(): Promise<Record<string, unknown>[]> {
    const code = await this.#ended;
    if (code !== 0) throw new Error(`client-go: exit ${code}\n${JSON.stringify(this.lines)}\n${this.#errors}`);
    return this.lines;
  }

  /** Ends its input, upon which it stops what it does. */
  async stop(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }

  /** Kills it as a power cut would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
