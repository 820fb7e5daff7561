import { runOnMemory } from '../support/onMemory.js';

await runOnMemory(() => import('../engine/mutate.test.js'));
