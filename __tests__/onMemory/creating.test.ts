import { runOnMemory } from '../support/onMemory.js';

await runOnMemory(() => import('../backup/creating.test.js'));
