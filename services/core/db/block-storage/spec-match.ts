// Whether a reported value is what an extra spec asks for, by Cinder's operators: the first word of the spec is the operator, the second
// its operand; without an operator the whole text must be equal. Pure.
//
// Source: cinder/scheduler/filters/extra_specs_ops.py. `=` means "at least", as there.

export type Capability = string | number | boolean;

type Compare = (actual: string, wanted: string) => boolean;

/** A number as Python's float() reads decimal text; null for anything else. */
function tryNumber(text: string): number | null {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : null;
}

function numbers(test: (actual: number, wanted: number) => boolean): Compare {
  return (actual, wanted) => {
    const [a, b] = [tryNumber(actual), tryNumber(wanted)];
    return a !== null && b !== null && test(a, b);
  };
}

/** Python's bool_from_string: whatever is not one of these words is false. */
function isTrue(text: string): boolean {
  return /^(?:1|t|true|on|y|yes)$/i.test(text);
}

const operators: Readonly<Record<string, Compare>> = {
  '=': numbers((a, b) => a >= b),
  '==': numbers((a, b) => a === b),
  '!=': numbers((a, b) => a !== b),
  '>=': numbers((a, b) => a >= b),
  '<=': numbers((a, b) => a <= b),
  's==': (actual, wanted) => actual === wanted,
  's!=': (actual, wanted) => actual !== wanted,
  's<': (actual, wanted) => actual < wanted,
  's<=': (actual, wanted) => actual <= wanted,
  's>': (actual, wanted) => actual > wanted,
  's>=': (actual, wanted) => actual >= wanted,
  '<in>': (actual, wanted) => actual.includes(wanted),
  '<is>': (actual, wanted) => isTrue(actual) === isTrue(wanted),
};

/** `<or> a <or> b`: one of the words at the odd places. */
function oneOf(actual: string, words: readonly string[]): boolean {
  return words.some((word, index) => index % 2 === 1 && word === actual);
}

/** True when the reported value is what the extra spec asks for. */
export function specMatches(reported: Capability, wanted: string): boolean {
  const actual = String(reported);
  const words = wanted.split(/\s+/).filter((word) => word !== '');
  const [operator = '', operand] = words;
  if (operator === '<or>') return oneOf(actual, words);
  const compare = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (compare !== undefined) return operand !== undefined && compare(actual, operand);
  // Truth values are written as Python prints them, or not.
  if (typeof reported === 'boolean') return actual === wanted.trim().toLowerCase();
  return actual === wanted;
}
