// Makes the calls that come as JSON on standard input with the vendor's TypeScript client, and writes what came of each.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [folder, base, token, organization, organizationId] = process.argv.slice(2);
const { createClient } = createRequire(folder + "/")("@tursodatabase/api");
const clients = {
  v1: createClient({ org: organization, token, baseUrl: base + "/v1/" }),
  v3: createClient({ orgId: organizationId, token, baseUrl: base + "/v3/" }),
};
const outcomes = [];
for (const [version, resource, method, ...parameters] of JSON.parse(readFileSync(0))) {
  try {
    outcomes.push({ value: (await clients[version][resource][method](...parameters)) ?? null });
  } catch (error) {
    outcomes.push({ error: [error.name, error.status ?? null, error.message] });
  }
}
console.log(JSON.stringify(outcomes));
