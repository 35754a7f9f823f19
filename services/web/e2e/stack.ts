import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";

/** The stack that is running: `cargo xtask test` starts one of its own, `cargo xtask dev` one for you to look at. */
export const webUrl = fromEnvironment("E2E_WEB_URL", "http://localhost:3000");
export const apiUrl = fromEnvironment("E2E_API_URL", "http://localhost:8000");

const screenshots = fileURLToPath(new URL("screenshots/", import.meta.url));
mkdirSync(screenshots, { recursive: true });
export const screenshot = (name: string) => `${screenshots}${name}.png`;

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

function fromEnvironment(name: string, example: string): string {
	const value = process.env[name];
	if (!value) throw new Error(`${name} is missing: the URL of a running stack, for instance ${example}`);
	return value.replace(/\/$/, "");
}
