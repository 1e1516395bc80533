import { createServer } from 'node:http';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { closeServer, listen } from './listen.js';

export interface MetricsServerOptions {
  host: string;
  /** 0 picks a free one. */
  port: number;
  metrics: Metrics;
  log: Log;
}

export interface MetricsServer {
  /** Such as `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
  close(): Promise<void>;
}

const PATH = '/metrics';

/**
 * Shows the metrics to Prometheus, on a port of its own: they are for the operator, not for customers.
 *
 * @throws {ListenError} when it cannot listen there; the message says what to do.
 */
export async function startMetricsServer({ host, port, metrics, log }: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer(async (request, response) => {
    if (request.url?.split('?')[0] !== PATH) {
      response
        .writeHead(404, { 'content-type': 'text/plain' })
        .end(`There is nothing here. The metrics are at ${PATH}.`);
      return;
    }
    try {
      const text = await metrics.print();
      response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
    } catch (error) {
      log.error({ err: error }, 'metrics not told');
      response.writeHead(500, { 'content-type': 'text/plain' }).end('The metrics could not be read; the log says why.');
    }
  });
  const url = await listen(server, { host, port, portVariable: 'METRICS_PORT' });
  return { url: url + PATH, close: () => closeServer(server) };
}
