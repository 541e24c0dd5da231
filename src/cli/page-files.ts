import { CountersignError } from '../core/errors.ts';
import type { PageFiles } from '../server/review/app.ts';

/** Put there by scripts/build.ts. */
declare const COUNTERSIGN_PAGE: PageFiles | undefined;

export function pageFiles(): PageFiles {
  if (typeof COUNTERSIGN_PAGE !== 'undefined') return COUNTERSIGN_PAGE;
  throw new CountersignError(
    'ERR_CONFIG',
    'the page is part of the bundle alone: npm run build, and then node dist/countersign.cjs ui',
  );
}
