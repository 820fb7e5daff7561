import { runOnMemory } from '../support/onMemory.js';

await runOnMemory(() => import('../lock/waiting.test.js'));
