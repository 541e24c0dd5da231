/** What is held on to, in the heap and in buffers. Needs `node --expose-gc`. */
export function keptMiB(): number {
  const gc = globalThis.gc;
  if (gc === undefined) throw new Error('needs node --expose-gc');
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

export function rssMiB(): number {
  return process.memoryUsage.rss() / 2 ** 20;
}
