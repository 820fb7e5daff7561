import { runOnMemory } from '../support/onMemory.js';

await runOnMemory(() => import('../backup/listingAndDeleting.test.js'));
