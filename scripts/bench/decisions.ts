import { createHandler, type Handle } from '../../src/admit/handler.ts';
import type { Facts, Minter } from '../../src/admit/ports.ts';
import { BUILT_IN_RESCHEDULERS } from '../../src/core/admission/reschedulers.ts';
import { TEMPLATE_PATHS } from '../../src/core/admission/workload.ts';
import { type InjectionSettings, NO_INJECTION } from '../../src/core/inject/settings.ts';
import { type Random, randomOf } from './random.ts';
import type { Latency } from './scale-page.ts';

/** Reviews, their text parsed, decided as the webhook does it. */
export function handlerOn(facts: Facts, settings: InjectionSettings = NO_INJECTION, minter?: Minter): Handle {
  return createHandler({
    facts,
    settings,
    minter,
    factsMaxAgeSeconds: 300,
    now: Date.now,
    reschedulers: BUILT_IN_RESCHEDULERS,
    templatePaths: TEMPLATE_PATHS,
  });
}

/**
 * One decision after the other, the event loop turned in between, so that a change which comes in first is waited for as
 * it would be. The yardstick is the parsing of the very same reviews, which no webhook gets around.
 */
export async function decide(
  handle: Handle,
  reviews: readonly string[],
  forSeconds: number,
): Promise<Latency> {
  const random = randomOf('decisions');
  const end = performance.now() + forSeconds * 1000;
  function* drawn() {
    while (performance.now() < end) yield draw(reviews, random);
  }
  return decideAll(handle, drawn());
}

export async function decideAll(handle: Handle, reviews: Iterable<string>): Promise<Latency> {
  const deadline = new AbortController().signal;
  const decisions: number[] = [];
  const parses: number[] = [];
  const verdicts: Record<string, number> = {};
  for (const text of reviews) {
    const began = performance.now();
    const body: unknown = JSON.parse(text);
    const parsed = performance.now();
    await turn();
    const { record } = await handle('change', body, { deadline });
    decisions.push(performance.now() - parsed);
    parses.push(parsed - began);
    verdicts[record.verdict] = (verdicts[record.verdict] ?? 0) + 1;
  }
  return {
    ...percentiles(decisions),
    parseP50Ms: percentiles(parses).p50Ms,
    decisions: decisions.length,
    verdicts,
  };
}

function draw(texts: readonly string[], random: Random): string {
  return texts[Math.floor(random() * texts.length)] ?? '';
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export function percentiles(times: readonly number[]): { p50Ms: number; p99Ms: number } {
  const sorted = Float64Array.from(times).toSorted();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}
