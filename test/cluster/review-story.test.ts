import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Person, people } from '../../scripts/cluster/layout.ts';
import { sharedCluster } from '../support/cluster.ts';
import { openReviewShop, type ReviewShop, SHOP } from '../support/review-shop.ts';
import { readStory, rewriteStory, type Scene } from '../support/review-story.ts';
import { maskedRun, withoutColumns } from '../support/story-masks.ts';
import { type Approval, approveOnPage } from '../support/story-page.ts';
import { gatherPeople, type StoryPeople } from '../support/story-people.ts';

/** docs/review.md, played as it is told. UPDATE_GOLDEN=1 writes what is printed into the page. */

const cluster = sharedCluster();
const story = await readStory();
const masked = maskedRun();
const played = new Map<Scene, string>();
const APPROVAL = 'agreed with the importer team, until release 2';
const UI = 'kubectl countersign ui';

let shop: ReviewShop | undefined;
let crowd: StoryPeople | undefined;
let approval: Approval | undefined;
let stopped: unknown;

beforeAll(async () => {
  shop = await openReviewShop(cluster, story.setUp);
  crowd = await gatherPeople(cluster, SHOP, story.files);
  // What was printed before says why.
  await play(shop, crowd).catch((error: unknown) => {
    stopped = error;
  });
  if (process.env['UPDATE_GOLDEN'] === '1') {
    await rewriteStory([...story.scenes.map((scene) => played.get(scene) ?? scene.text), await audited()]);
  }
});
afterAll(async () => {
  await crowd?.remove();
  await shop?.stop();
});

async function play({ until }: ReviewShop, from: StoryPeople): Promise<void> {
  for (const scene of story.scenes) {
    await until(scene.once);
    let text = '';
    for (const { command } of scene.runs)
      text += `$ ${command}\n${await printed(from, scene.person, command)}`;
    played.set(scene, text);
  }
}

async function printed(from: StoryPeople, person: Person, command: string): Promise<string> {
  const real = masked.real(command);
  if (!command.startsWith(UI)) return masked.shown(await from.run(person, real));
  const said = await from.runDuring(person, real, async (soFar) => {
    await vi.waitUntil(() => soFar().includes('The link works once'), { timeout: 20_000 });
    approval = await approveOnPage(/http:\S+/u.exec(soFar())?.[0] ?? '', APPROVAL);
  });
  return masked.shown(said);
}

const TOLD: readonly string[] = ['deployments', 'denials', 'accessgrants', 'accessdecisions'];
const WRITES: readonly string[] = ['create', 'update', 'patch', 'delete'];

/** What people wrote, a line each: who, what, and how the API server answered. */
async function audited(): Promise<string> {
  const events = await cluster.auditLog(
    ({ user, verb, resource, namespace }) =>
      namespace === SHOP &&
      people.some((person) => person === user) &&
      TOLD.includes(resource) &&
      WRITES.includes(verb),
  );
  return events
    .map(({ user, verb, resource, code, annotations }) => {
      const decision = annotations['change.countersign.dev/decision'] ?? '';
      return `${user}  ${verb.padEnd(6)}  ${resource.padEnd(15)}  ${code}  ${decision}`.trimEnd();
    })
    .map((line) => `${line}\n`)
    .join('');
}

describe('the story of a refusal', () => {
  it.each(
    story.scenes.map((scene) => [scene.person, scene.runs.map(({ command }) => command).join('; '), scene]),
  )('%s: %s', (_person, _commands, scene) => {
    expect(withoutColumns(played.get(scene) ?? '')).toBe(withoutColumns(scene.text));
  });

  it('goes on to its end', () => {
    expect(stopped).toBeUndefined();
  });

  it('shows whoever approves the very scopes, and breaks no rule of its page', () => {
    expect(approval?.read).toContain('get,list secrets in shop');
    expect(approval?.complaints).toEqual([]);
  });

  it('is in the audit log with the names of both', async () => {
    await expect.poll(audited, { timeout: 10_000 }).toBe(story.audit);
    expect(people.every((person) => story.audit.includes(person))).toBe(true);
  });
});
