import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** The widest line, in characters. */
export const WIDTH = 100;

const BAR_WIDTH = 40;

/** In front of what belongs to a heading. */
const INDENT = '   ';

export interface Output {
  write(text: string): unknown;
  /** Characters in a line; undefined where there are no lines on a screen. */
  readonly columns?: number;
}

/** Where the demonstration is shown. A rich screen has colours and a line at the bottom that changes in place. */
export class Screen {
  readonly isRich: boolean;
  readonly #output: Output;
  #status = '';

  constructor(output: Output, { isRich }: { isRich: boolean }) {
    this.#output = output;
    this.isRich = isRich;
  }

  paint(style: Style, text: string): string {
    return this.isRich ? styleText(style, text, { validateStream: false }) : text;
  }

  /** Writes a line, above the status. */
  line(text = ''): void {
    this.#output.write(`${this.#status && '\r\x1b[2K'}${text}\n${this.#status}`);
  }

  heading(number: number, text: string): void {
    this.line();
    this.line(this.paint(['bold', 'cyan'], `${number}. ${text}`));
  }

  /** A line that belongs to the heading. */
  detail(text: string, style?: Style): void {
    this.line(INDENT + (style ? this.paint(style, text) : text));
  }

  /** Something that was promised and has been checked. */
  kept(text: string): void {
    this.detail(`${this.paint('green', '✓')} ${text}`);
  }

  /** What the line at the bottom of a rich screen says; nothing to remove it. */
  status(text = ''): void {
    if (!this.isRich) return;
    const room = Math.min(WIDTH, (this.#output.columns ?? WIDTH) - 1) - INDENT.length;
    const shown = text && INDENT + this.paint('yellow', text.slice(0, room));
    if (shown === this.#status) return;
    this.#output.write(`${this.#status && '\r\x1b[2K'}${shown}`);
    this.#status = shown;
  }

  /** A bar that fills up in place; a few lines on a screen that is not rich. */
  bar(label: string, total: number): (done: number) => void {
    let quarters = 0;
    return (done) => {
      const filled = Math.floor((done / total) * BAR_WIDTH);
      const text = `${label}  [${'#'.repeat(filled).padEnd(BAR_WIDTH, '.')}]  ${done} of ${total}`;
      const reached = Math.floor((done / total) * 4);
      if (this.isRich && reached < 4) return this.status(text);
      if (reached === quarters) return;
      quarters = reached;
      this.status();
      this.detail(text, 'yellow');
    };
  }
}
