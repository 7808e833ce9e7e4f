import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '../eventually.ts';

const MODULES = '/usr/lib/modules';
const VIRTIOFSD = '/usr/lib/qemu/virtiofsd';
const FIRMWARE = '/usr/share/qemu/qboot.rom';
/** Far more than a guest takes to come up without hardware help (5 s), so that a slow machine decides nothing. */
const BOOT_TIMEOUT_MS = 120_000;
const COMMAND_TIMEOUT_MS = 120_000;

/** The Debian kernel that guests run; undefined where there is none. */
export function guestKernel(): string | undefined {
  if (!existsSync(MODULES)) return undefined;
  return readdirSync(MODULES).find((version) => version.includes('cloud') && existsSync(`/boot/vmlinuz-${version}`));
}

/** A command of a guest that failed. */
export class GuestCommandFailed extends Error {
  readonly code: number;
  /** What it printed, both streams. */
  readonly said: string;

  constructor(script: string, code: number, said: string) {
    super(`in the guest: ${script}\nexit code ${code}:\n${said}`);
    this.code = code;
    this.said = said;
  }
}

/**
 * A virtual machine for what this machine's own kernel does not have (an NFS client, a device mapper, growth of mounted ext4).
 * Its root is this machine's, read-only under a layer in memory, so what is installed here is there; `/data` is a disk of its own.
 */
export class Guest {
  readonly #dir: string;
  readonly #processes: ChildProcess[] = [];
  #channel: Socket | undefined;
  readonly #answers: ((line: string) => void)[] = [];

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Boots a guest; resolves when it takes commands. @throws Error with its console where it does not come up */
  static async start(options: { readonly memoryMiB: number }): Promise<Guest> {
    const guest = new Guest(mkdtempSync(path.join(tmpdir(), 'stowage-guest-')));
    try {
      await guest.#boot(options.memoryMiB);
      return guest;
    } catch (error) {
      const console = guest.#console();
      await guest.stop();
      throw new Error(`the guest did not come up: ${String(error)}\n${console}`, { cause: error });
    }
  }

  /** Runs a shell script and answers what it printed, both streams. One at a time. @throws GuestCommandFailed for another exit code than 0 */
  async run(script: string): Promise<string> {
    const line = await within(COMMAND_TIMEOUT_MS, `in the guest: ${script}`, this.#ask(script));
    const [code = '', said = ''] = line.split(' ');
    const text = Buffer.from(said, 'base64').toString('utf8');
    if (code !== '0') throw new GuestCommandFailed(script, Number(code), text);
    return text;
  }

  /** Turns it off, as a power cut does, and removes everything of it. */
  async stop(): Promise<void> {
    this.#channel?.destroy();
    for (const child of this.#processes.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #boot(memoryMiB: number): Promise<void> {
    const kernel = guestKernel();
    if (kernel === undefined) throw new Error('there is no cloud kernel: apt-get install linux-image-cloud-amd64');
    const file = (name: string): string => path.join(this.#dir, name);
    execFileSync('sh', [path.join(import.meta.dirname, 'make-machine.sh'), kernel, this.#dir]);
    this.#spawn(VIRTIOFSD, [`--socket-path=${file('host')}`, '-o', 'source=/', '-o', 'cache=always', '-o', 'sandbox=chroot']);
    await eventually(() => (existsSync(file('host')) ? Promise.resolve() : Promise.reject(new Error('virtiofsd has no socket yet'))));
    this.#spawn('qemu-system-x86_64', this.#machine({ kernel, memoryMiB, file }));
    this.#channel = await eventually(() => connect(file('commands')));
    const lines = createInterface({ input: this.#channel });
    const ready = new Promise<void>((resolve) => this.#answers.push(() => resolve()));
    lines.on('line', (line) => this.#answers.shift()?.(line));
    await within(BOOT_TIMEOUT_MS, 'boot', ready);
  }

  /** Always without hardware help: what a virtual machine is given inside another one fails in many ways. */
  #machine(of: { readonly kernel: string; readonly memoryMiB: number; readonly file: (name: string) => string }): readonly string[] {
    const { kernel, memoryMiB, file } = of;
    return [
      ['-M', 'q35', '-accel', 'tcg,thread=multi,tb-size=256', '-cpu', 'max', '-smp', '2'],
      ['-nodefaults', '-no-user-config', '-nographic', '-no-reboot', '-bios', FIRMWARE],
      ['-m', String(memoryMiB), '-object', `memory-backend-memfd,id=memory,size=${memoryMiB}M,share=on`, '-numa', 'node,memdev=memory'],
      ['-kernel', `/boot/vmlinuz-${kernel}`, '-initrd', file('initramfs')],
      ['-append', 'console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off', '-serial', `file:${file('console')}`],
      ['-chardev', `socket,id=host,path=${file('host')}`, '-device', 'vhost-user-fs-pci,chardev=host,tag=host,queue-size=1024'],
      ['-drive', `file=${file('disk')},format=raw,if=none,id=disk,cache=unsafe,discard=unmap`, '-device', 'virtio-blk-pci,drive=disk'],
      ['-device', 'virtio-serial-pci', '-chardev', `socket,id=commands,path=${file('commands')},server=on,wait=off`],
      ['-device', 'virtserialport,chardev=commands,name=commands'],
    ].flat();
  }

  #spawn(program: string, args: readonly string[]): void {
    const child = spawn(program, args, { stdio: 'ignore' });
    this.#processes.push(child);
  }

  #ask(script: string): Promise<string> {
    const channel = this.#channel;
    if (channel === undefined) throw new Error('the guest is off');
    return new Promise((resolve) => {
      this.#answers.push(resolve);
      channel.write(`${Buffer.from(script, 'utf8').toString('base64')}\n`);
    });
  }

  #console(): string {
    const file = path.join(this.#dir, 'console');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }
}

async function connect(file: string): Promise<Socket> {
  const socket = createConnection(file);
  await once(socket, 'connect');
  return socket;
}

async function within<T>(timeoutMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing after ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
