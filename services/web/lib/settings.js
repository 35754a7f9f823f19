/**
 * What the environment says, read once and understood as a whole.
 *
 * @typedef {object} Settings
 * @property {string} databaseUrl where Better Auth's tables are
 * @property {string | undefined} secret signs cookies and encrypts the signing keys at rest, unless there are `secrets`
 * @property {{ version: number, value: string }[] | undefined} secrets the same by version: the first one signs and encrypts, and
 *   all of them decrypt what was encrypted with them; `secret` then decrypts what is from before there were versions
 * @property {string} baseUrl the origin under which browsers see this app; the `iss` and `aud` of its tokens
 * @property {string} apiUrl where browsers reach the API
 * @property {string[]} trustedProxies addresses (CIDR) whose X-Forwarded-For is believed
 * @property {boolean} dangerRateLimitOff
 */

/** Every fault at once, so that nobody mends them one start at a time. */
export class SettingsError extends Error {
	/** @param {string[]} faults */
	constructor(faults) {
		super(`the settings have faults:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
		this.name = "SettingsError";
		this.faults = faults;
	}
}

/**
 * @param {Record<string, string | undefined>} environment
 * @returns {Settings}
 */
export function readSettings(environment) {
	/** @type {string[]} */
	const faults = [];
	const text = (/** @type {string} */ name) => environment[name]?.trim() || undefined;

	/**
	 * @param {string} name
	 * @param {string[]} schemes
	 * @param {string} example
	 */
	function url(name, schemes, example) {
		const value = text(name);
		if (value === undefined) {
			faults.push(`${name} is missing; for instance ${example}`);
			return undefined;
		}
		const parsed = URL.canParse(value) ? new URL(value) : null;
		// The value is not repeated: it may hold a password.
		if (!parsed || !schemes.includes(parsed.protocol)) {
			faults.push(`${name} is no URL like ${example}`);
			return undefined;
		}
		return { value, parsed };
	}

	const database = url(
		"DATABASE_URL",
		["postgres:", "postgresql:"],
		"postgres://better_auth:secret@127.0.0.1:5432/drawbridge",
	);
	const base = url("BETTER_AUTH_URL", ["http:", "https:"], "http://localhost:3000");
	const api = url("NEXT_PUBLIC_API_URL", ["http:", "https:"], "http://localhost:8000");
	if (base && (base.parsed.pathname !== "/" || base.parsed.search || base.parsed.hash)) {
		faults.push("BETTER_AUTH_URL has a path; it is scheme, host and port only");
	}

	const secret = text("BETTER_AUTH_SECRET");
	const secrets = text("BETTER_AUTH_SECRETS")?.split(",").map(versioned);
	if (secret === undefined && secrets === undefined) {
		faults.push("BETTER_AUTH_SECRET is missing; `openssl rand -base64 32` makes one");
	}
	if (secret !== undefined && secret.length < 32) {
		faults.push("BETTER_AUTH_SECRET is shorter than 32 characters; `openssl rand -base64 32` makes one");
	}
	if (
		secrets?.includes(null) ||
		new Set(secrets?.map((one) => one?.version)).size !== (secrets?.length ?? 0)
	) {
		faults.push(
			"BETTER_AUTH_SECRETS is no list like 2:…,1:… of versions, each once, and secrets of 32 characters or more",
		);
	}

	const off = text("DANGER_AUTH_RATE_LIMIT_OFF") ?? "false";
	if (off !== "true" && off !== "false") faults.push("DANGER_AUTH_RATE_LIMIT_OFF is neither true nor false");

	if (faults.length > 0 || !database || !base || !api) throw new SettingsError(faults);
	return {
		databaseUrl: database.value,
		secret,
		secrets: secrets?.filter((one) => one !== null),
		baseUrl: base.parsed.origin,
		apiUrl: api.parsed.href.replace(/\/$/, ""),
		trustedProxies: (text("BETTER_AUTH_TRUSTED_PROXIES") ?? "")
			.split(",")
			.map((proxy) => proxy.trim())
			.filter(Boolean),
		dangerRateLimitOff: off === "true",
	};
}

/** @param {string} text `2:secret` */
function versioned(text) {
	const [, version, value] = /^\s*(\d{1,9}):(\S{32,})\s*$/.exec(text) ?? [];
	return version && value ? { version: Number(version), value } : null;
}
