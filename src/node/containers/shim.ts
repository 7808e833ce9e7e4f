import { spawn } from 'node:child_process';
import type { RunPaths } from '../node-paths.ts';
import { inTerminal } from './terminal.ts';
import { RUN_FILES } from './run-state.ts';

/**
 * Runs one container in the foreground of a process of its own that survives the platform, and leaves how it ended in `state/exit`.
 * Arguments: id, busybox, runc, runc's root, image root, the program that copies the image ('' = it is mounted under a layer of the run's own), file that
 * counts OOM kills ('' = do not look), its input ('' = none), and the command that runs it in the foreground.
 * An input is a FIFO that a sleeping process holds open, so that attachments may come and go.
 * `state/pid` appears when the container runs; where it never appeared, `start-error` says why.
 * Whoever makes `state/shim` decides: a shim that finds it was given up by the node and leaves.
 * `state/exit.next` has its place on the disk from the beginning and becomes `state/exit`: a full disk hides no end.
 * The root is unmounted before `state/exit` appears, so whoever sees the exit finds nothing left.
 */
const SCRIPT = `
id=$1 busybox=$2 runc=$3 root=$4 image=$5 copier=$6 oomfile=$7 stdin=$8
shift 8
set -C
echo $$ >state/shim || exit
set +C
if [ -n "$copier" ]; then
  "$copier" -a "$image/." rootfs/ >start-error 2>&1 && "$busybox" mount -o bind rootfs rootfs >>start-error 2>&1
else
  "$busybox" mount -t overlay overlay -o "lowerdir=$image,upperdir=upper,workdir=work" rootfs >start-error 2>&1
fi
code=$?
if [ $code = 0 ]; then
  if [ -n "$stdin" ]; then
    "$busybox" mkfifo -m 600 "$stdin"
    "$busybox" sleep 2147483647 >"$stdin" &
    holder=$!
    echo $holder >state/stdin-holder
  fi
  "$@" <"\${stdin:-/dev/null}" >>log 2>&1
  code=$?
  [ -z "$holder" ] || kill $holder
  [ -e state/pid ] || "$busybox" mv log start-error
  if [ -n "$oomfile" ] && "$busybox" grep -q '^oom_kill [1-9]' "$oomfile"; then oom=oom; fi
  [ ! -e "$root/$id" ] || "$runc" --root "$root" --log /dev/null delete --force "$id" >/dev/null 2>&1
  "$busybox" umount rootfs
fi
echo "$code $oom" 1<>state/exit.next && "$busybox" mv state/exit.next state/exit
`;

/** What a shim is told. */
export interface ShimOptions {
  readonly run: RunPaths;
  readonly busybox: string;
  readonly runc: string;
  readonly runcRoot: string;
  /** Relative to the run's directory, so that no character of the data directory's path can break mount options. */
  readonly imageRoot: string;
  /** cp(1), where the image is copied; undefined = it is mounted under a layer of the run's own. */
  readonly copier?: string | undefined;
  /** '' where the container has no memory limit. */
  readonly oomFile: string;
  /** Whether it has an input that can be attached to. */
  readonly hasStdin: boolean;
  /** script(1), where it has a terminal. */
  readonly script?: string | undefined;
  /** Told when the process could not be started at all. */
  readonly onError: (error: Error) => void;
}

/** Starts the shim in a session of its own: neither Ctrl-C nor the death of the platform reaches it. */
export function spawnShim(options: ShimOptions): void {
  const { run } = options;
  const isAttachable = options.hasStdin || options.script !== undefined;
  const args = [
    run.runtimeId,
    options.busybox,
    options.runc,
    options.runcRoot,
    options.imageRoot,
    options.copier ?? '',
    options.oomFile,
    isAttachable ? RUN_FILES.stdin : '',
    ...commandOf(options),
  ];
  const child = spawn(options.busybox, ['sh', '-c', SCRIPT, 'stowage-shim', ...args], {
    cwd: run.dir,
    detached: true,
    stdio: 'ignore',
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  child.on('error', options.onError);
  child.unref();
}

function commandOf({ run, runc, runcRoot, oomFile, busybox, script }: ShimOptions): string[] {
  const keep = oomFile === '' ? [] : ['--keep'];
  const argv = [
    runc,
    '--root',
    runcRoot,
    '--log',
    '/dev/null',
    'run',
    ...keep,
    '--bundle',
    '.',
    '--pid-file',
    RUN_FILES.pid,
    run.runtimeId,
  ];
  return script === undefined ? argv : inTerminal({ script, busybox, argv, nameTo: RUN_FILES.terminal });
}
