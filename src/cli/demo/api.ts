import { DemoError } from './demo-error.js';

interface GraphqlResponse<Data> {
  data?: Data | null;
  errors?: { message: string }[];
}

interface Payload {
  userErrors: { message: string }[];
}

/** The GraphQL API over HTTP, as any program would use it. */
export class Api {
  constructor(
    /** Such as `http://127.0.0.1:4000`. */
    readonly url: string,
    readonly apiKey: string,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws {DemoError} when it does not answer as asked. */
  async query<Data>(query: string, variables: object = {}): Promise<Data> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.apiKey}` },
      body: JSON.stringify({ query, variables }),
      signal: this.signal,
    });
    const { data, errors } = (await response.json()) as GraphqlResponse<Data>;
    if (errors || !data) throw new DemoError(`the API answered ${JSON.stringify(errors)} to ${query}`);
    return data;
  }

  /** Runs one mutation, which has to succeed, and answers its payload. */
  async mutate<Result>(mutation: string, variables: object): Promise<Result> {
    const data = await this.query<Record<string, Result & Payload>>(mutation, variables);
    const [[name, payload]] = Object.entries(data) as [[string, Result & Payload]];
    const [error] = payload.userErrors;
    if (error) throw new DemoError(`${name} was refused: ${error.message}`);
    return payload;
  }
}
