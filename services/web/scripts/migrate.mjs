// Makes or updates Better Auth's tables. Settings come from the environment or from .env; see .env.example.
// Run `api-server migrate` afterwards: it gives "user".uuid its type and its default.
//
// --reset-password gives a role that exists the password of DATABASE_URL, where it logs in with another one now.
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import nextEnv from "@next/env";
import { migrate } from "../lib/migrate.js";

let resetPassword = false;
try {
	const { values } = parseArgs({ options: { "reset-password": { type: "boolean", default: false } } });
	resetPassword = values["reset-password"];
} catch (error) {
	console.error(`migrate: ${error.message}`);
	process.exit(64);
}

const quiet = { info() {}, error: console.error };
nextEnv.loadEnvConfig(
	fileURLToPath(new URL("..", import.meta.url)),
	process.env.NODE_ENV !== "production",
	quiet,
);

const databaseUrl = process.env.DATABASE_URL?.trim();
const administratorUrl = process.env.DATABASE_MIGRATION_URL?.trim() || undefined;

for (const [name, url] of Object.entries({
	DATABASE_URL: databaseUrl,
	DATABASE_MIGRATION_URL: administratorUrl,
})) {
	const optional = name === "DATABASE_MIGRATION_URL";
	if (url === undefined ? optional : URL.canParse(url)) continue;
	console.error(`migrate: ${name} is ${url ? "no URL" : "missing"}; see services/web/.env.example`);
	process.exit(64);
}

if (resetPassword && !administratorUrl) {
	console.error("migrate: --reset-password needs DATABASE_MIGRATION_URL; see services/web/.env.example");
	process.exit(64);
}

try {
	await migrate({ databaseUrl, administratorUrl, resetPassword, say: console.log });
} catch (error) {
	// A host with several addresses fails once for each. None of these messages repeats the URL.
	const causes = error instanceof AggregateError ? error.errors : [error];
	console.error(`migrate: ${causes.map((cause) => cause?.message ?? String(cause)).join("; ")}`);
	if (causes.some(({ code }) => code === "28P01") && !administratorUrl) {
		console.error("migrate: is there such a role? With DATABASE_MIGRATION_URL set, it is made");
	}
	process.exit(1);
}
