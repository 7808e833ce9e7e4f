/** How long a real process may take before a test gives up; generous, so that a slow machine decides nothing. */
const DEFAULT_TIMEOUT_MS = 90_000;
const POLL_MS = 50;

/** Tries `probe` until it answers without throwing, and answers that. @throws the last error of `probe` when the time is over */
export async function eventually<T>(probe: () => T | Promise<T>, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (Date.now() > endMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
