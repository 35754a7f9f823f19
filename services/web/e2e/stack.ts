import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { type Browser, chromium } from "playwright-core";

// `cargo xtask test --only e2e` starts a stack for these tests, and tells of it in the environment.
export const webUrl = fromEnvironment("E2E_WEB_URL");
export const apiUrl = fromEnvironment("E2E_API_URL");
const controlsUrl = fromEnvironment("E2E_CONTROLS_URL");
const databaseUrl = fromEnvironment("E2E_DATABASE_URL");

const screenshots = fileURLToPath(new URL("screenshots/", import.meta.url));
mkdirSync(screenshots, { recursive: true });
export const screenshot = (name: string) => `${screenshots}${name}.png`;
/** What was measured and is not held to a limit, because it depends on the machine and what else it does. */
export const measurements = `${screenshots}measurements.json`;

type Server = "web" | "api";

/** The two servers, for tests that are about one of them going away. Each call ends when it is done. */
export const servers = {
	stop: (server: Server) => control("POST", `${server}/stop`),
	start: (server: Server) => control("POST", `${server}/start`),
	/** The web app as it is in production: with Better Auth's limits on attempts. */
	startRateLimited: () => control("POST", "web/start-rate-limited"),
	/** All that it has logged since the stack was started. */
	log: (server: Server) => control("GET", `${server}/log`),
	async restart(server: Server) {
		await servers.stop(server);
		await servers.start(server);
	},
};

async function control(method: string, path: string): Promise<string> {
	const answer = await fetch(`${controlsUrl}/${path}`, { method, headers: { Connection: "close" } });
	const text = await answer.text();
	if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
	return text;
}

/** As an administrator of the database: for what an operator does, or time. */
export async function sql(statement: string, values: unknown[] = []) {
	const client = new pg.Client({ connectionString: databaseUrl });
	await client.connect();
	try {
		return (await client.query(statement, values)).rows;
	} finally {
		await client.end();
	}
}

export function startBrowser(): Promise<Browser> {
	const executablePath = [process.env.E2E_BROWSER, process.env.CHROMIUM_PATH, "/usr/bin/chromium"].find(
		(path) => path && existsSync(path),
	);
	return chromium.launch({
		// Without one, Playwright takes the browser that `npx playwright-core install chromium` has fetched.
		...(executablePath ? { executablePath } : {}),
		args: [
			"--disable-gpu",
			"--disable-quic",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
			// Chromium's sandbox refuses to run as root, which is what one is in a container.
			...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
		],
	});
}

function fromEnvironment(name: string): string {
	const value = process.env[name];
	if (!value) throw new Error(`${name} is missing: run \`cargo xtask test --only e2e\``);
	return value.replace(/\/$/, "");
}
