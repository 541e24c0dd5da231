/** What an ELF program or library says of itself: for which machine it is, and what it needs. 64 bits, little-endian. */
import type { Architecture } from './inputs.ts';

export interface Elf {
  readonly architecture: Architecture;
  /** The path of the loader; a library has none. */
  readonly interpreter: string | undefined;
  /** File names of shared libraries. */
  readonly needed: readonly string[];
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const magic = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
const machines: Readonly<Record<number, Architecture>> = { 62: 'amd64', 183: 'arm64' };
const segmentTypes = { load: 1, dynamic: 2, interpreter: 3 } as const;
const tags = { end: 0, needed: 1, strings: 5 } as const;
const dynamicEntryBytes = 16;

/** elf(5). Fails when `file` is none, or for a machine that there is no image for. */
export function readElf(file: Buffer): Elf {
  if (!file.subarray(0, magic.length).equals(magic)) throw new Error('this is no 64-bit ELF file');
  const machine = file.readUInt16LE(0x12);
  const architecture = machines[machine];
  if (architecture === undefined) throw new Error(`there is no image for ELF machine ${machine}`);
  const segments = segmentsOf(file);
  const interpreter = segments.find(({ type }) => type === segmentTypes.interpreter);
  return {
    architecture,
    interpreter: interpreter && textAt(file, interpreter.offset),
    needed: neededOf(file, segments),
  };
}

function segmentsOf(file: Buffer): readonly Segment[] {
  const [start, size, count] = [numberAt(file, 0x20), file.readUInt16LE(0x36), file.readUInt16LE(0x38)];
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    return {
      type: file.readUInt32LE(at),
      offset: numberAt(file, at + 8),
      address: numberAt(file, at + 16),
      size: numberAt(file, at + 32),
    };
  });
}

function neededOf(file: Buffer, segments: readonly Segment[]): readonly string[] {
  const dynamic = segments.find(({ type }) => type === segmentTypes.dynamic);
  if (dynamic === undefined) return [];
  const entries = Array.from({ length: dynamic.size / dynamicEntryBytes }, (_, index) => {
    const at = dynamic.offset + index * dynamicEntryBytes;
    return { tag: numberAt(file, at), value: numberAt(file, at + 8) };
  });
  const used = entries.slice(
    0,
    entries.findIndex(({ tag }) => tag === tags.end),
  );
  const address = used.find(({ tag }) => tag === tags.strings)?.value ?? 0;
  const strings = offsetOf(address, segments);
  return used.filter(({ tag }) => tag === tags.needed).map(({ value }) => textAt(file, strings + value));
}

function offsetOf(address: number, segments: readonly Segment[]): number {
  const holds = ({ type, ...at }: Segment) =>
    type === segmentTypes.load && address >= at.address && address < at.address + at.size;
  const segment = segments.find(holds);
  if (segment === undefined) throw new Error('this ELF file has no table of names');
  return segment.offset + address - segment.address;
}

function numberAt(file: Buffer, at: number): number {
  return Number(file.readBigUInt64LE(at));
}

function textAt(file: Buffer, at: number): string {
  return file.toString('latin1', at, file.indexOf(0, at));
}
