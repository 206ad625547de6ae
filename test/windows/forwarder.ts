// A Windows library of one function that is another library's, as its 1024 bytes. Programs written in Go ask bcryptprimitives.dll for
// their random numbers; Wine 8 lacks that library, though it has the function under another name.
// The layout is from Microsoft's "PE Format": headers, then one section with the table of exports.

const headerBytes = 0x200;
const sectionBytes = 0x200;
const sectionAddress = 0x1000;

interface Forwarder {
  library: string;
  name: string;
  /** `library.function` that is called instead. */
  target: string;
}

export function forwarderLibrary(forwarder: Forwarder): Buffer {
  const { section, usedBytes } = exportSection(forwarder);
  return Buffer.concat([headers(usedBytes), section]);
}

function exportSection({ library, name, target }: Forwarder): { section: Buffer; usedBytes: number } {
  const section = Buffer.alloc(sectionBytes);
  const [functions, names, ordinals] = [40, 44, 48];
  let usedBytes = 52;
  const text = (value: string): number => {
    const address = sectionAddress + usedBytes;
    usedBytes += section.write(`${value}\0`, usedBytes, 'latin1');
    return address;
  };
  section.writeUInt32LE(text(library), 12);
  for (const field of [16, 20, 24]) section.writeUInt32LE(1, field); // first ordinal, one function, one name
  section.writeUInt32LE(sectionAddress + functions, 28);
  section.writeUInt32LE(sectionAddress + names, 32);
  section.writeUInt32LE(sectionAddress + ordinals, 36);
  section.writeUInt32LE(text(target), functions); // an address within this table is a forwarder's name
  section.writeUInt32LE(text(name), names);
  return { section, usedBytes };
}

function headers(exportBytes: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  const [signature, optional, sectionTable] = [0x40, 0x58, 0x148];
  header.write('MZ');
  header.writeUInt32LE(signature, 0x3c);
  header.write('PE\0\0', signature, 'latin1');
  header.writeUInt16LE(0x8664, signature + 4); // x64
  header.writeUInt16LE(1, signature + 6); // one section
  header.writeUInt16LE(sectionTable - optional, signature + 20);
  header.writeUInt16LE(0x2022, signature + 22); // a library
  header.writeUInt16LE(0x20b, optional); // PE32+
  header.writeBigUInt64LE(0x180000000n, optional + 24); // preferred address
  header.writeUInt32LE(0x1000, optional + 32);
  header.writeUInt32LE(0x200, optional + 36);
  header.writeUInt16LE(6, optional + 40); // Windows 6
  header.writeUInt16LE(6, optional + 48);
  header.writeUInt32LE(0x2000, optional + 56); // bytes in memory
  header.writeUInt32LE(headerBytes, optional + 60);
  header.writeUInt16LE(3, optional + 68); // console
  header.writeUInt16LE(0x160, optional + 70); // may lie anywhere, holds no code
  header.writeUInt32LE(16, optional + 108);
  header.writeUInt32LE(sectionAddress, optional + 112);
  header.writeUInt32LE(exportBytes, optional + 116);
  header.write('.rdata', sectionTable);
  header.writeUInt32LE(sectionBytes, sectionTable + 8);
  header.writeUInt32LE(sectionAddress, sectionTable + 12);
  header.writeUInt32LE(sectionBytes, sectionTable + 16);
  header.writeUInt32LE(headerBytes, sectionTable + 20);
  header.writeUInt32LE(0x40000040, sectionTable + 36); // data to read
  return header;
}
