// Runs on whatever Node 20 or newer the machine has: brings the checkout to where the pinned runtime can take over.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root. */
export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
/** The pinned Node of package.json. */
export const runtime = path.join(root, 'node_modules', '.bin', 'node');

/**
 * MiB of V8's young generation, per half. Measured: 8 takes 13 MiB less when idle than V8's own 16 and writes as fast;
 * 4 costs a tenth of the writes.
 */
const YOUNG_GENERATION_MIB = 8;
/** Sources as the runtime compiled them; goes with the packages when those are installed anew. */
const COMPILED = path.join(root, 'node_modules', '.cache', 'compiled');

/** Where the command line lies in few files, in a folder for each state of the sources. */
const SERVERS = path.join(root, 'dist', 'server');
/** What puts it there, from the sources. */
const SERVER_BUILDER = path.join(root, 'tools', 'build-server.mjs');
/** Folders that stay beside those that something runs from. */
const KEPT_SERVERS = 5;
/** A folder that a process is filling; its number follows. */
const BUILDING = '.building-';

/** The program and arguments that run the command line `stowage ARGS` on the pinned runtime, and the variables that it needs. */
export function stowageCommand(args) {
  return {
    program: runtime,
    args: [`--max-semi-space-size=${YOUNG_GENERATION_MIB}`, mainFile(), ...args],
    // why: without it each start strips and compiles all sources again: 0.25 s and 20 MiB
    env: { NODE_COMPILE_CACHE: COMPILED },
  };
}

/** The command line as it was built from these very sources, or the sources, which are the same and start slower. */
function mainFile() {
  const built = path.join(serverDir(), 'main.mjs');
  return existsSync(built) ? built : path.join(root, 'src', 'apps', 'cli', 'main.ts');
}

function serverDir() {
  return path.join(SERVERS, stateOf(path.join(root, 'src'), SERVER_BUILDER));
}

/** Tells states of the sources, and of what builds them, apart by place, size and time of each file: reading them all would take as long as it saves. */
function stateOf(folder, builder) {
  const hash = createHash('sha256').update(root);
  const add = (file) => {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file}\0${size}\0${mtimeMs}\0`);
  };
  const walk = (dir) => {
    for (const entry of readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = path.join(dir, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== 'console' || path.basename(dir) !== 'apps') walk(file);
      } else if (!entry.name.includes('.test.')) add(file);
    }
  };
  walk(folder);
  add(builder);
  return hash.digest('hex').slice(0, 16);
}

/** How often npm is looked for, in milliseconds. */
const LOOK_MS = 1_000;

/** Runs the command line `stowage ARGS` in place of this process: hands every signal on, and ends with it. */
export function handOver(args) {
  const command = stowageCommand(args);
  const env = { ...process.env, ...command.env, STOWAGE_LAUNCHER_PID: String(process.pid) };
  const child = spawn(command.program, command.args, { stdio: 'inherit', env });
  // why all: npm sends what it gets to this process alone; a terminal sends Ctrl-C to the child too, which takes the two for one
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // why only for npm: who started this in any other way may leave it running on purpose
  if (process.env.npm_execpath !== undefined) watchParent(() => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1)));
}

/** A parent that is killed says nothing, but leaves this process to another. */
function watchParent(onGone) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, LOOK_MS);
  timer.unref();
}

const MARK = path.join(root, 'node_modules', '.stowage-lock');
const CONSOLE_MARK = path.join(root, 'dist', 'console', '.sources');

/** Installs the locked packages unless they are there. */
export function ensurePackages() {
  const wanted = hashOf([path.join(root, 'package-lock.json')]);
  if (existsSync(runtime) && existsSync(MARK) && readFileSync(MARK, 'utf8') === wanted) return;
  // why: npm ci empties what a link leads to, which belongs to another checkout
  if (lstatSync(path.join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink())
    fail(
      'node_modules is a link to the packages of another checkout, and those differ from package-lock.json: remove the link and run the command again',
    );
  console.log('installing packages (npm ci) ...');
  run(['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (!existsSync(runtime)) {
    // why: some npm set-ups run no install scripts, and the npm package `node` fetches its binary in one
    run(['npm', 'rebuild', 'node', '--foreground-scripts', '--loglevel=error']);
  }
  if (!existsSync(runtime))
    fail('npm did not install the pinned Node: allow install scripts (npm config set ignore-scripts false) and run the command again');
  writeFileSync(MARK, wanted);
}

/** Builds the console unless the built one is of these sources. */
export function ensureConsole() {
  const wanted = hashOf([
    path.join(root, 'package-lock.json'),
    path.join(root, 'vite.config.ts'),
    ...filesBelow(path.join(root, 'src', 'apps', 'console')),
    ...filesBelow(path.join(root, 'src', 'api')),
  ]);
  if (existsSync(CONSOLE_MARK) && readFileSync(CONSOLE_MARK, 'utf8') === wanted) return;
  console.log('building the console (npm run build:console) ...');
  run([runtime, path.join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'error']);
  mkdirSync(path.dirname(CONSOLE_MARK), { recursive: true });
  writeFileSync(CONSOLE_MARK, wanted);
}

/** Builds the command line unless the built one is of these sources. A build that fails costs the start some tenths of a second, and nothing else. */
export function ensureServer() {
  const wanted = serverDir();
  if (existsSync(path.join(wanted, 'main.mjs'))) return markUsed(wanted);
  const coming = path.join(SERVERS, `${BUILDING}${process.pid}`);
  const { status } = spawnSync(runtime, [SERVER_BUILDER, coming], { cwd: root, stdio: 'inherit' });
  try {
    // why renamed: whoever looks meanwhile finds all of it or nothing
    if (status === 0) renameSync(coming, wanted);
  } catch {
    // why: another one was faster
  }
  rmSync(coming, { recursive: true, force: true });
  if (status === 0) forgetServers();
}

/** The newest are those that were built or started last. */
function markUsed(server) {
  try {
    const now = new Date();
    utimesSync(server, now, now);
  } catch {
    // why: a checkout that can't be written runs as well
  }
}

function forgetServers() {
  const names = readdirSync(SERVERS);
  const used = (name) => statSync(path.join(SERVERS, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const running = serversInUse();
  const old = names
    .filter((name) => !name.startsWith('.'))
    .sort((a, b) => used(b) - used(a))
    .slice(KEPT_SERVERS)
    .filter((name) => !running.has(name));
  const left = names.filter((name) => name.startsWith(BUILDING) && !isAlive(Number(name.slice(BUILDING.length))));
  for (const name of [...old, ...left]) rmSync(path.join(SERVERS, name), { recursive: true, force: true });
}

/** Those from which a process of this machine runs: it still reads parts of its folder. */
function serversInUse() {
  const commands = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? commandOf(name) : []));
  const files = commands.filter((word) => word.startsWith(`${SERVERS}${path.sep}`));
  return new Set(files.map((file) => path.relative(SERVERS, file).split(path.sep)[0]));
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // why: it has ended meanwhile
    return [];
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown.code === 'EPERM';
  }
}

/** Runs a command in the checkout with the terminal, and ends this process where it fails. */
export function run(argv, env = {}) {
  const [program, ...args] = argv;
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (result.error !== undefined) fail(`${program}: ${result.error.message}`);
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Prints why and ends with exit code 1. */
export function fail(message) {
  console.error(`stowage: ${message}`);
  process.exit(1);
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}
