import { createResources } from '../../src/core/scope/resources.ts';

/** The built-in table; made once, since it is the same for every test. */
export const TEST_RESOURCES = createResources();
