import { CONFIG_SCHEMA } from '../api/config.ts';
import { createValidator, type ShapeProblem } from '../api/validate.ts';
import { FORMATS } from './formats.ts';

/** Compares a value with the schema and fills in the defaults, in place. Every problem at once. */
export function validateConfig(value: unknown): readonly ShapeProblem[] {
  return createValidator(CONFIG_SCHEMA, FORMATS)(value);
}
