import { betterAuth } from "better-auth";
import { nextCookies } from "better-auth/next-js";
import { authOptions } from "./auth-options.js";
import { openPool } from "./database.js";
import { readSettings, type Settings } from "./settings.js";

function create(settings: Settings) {
	const options = authOptions(openPool(settings.databaseUrl));
	return betterAuth({
		...options,
		baseURL: settings.baseUrl,
		...(settings.secret ? { secret: settings.secret } : {}),
		...(settings.secrets ? { secrets: settings.secrets } : {}),
		trustedOrigins: [settings.baseUrl],
		advanced: { ipAddress: { trustedProxies: settings.trustedProxies } },
		// Better Auth's own default (on in production), unless this is a test that signs up users by the dozen.
		...(settings.dangerRateLimitOff ? { rateLimit: { ...options.rateLimit, enabled: false } } : {}),
		// nextCookies() has to be the last: it passes on the cookies that the plugins before it have set.
		plugins: [...options.plugins, nextCookies()],
	});
}

// `next dev` loads modules anew with every edit; the pool and its connections stay.
const kept = globalThis as { drawbridge?: { settings: Settings; auth: ReturnType<typeof create> } };

/** Made with the first request and not on import: `next build` imports this too, and knows no database and no secret. */
function app() {
	if (!kept.drawbridge) {
		const settings = readSettings(process.env);
		kept.drawbridge = { settings, auth: create(settings) };
	}
	return kept.drawbridge;
}

export const auth = () => app().auth;
export const settings = () => app().settings;
