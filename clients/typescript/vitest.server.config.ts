import { defineConfig } from "vitest/config";

// Against a real server: `cargo xtask test --only client` brings one.
export default defineConfig({
	test: {
		include: ["test/server/*.test.{ts,tsx}"],
		globalSetup: ["test/server/setup.ts"],
		testTimeout: 120_000,
		hookTimeout: 120_000,
	},
});
