import { randomUUID } from "node:crypto";
import { jwt } from "better-auth/plugins";

const DAY = 86_400;

/**
 * What Better Auth is told, apart from Next: the file to copy from (docs/better-auth.md says what happens without each part).
 * Plain JavaScript, so that scripts/migrate.mjs reads the same options under plain Node: the tables are made for exactly what the
 * app runs with.
 *
 * @param {import("pg").Pool} database
 */
export function authOptions(database) {
	return /** @satisfies {import("better-auth").BetterAuthOptions} */ ({
		database,
		emailAndPassword: { enabled: true },
		user: {
			additionalFields: {
				// The user's id in the API. A column that is not declared here does not reach definePayload: the claim would be
				// silently absent. `input: false` keeps anybody from choosing theirs.
				uuid: { type: "string", required: false, input: false, returned: true, unique: true },
			},
			// With the password again; sessions and everything that the API keeps of the user go along.
			deleteUser: { enabled: true },
		},
		databaseHooks: {
			user: {
				create: {
					// `api-server migrate` gives the column a default. Where the API keeps to a database of its own nobody does, and
					// tokens would say `"uuid": null`. Not `defaultValue` above: where a client sends a uuid, `input: false` puts that
					// function in place of its value, and the insert fails (422) instead of being refused (400).
					before: async (user) => ({ data: { ...user, uuid: randomUUID() } }),
				},
			},
		},
		// No `session.cookieCache`: with it, /token makes tokens for sessions that were signed out, as long as the cookie is cached.
		rateLimit: {
			// On in production, by default. Whoever guesses a password here is as slow as at the door.
			customRules: { "/delete-user": { window: 10, max: 3 } },
		},
		plugins: [
			jwt({
				// A key signs for a month. Its public half stays listed for a day after that, while the tokens that it signed live for
				// a quarter of an hour.
				jwks: {
					keyPairConfig: { alg: "EdDSA", crv: "Ed25519" },
					rotationInterval: 30 * DAY,
					gracePeriod: DAY,
				},
				jwt: {
					// `iss` and `aud` are baseURL unless told otherwise, `sub` is user.id.
					expirationTime: "15m",
					// Replaces Better Auth's default, which is the whole user: the API needs no name and no address.
					definePayload: ({ user, session }) => ({ uuid: user.uuid, sid: session.id }),
				},
			}),
		],
		telemetry: { enabled: false },
	});
}
