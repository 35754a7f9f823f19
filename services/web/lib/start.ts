import { readSettings, SettingsError } from "./settings.js";

/** Faulty settings end the process before it serves anything, with all of them named. 64 is EX_USAGE. */
export function checkStart() {
	try {
		const { dangerRateLimitOff } = readSettings(process.env);
		if (dangerRateLimitOff) {
			console.warn(
				"DANGER_AUTH_RATE_LIMIT_OFF: passwords can be guessed as fast as this server answers; for tests only",
			);
		}
	} catch (error) {
		if (!(error instanceof SettingsError)) throw error;
		console.error(error.message);
		process.exit(64);
	}
}
