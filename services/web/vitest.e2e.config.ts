import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["e2e/**/*.test.ts"],
		reporters: ["verbose"],
		// A file is a story: each test begins where the one before has ended. One after the other, because some stop the servers.
		fileParallelism: false,
		// They share nothing but the modules that they read, and those are read once.
		isolate: false,
		testTimeout: 60_000,
		hookTimeout: 60_000,
	},
});
