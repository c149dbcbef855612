/* A sum that costs a machine as much as a person: find a number whose hash with the challenge begins with enough
   zeros. SHA-256 is written out here because a browser's own one cannot be asked fast enough, and not at all over
   plain HTTP. The other side is surveys/ways/puzzling.py. */
"use strict";

const K = new Uint32Array(64);
const FIRST = new Uint32Array(8);

/* The constants of the standard: fractional parts of the roots of the first primes. */
(function () {
  const part = (x) => ((x - Math.floor(x)) * 4294967296) | 0;
  let found = 0;
  for (let n = 2; found < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (!prime) continue;
    if (found < 8) FIRST[found] = part(Math.sqrt(n));
    K[found++] = part(Math.cbrt(n));
  }
})();

const W = new Uint32Array(64);

function block(state, bytes, at) {
  for (let i = 0; i < 16; i++, at += 4) W[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15], y = W[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

function firstWord(text, head, done) {
  /* `head` is the state after the whole blocks that never change. */
  const rest = text.length - done;
  const size = ((rest + 8) >> 6) + 1;
  const bytes = new Uint8Array(size * 64);
  for (let i = 0; i < rest; i++) bytes[i] = text.charCodeAt(done + i);
  bytes[rest] = 0x80;
  new DataView(bytes.buffer).setUint32(size * 64 - 4, text.length * 8);
  const state = head.slice();
  for (let i = 0; i < size; i++) block(state, bytes, i * 64);
  return state[0];
}

function solve(challenge) {
  const bits = Number(challenge.split(".")[1]);
  if (!(bits > 0 && bits <= 24)) return "";
  const fixed = challenge + ".";
  const done = fixed.length - (fixed.length % 64);
  const head = FIRST.slice();
  const start = Uint8Array.from(fixed.slice(0, done), (letter) => letter.charCodeAt(0));
  for (let at = 0; at < done; at += 64) block(head, start, at);
  for (let n = 0; n < 4294967296; n++) if (firstWord(fixed + n, head, done) >>> (32 - bits) === 0) return String(n);
  return "";
}

self.onmessage = (event) => self.postMessage(solve(event.data));
