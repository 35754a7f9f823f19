import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["e2e/**/*.test.ts"],
		reporters: ["verbose"],
		// One story: each test begins where the one before has ended.
		bail: 1,
		fileParallelism: false,
		testTimeout: 60_000,
		hookTimeout: 60_000,
	},
});
