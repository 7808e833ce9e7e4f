export async function startNode(_: unknown): Promise<{ logs: never; limits: readonly string[]; stop(): Promise<void> }> {
  return { logs: undefined as never, limits: [], stop: async () => {} };
}
