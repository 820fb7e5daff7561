/** By the rules of the policy. */
import type { RetentionRule } from '../../../../interfaces/backups.js';
import { RetentionAction } from '../../../../interfaces/enums.js';
import type { Condition } from '../conditionFacts.js';
import { parseCondition } from '../ruleCondition.js';
import type { Verdict } from '../Verdict.js';
import { fifo } from './fifo.js';
import type { Strategy } from './Strategy.js';

/** A rule may name its action in either way of writing an enum. */
const ACTIONS: Readonly<Record<`${RetentionAction}`, RetentionAction>> = {
  keep: RetentionAction.KEEP,
  delete: RetentionAction.DELETE,
  compress: RetentionAction.COMPRESS,
  archive: RetentionAction.ARCHIVE,
};

/**
 * The rules are asked in order of falling priority, those of the same priority as they are written; the first whose
 * condition holds decides. `keep`, `compress` and `archive` keep, whatever the limits say, and the backup counts towards
 * no limit. What no rule decided is limited as in fifo.
 */
export const priorityBased: Strategy = {
  prepareSingleVerdicts: ({ priorityRules = [] }) => {
    const rules = priorityRules.toSorted((left, right) => right.priority - left.priority).map(prepareRule);
    return (candidate, now) => rules.find(({ holds }) => holds(candidate, now))?.verdict;
  },
  findExcess: fifo.findExcess,
};

function prepareRule(rule: RetentionRule): { holds: Condition; verdict: Verdict } {
  const called = rule.description === '' ? '' : ` ${JSON.stringify(rule.description)}`;
  const reason = `the rule${called} of priority ${rule.priority} says so`;
  return { holds: parseCondition(rule.condition), verdict: { action: ACTIONS[rule.action], reason } };
}
