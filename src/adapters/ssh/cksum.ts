const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) {
    crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc;
});

/** What POSIX `cksum` prints for the content: CRC, a blank, the length. A guard against accidents, not against malice. */
export function cksum(content: Buffer): string {
  let crc = 0;
  for (const byte of content) {
    crc = next(crc, byte);
  }
  for (let length = content.length; length > 0; length = Math.floor(length / 256)) {
    crc = next(crc, length & 255);
  }
  return `${~crc >>> 0} ${content.length}`;
}

function next(crc: number, byte: number): number {
  return ((crc << 8) ^ (TABLE[((crc >>> 24) ^ byte) & 255] ?? 0)) >>> 0;
}
