/** Runs for every item, at most `width` of them at a time. The first failure is thrown, and nothing new is begun then. */
export async function inTurns<T>(
  width: number,
  items: Iterable<T>,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const rest = [...items].values();
  let failed = false;
  async function work(): Promise<void> {
    for (const item of rest) {
      if (failed) return;
      try {
        await run(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }
  await Promise.all(Array.from({ length: width }, work));
}
