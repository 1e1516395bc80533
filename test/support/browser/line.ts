import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A line between a browser and a service, which can be cut. */
export class Line implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  readonly #server = createServer((socket) => {
    if (this.#isCut) return void socket.destroy();
    const { hostname, port } = new URL(this.target);
    const onward = connect(Number(port), hostname);
    for (const end of [socket, onward]) {
      this.#sockets.add(end);
      end.on('error', () => {});
      end.on('close', () => {
        this.#sockets.delete(end);
        socket.destroy();
        onward.destroy();
      });
    }
    socket.pipe(onward).pipe(socket);
  });

  private constructor(private readonly target: string) {}

  static async open(target: string): Promise<Line> {
    const line = new Line(target);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends what is under way, and lets nothing through. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
