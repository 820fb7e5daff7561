// @ts-check
// Does one operation and kills itself right before or right after its call number N.
import { FaultyFileOperations } from '../FaultyFileOperations.mjs';
import { killAt } from '../faultRules.mjs';
import { optionsFor } from '../expectations.mjs';
import { operationNamed } from '../operations.mjs';
import { configurationIn, openModule } from '../store.mjs';

const [folder = '', name = '', at = '', when = ''] = process.argv.slice(2);
const operation = operationNamed(name);
const io = new FaultyFileOperations();
const module = await openModule(folder, { io, options: optionsFor(operation) });
const file = configurationIn(folder);
await operation.arm(module, file);
io.start(killAt(Number(at), when === 'after' ? 'after' : 'before'));
await operation.run(module, file);
// The run had fewer calls than the recorded one: nothing was killed.
process.exit(0);
