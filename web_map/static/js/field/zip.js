/** A ZIP archive without compression, made of blobs and read back; refuses compressed members and more than 4 GiB. */

const CRC = Uint32Array.from({ length: 256 }, (_, n) =>
  Array.from({ length: 8 }).reduce((/** @type {number} */ c) => (c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1), n),
);
const MOST_BYTES = 0xffff_ffff;
const UTF8_NAMES = 0x0800;

/** @typedef {{name: string, bytes: Blob}} Member */

/** @param {Member[]} members @returns {Promise<Blob>} */
export async function zipped(members) {
  const checked = await Promise.all(members.map(async (each) => ({ ...each, crc: await crc32(each.bytes) })));
  /** @type {BlobPart[]} */
  const parts = [];
  /** @type {ArrayBuffer[]} */
  const directory = [];
  let offset = 0;
  for (const { name, bytes, crc } of checked) {
    const path = new TextEncoder().encode(name);
    const sizes = [crc, bytes.size, bytes.size];
    const local = header(0x04034b50, [20, UTF8_NAMES, 0, 0, 33], sizes, [path.length, 0]);
    parts.push(local, path, bytes);
    const central = header(0x02014b50, [20, 20, UTF8_NAMES, 0, 0, 33], sizes, [path.length, 0, 0, 0, 0], [0, offset]);
    directory.push(central, /** @type {ArrayBuffer} */ (path.buffer));
    offset += local.byteLength + path.length + bytes.size;
  }
  if (offset > MOST_BYTES) throw new RangeError("more than 4 GiB");
  const size = directory.reduce((sum, part) => sum + part.byteLength, 0);
  const end = header(0x06054b50, [0, 0, members.length, members.length], [size, offset], [0]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

/** A record of an archive: a signature, 16-bit fields, 32-bit fields, 16-bit fields, 32-bit fields. @param {number} signature @param {...number[]} fields */
function header(signature, ...fields) {
  const width = fields.reduce((sum, group, place) => sum + group.length * (place % 2 === 0 ? 2 : 4), 4);
  const view = new DataView(new ArrayBuffer(width));
  view.setUint32(0, signature, true);
  let at = 4;
  fields.forEach((group, place) => {
    for (const value of group) {
      if (place % 2 === 0) view.setUint16(at, value, true);
      else view.setUint32(at, value, true);
      at += place % 2 === 0 ? 2 : 4;
    }
  });
  return view.buffer;
}

/** @param {Blob} archive @returns {Promise<Member[]>} */
export async function unzipped(archive) {
  const tail = new DataView(await archive.slice(-22).arrayBuffer());
  if (tail.byteLength < 22 || tail.getUint32(0, true) !== 0x06054b50) throw new TypeError("not such an archive");
  const [size, offset] = [tail.getUint32(12, true), tail.getUint32(16, true)];
  const directory = new DataView(await archive.slice(offset, offset + size).arrayBuffer());
  const found = [];
  for (let at = 0; at < size; ) {
    if (directory.getUint16(at + 10, true) !== 0) throw new TypeError("a compressed member");
    const length = directory.getUint16(at + 28, true);
    const name = new TextDecoder().decode(new Uint8Array(directory.buffer, at + 46, length));
    const begin = directory.getUint32(at + 42, true) + 30 + length;
    found.push({ name, bytes: archive.slice(begin, begin + directory.getUint32(at + 24, true)) });
    at += 46 + length + directory.getUint16(at + 30, true) + directory.getUint16(at + 32, true);
  }
  return found;
}

/** @param {Blob} blob */
async function crc32(blob) {
  const reader = blob.stream().getReader();
  let sum = 0xffffffff;
  const more = async () => {
    const { done, value } = await reader.read();
    if (done) return;
    for (const byte of value) sum = CRC[(sum ^ byte) & 0xff] ^ (sum >>> 8);
    await more();
  };
  await more();
  return (sum ^ 0xffffffff) >>> 0;
}
