import { describe, expect, it } from "vitest";
import { readSettings, SettingsError } from "../lib/settings.js";

const good = {
	DATABASE_URL: "postgres://better_auth:secret@127.0.0.1:5432/drawbridge",
	BETTER_AUTH_SECRET: "0123456789abcdef0123456789abcdef",
	BETTER_AUTH_URL: "http://localhost:3000",
	NEXT_PUBLIC_API_URL: "http://localhost:8000",
};

function faults(environment: Record<string, string | undefined>): string[] {
	try {
		readSettings(environment);
	} catch (error) {
		if (error instanceof SettingsError) return error.faults;
		throw error;
	}
	return [];
}

describe("the settings", () => {
	it("are read from four variables", () => {
		expect(readSettings(good)).toEqual({
			databaseUrl: good.DATABASE_URL,
			secret: good.BETTER_AUTH_SECRET,
			secrets: undefined,
			baseUrl: "http://localhost:3000",
			apiUrl: "http://localhost:8000",
			trustedProxies: [],
			dangerRateLimitOff: false,
		});
	});

	it("have all their faults told at once", () => {
		const names = faults({}).map((fault) => fault.split(" ")[0]);
		expect(names.sort()).toEqual([
			"BETTER_AUTH_SECRET",
			"BETTER_AUTH_URL",
			"DATABASE_URL",
			"NEXT_PUBLIC_API_URL",
		]);
	});

	it.each([
		["DATABASE_URL", "mysql://root:hunter2@localhost/x"],
		["DATABASE_URL", "localhost:5432"],
		["BETTER_AUTH_URL", "web.example:3000"],
		["BETTER_AUTH_URL", "http://localhost:3000/api/auth"],
		["NEXT_PUBLIC_API_URL", "ftp://localhost"],
		["BETTER_AUTH_SECRET", "too short a secret"],
		["BETTER_AUTH_SECRET", "   "],
		["BETTER_AUTH_SECRETS", "0123456789abcdef0123456789abcdef"],
		["BETTER_AUTH_SECRETS", "2:short"],
		["BETTER_AUTH_SECRETS", "-1:0123456789abcdef0123456789abcdef"],
		["BETTER_AUTH_SECRETS", "1:0123456789abcdef0123456789abcdef,1:fedcba9876543210fedcba9876543210"],
		["DANGER_AUTH_RATE_LIMIT_OFF", "yes"],
	])("name a fault in %s (%s) without repeating the value", (name, value) => {
		const told = faults({ ...good, [name]: value });
		expect(told).toHaveLength(1);
		expect(told[0]).toMatch(new RegExp(`^${name} `));
		if (value.trim()) expect(told[0]).not.toContain(value);
	});

	it("take a slash at the end for none", () => {
		const read = readSettings({
			...good,
			BETTER_AUTH_URL: "https://a.example/",
			NEXT_PUBLIC_API_URL: "https://a.example/api/",
		});
		expect(read.baseUrl).toBe("https://a.example");
		expect(read.apiUrl).toBe("https://a.example/api");
	});

	it("take secrets by version, with the old one beside them or without", () => {
		const BETTER_AUTH_SECRETS = "2:fedcba9876543210fedcba9876543210, 1:00112233445566778899aabbccddeeff";
		const secrets = [
			{ version: 2, value: "fedcba9876543210fedcba9876543210" },
			{ version: 1, value: "00112233445566778899aabbccddeeff" },
		];
		expect(readSettings({ ...good, BETTER_AUTH_SECRETS })).toMatchObject({
			secret: good.BETTER_AUTH_SECRET,
			secrets,
		});
		const { BETTER_AUTH_SECRET: _, ...without } = good;
		expect(readSettings({ ...without, BETTER_AUTH_SECRETS })).toMatchObject({ secret: undefined, secrets });
	});

	it("know the proxies, and the switch for tests", () => {
		const read = readSettings({
			...good,
			BETTER_AUTH_TRUSTED_PROXIES: "10.0.0.0/8, ::1,",
			DANGER_AUTH_RATE_LIMIT_OFF: "true",
		});
		expect(read.trustedProxies).toEqual(["10.0.0.0/8", "::1"]);
		expect(read.dangerRateLimitOff).toBe(true);
	});
});
