import { runOnMemory } from '../support/onMemory.js';

await runOnMemory(() => import('../schema/onAnyStore.js'));
