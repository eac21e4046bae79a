// The vendor's client on Node: node vendor.mjs FOLDER URL CALLS, where FOLDER has @tursodatabase/api installed.
// It has no call for an instance, so it deletes databases: the same request, one path segment shorter.
import { createRequire } from "node:module";
import { join } from "node:path";
const [folder, base, calls] = process.argv.slice(2);
const { createClient } = createRequire(join(folder, "x.js"))("@tursodatabase/api");
const turso = createClient({ org: "org", token: "benchmark-token", baseUrl: `${base}/v1/` });
await turso.databases.delete("warm");
const memory = () => process.resourceUsage().maxRSS * 1024;
const seconds = (used) => (used.user + used.system) / 1e6;
const before = memory(), started = performance.now(), processor = process.cpuUsage();
let next = 0;
const work = async () => { while (next < Number(calls)) await turso.databases.delete(`i${next++}`); };
await Promise.all(Array.from({ length: 64 }, work));
console.log(JSON.stringify({
  processor: seconds(process.cpuUsage(processor)),
  wall: (performance.now() - started) / 1e3,
  memory: memory() - before,
}));
