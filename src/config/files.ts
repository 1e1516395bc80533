import { readFileSync } from 'node:fs';

/**
 * Variables that may name a file instead, as `SECRET_KEYS_FILE` does: orchestrators mount secrets as files, which neither
 * `docker inspect` nor a child process shows.
 */
export const FILE_VARIABLES = ['DATABASE_URL', 'SECRET_KEYS', 'BOOTSTRAP_API_KEY'] as const;

/** The environment with what stands in files, and what is wrong with them, a line for each fault. */
export function readFileVariables(env: NodeJS.ProcessEnv): { env: NodeJS.ProcessEnv; faults: string[] } {
  const read: NodeJS.ProcessEnv = { ...env };
  const faults: string[] = [];
  for (const name of FILE_VARIABLES) {
    const path = env[`${name}_FILE`];
    if (!path) continue;
    if (env[name]) faults.push(`${name}_FILE is set beside ${name}; set one of them`);
    else {
      try {
        read[name] = readFileSync(path, 'utf8').trim();
        if (read[name] === '') faults.push(`${name}_FILE names a file that is empty; put the value of ${name} into it`);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        faults.push(`${name}_FILE names a file that cannot be read (${code}); give one that holds ${name}`);
      }
    }
  }
  return { env: read, faults };
}
