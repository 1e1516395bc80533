import { CommandError } from './command-error.js';

interface GraphqlResponse<Data> {
  data?: Data | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

interface Payload {
  userErrors: { message: string }[];
}

export interface ApiOptions {
  /** Of the service, such as `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly apiKey: string;
  readonly signal?: AbortSignal;
}

/** The GraphQL API over HTTP, as any program would use it. */
export class Api {
  constructor(private readonly options: ApiOptions) {}

  get url(): string {
    return this.options.url;
  }

  get apiKey(): string {
    return this.options.apiKey;
  }

  /** @throws {CommandError} when it does not answer as asked. */
  async query<Data>(query: string, variables: object = {}): Promise<Data> {
    const { data, errors } = await this.#post<Data>(JSON.stringify({ query, variables }));
    if (!errors && data) return data;
    const [{ message, extensions } = { message: 'nothing' }] = errors ?? [];
    if (extensions?.code === 'UNAUTHENTICATED') throw new CommandError(`${this.url} does not know this API key.`);
    throw new CommandError(`${this.url} answered: ${message}`);
  }

  /** Runs one mutation, which has to succeed, and answers its payload. */
  async mutate<Result>(mutation: string, variables: object): Promise<Result> {
    const data = await this.query<Record<string, Result & Payload>>(mutation, variables);
    const [[name, payload]] = Object.entries(data) as [[string, Result & Payload]];
    const [error] = payload.userErrors;
    if (error) throw new CommandError(`${name} was refused: ${error.message}`);
    return payload;
  }

  async #post<Data>(body: string): Promise<GraphqlResponse<Data>> {
    const { url, apiKey, signal } = this.options;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` };
    try {
      const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body, signal });
      return (await response.json()) as GraphqlResponse<Data>;
    } catch (error) {
      signal?.throwIfAborted();
      const { cause, message } = error as Error;
      const why = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message;
      throw new CommandError(`${url} does not answer as a RevKeen Webhooks service does: ${why}.`);
    }
  }
}
