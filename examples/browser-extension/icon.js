// Draws the extension's icon as a PNG, because Chromium accepts no SVG in a manifest. It is the icon of the inbox's page.

import { deflateSync } from "node:zlib";

/** The sizes in pixels for which the manifest names a file. */
export const SIZES = [16, 32, 48, 128];

/** How many samples a pixel has in each direction. */
const SAMPLES = 4;

/** The icon's parts on a square of 32 by 32, the lowest first: how far a point is outside the part, and the part's colour. */
const PARTS = /** @type {[(x: number, y: number) => number, number[]][]} */ ([
  [(x, y) => outside(x - 16, y - 16, 9, 9) - 7, [0x01, 0x72, 0xad]],
  [(x, y) => outside(x - 16, y - 10, 9, 0) - 1.6, [0xff, 0xff, 0xff]],
  [(x, y) => outside(x - 13, y - 16, 6, 0) - 1.6, [0xff, 0xff, 0xff]],
  [(x, y) => outside(x - 10.5, y - 22, 3.5, 0) - 1.6, [0xff, 0xff, 0xff]],
  [(x, y) => outside(x - 23, y - 22, 0, 0) - 3.7, [0x9b, 0xe5, 0x64]],
]);

/**
 * How far a point is outside a rectangle around the origin, with these halves of its sides.
 *
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
function outside(x, y, width, height) {
  return Math.hypot(Math.max(Math.abs(x) - width, 0), Math.max(Math.abs(y) - height, 0));
}

/**
 * Draws the icon.
 *
 * @param {number} size In pixels.
 * @returns {Buffer} A PNG.
 */
export function icon(size) {
  const rows = [];
  for (let y = 0; y < size; y += 1) {
    // Each row begins with the number of its filter: none.
    const row = [0];
    for (let x = 0; x < size; x += 1) row.push(...pixel(x, y, 32 / size));
    rows.push(Buffer.from(row));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // Eight bits for each of red, green, blue and alpha.
  header.set([8, 6], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.concat(rows), { level: 9 });
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} scale
 */
function pixel(x, y, scale) {
  const sum = [0, 0, 0];
  let drawn = 0;
  for (let sample = 0; sample < SAMPLES ** 2; sample += 1) {
    const atX = (x + ((sample % SAMPLES) + 0.5) / SAMPLES) * scale;
    const atY = (y + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) * scale;
    const [, color] = PARTS.findLast(([distance]) => distance(atX, atY) <= 0) ?? [];
    if (!color) continue;
    drawn += 1;
    for (const index of [0, 1, 2]) sum[index] += color[index];
  }
  const alpha = Math.round((255 * drawn) / SAMPLES ** 2);
  return [...sum.map((value) => Math.round(value / Math.max(drawn, 1))), alpha];
}

/**
 * @param {string} type
 * @param {Buffer} data
 */
function chunk(type, data) {
  const content = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(checksum(content));
  return Buffer.concat([length, content, sum]);
}

/**
 * The CRC-32 of a chunk. `zlib.crc32` is not in every Node 20.
 *
 * @param {Buffer} bytes
 */
function checksum(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
  }
  return (rest ^ 0xffffffff) >>> 0;
}
