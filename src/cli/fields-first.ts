import type { Logger } from '../telemetry/logger.ts';

/** The logger as the rooms that read facts call one: fields first, as pino has it. */
export function fieldsFirst(logger: Logger) {
  return {
    info: (fields: object, message: string) => logger.info(message, { ...fields }),
    warn: (fields: object, message: string) => logger.warn(message, { ...fields }),
  };
}
