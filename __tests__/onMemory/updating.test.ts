import { runOnMemory } from '../support/onMemory.js';

await runOnMemory(() => import('../engine/updating.test.js'));
