/** Whether the connections that two modules have declared fit together. */
import type { ConnectionInfo } from '../../../interfaces/framework.js';
import { haveCommonKind } from './ConnectionTable.js';

/** One of the two modules. */
export interface ExchangeEnd {
  moduleId: string;
  inputs: readonly ConnectionInfo[];
  outputs: readonly ConnectionInfo[];
}

/**
 * False where both modules have declared connections to each other and no kind of data passes any pair of them. Modules
 * that have declared nothing yet can exchange data: connections may follow, and messages need none.
 */
export function canExchange(one: ExchangeEnd, other: ExchangeEnd): boolean {
  const pairs = [...declaredPairs(one, other), ...declaredPairs(other, one)];
  return pairs.length === 0 || pairs.some(([output, input]) => haveCommonKind(output, input));
}

/** Each output from `source` to `target` with each input of `target` from `source`. */
function declaredPairs(source: ExchangeEnd, target: ExchangeEnd): [ConnectionInfo, ConnectionInfo][] {
  const outputs = source.outputs.filter((output) => output.targetModuleId === target.moduleId);
  const inputs = target.inputs.filter((input) => input.sourceModuleId === source.moduleId);
  return outputs.flatMap((output) => inputs.map((input): [ConnectionInfo, ConnectionInfo] => [output, input]));
}
