export type Note = (text: string) => void;
export type Screen = {
  step<T>(title: string, work: (note: Note) => T | Promise<T>, isGood?: (result: T) => boolean): Promise<T>;
  line(text?: string): void;
  fail(error: unknown): void;
  paint(code: number, text: string): string;
};
export function createScreen(options?: { out?: NodeJS.WriteStream }): Screen;
export function seconds(ms: number): string;
