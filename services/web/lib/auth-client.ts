import { jwtClient } from "better-auth/client/plugins";
import { createAuthClient } from "better-auth/react";

/** Talks to /api/auth of the origin that the page came from. `authClient.token()` yields the JWT; a session holds none. */
export const authClient = createAuthClient({ plugins: [jwtClient()] });
