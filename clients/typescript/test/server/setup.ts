import type { TestProject } from "vitest/node";
import { type Ground, migrate, startApi, startBetterAuth } from "./ground.js";

/** Both servers, for all tests: a real Better Auth and the real API on one database, which `cargo xtask test` hands over. */
export default async function setup(project: TestProject) {
	const { DATABASE_MIGRATION_URL: adminUrl, API_SERVER: program } = process.env;
	if (!adminUrl || !program)
		throw new Error(
			"DATABASE_MIGRATION_URL (of an empty database) and API_SERVER (the program) are missing: cargo xtask test --only client",
		);
	const as = (role: string) => {
		const url = new URL(adminUrl);
		url.username = role;
		url.password = `of ${role} in these tests`;
		return url.href;
	};
	const ground: Ground = {
		program,
		adminUrl,
		betterAuthUrl: as("better_auth"),
		apiUrl: as("tasks_api"),
	};
	await migrate(ground);
	const betterAuth = await startBetterAuth(ground);
	const api = await startApi(ground, betterAuth.url);
	project.provide("ground", ground);
	project.provide("authUrl", betterAuth.url);
	project.provide("apiUrl", api.url);
	return async () => {
		await Promise.all([api.stop(), betterAuth.stop()]);
	};
}
