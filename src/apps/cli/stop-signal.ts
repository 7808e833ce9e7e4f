const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;
/** A signal that comes within this time of the one before is the same: a terminal sends Ctrl-C to each process of its group, and some of them pass it on. */
const SAME_MS = 400;
/** How often the process that started this one is looked for. */
const LOOK_MS = 1_000;
/** Set by what stands between a user and this process. */
const LAUNCHER = 'STOWAGE_LAUNCHER_PID';

/**
 * Aborts at the first signal, or when what a user started is gone without a word (SIGKILL); the next signal ends the process at once.
 * What is half-done then is finished by the next start, as after a kill.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let lastMs = 0;
  for (const [name, number] of Object.entries(SIGNALS))
    process.on(name, () => {
      const nowMs = Date.now();
      const isSame = nowMs - lastMs < SAME_MS;
      lastMs = nowMs;
      if (!controller.signal.aborted) controller.abort(name);
      else if (!isSame) endAtOnce(128 + number);
    });
  const launcher = process.env[LAUNCHER];
  // why: what this process starts has this process as its parent, and would take the launcher for gone
  delete process.env[LAUNCHER];
  if (launcher !== undefined) watchLauncher(Number(launcher), controller);
  return controller.signal;
}

function endAtOnce(exitCode: number): never {
  console.error('stowage: ended at once; the next start finishes what was left');
  process.exit(exitCode);
}

/** A process that is gone leaves its children to another, so the parent's number tells. */
function watchLauncher(pid: number, controller: AbortController): void {
  const timer = setInterval(() => {
    if (process.ppid === pid) return;
    clearInterval(timer);
    controller.abort('the process that started this one is gone');
  }, LOOK_MS);
  timer.unref();
}
