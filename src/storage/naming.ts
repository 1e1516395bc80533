import { DefaultNamingStrategy } from 'typeorm';

/** `nextAttemptAt` in TypeScript and GraphQL is `next_attempt_at` in SQL. */
export class SnakeCaseColumns extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}
