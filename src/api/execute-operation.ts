import { type ExecutionResult, execute } from 'graphql';
import type { ApiContext } from './context.js';
import { badUserInput } from './errors.js';
import { OPERATION_LIMITS } from './operation-limits.js';
import type { PreparedOperation } from './prepare-operation.js';

const TOO_SLOW = `This takes longer than ${OPERATION_LIMITS.milliseconds / 1_000} s. Take fewer at a time with \`first\` or \`last\`, give a narrower filter, or ask for less of each.`;

/**
 * Runs an operation, or makes an update of a subscription out of its event. What takes too long or grows too large is given
 * up, and nothing more is read for it. A mutation takes its time: nobody could tell whether what was cut off is done.
 */
export async function executeOperation(
  prepared: PreparedOperation,
  context: ApiContext,
  rootValue?: unknown,
): Promise<ExecutionResult> {
  const running = execute({ ...prepared, contextValue: context, rootValue });
  const result = await (prepared.operation.operation === 'mutation' ? running : within(running, context));
  const { refusal } = context.answer;
  return refusal ? { data: null, errors: [refusal] } : withFewErrors(result);
}

/** Errors of our own that a page of a hundred objects has a hundred times. */
function withFewErrors(result: ExecutionResult): ExecutionResult {
  const { errors = [] } = result;
  return errors.length > OPERATION_LIMITS.errors
    ? { ...result, errors: errors.slice(0, OPERATION_LIMITS.errors) }
    : result;
}

function within(running: Promise<ExecutionResult> | ExecutionResult, { answer }: ApiContext) {
  if (!(running instanceof Promise)) return running;
  return new Promise<ExecutionResult>((resolve, reject) => {
    const timeout = setTimeout(() => {
      answer.refuse(badUserInput(TOO_SLOW));
      resolve({});
    }, OPERATION_LIMITS.milliseconds);
    running.then(resolve, reject).finally(() => clearTimeout(timeout));
  });
}
